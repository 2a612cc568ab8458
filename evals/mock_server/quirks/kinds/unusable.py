"""Replies of status 200 that are no chat completion, and failures reported in them."""

from __future__ import annotations

import gzip
import json

from starlette.responses import JSONResponse, Response

from evals.mock_server.quirks.call import Call, refuse
from evals.mock_server.quirks.table import quirk


@quirk()
def none(call: Call) -> Response:
    """The ideal server."""
    return call.true()


@quirk()
def choices_null(call: Call) -> Response:
    """Every other reply has null for choices."""
    return JSONResponse({**call.completion, "choices": None}) if call.odd else call.true()


@quirk()
def choices_empty(call: Call) -> Response:
    """Every other reply has no choices."""
    return JSONResponse({**call.completion, "choices": []}) if call.odd else call.true()


@quirk()
def choices_missing(call: Call) -> Response:
    """Every other reply is an object without choices."""
    return JSONResponse({"detail": "starting"}) if call.odd else call.true()


@quirk(stops="without choices", most_calls=24)
def choices_null_always(call: Call) -> Response:
    """Every reply has null for choices."""
    return JSONResponse({**call.completion, "choices": None})


@quirk()
def message_null(call: Call) -> Response:
    """Every other reply has null for its message."""
    if call.odd:
        call.choice["message"] = None
    return call.true()


@quirk()
def message_empty(call: Call) -> Response:
    """Every other reply has an empty text."""
    if call.odd:
        call.choice["message"] = {"role": "assistant", "content": ""}
    return call.true()


@quirk()
def message_a_string(call: Call) -> Response:
    """Every other message is a bare string."""
    if call.odd:
        call.choice["message"] = "hello"
    return call.true()


@quirk()
def first_choice_empty(call: Call) -> Response:
    """The first choice is empty and the second one is good."""
    call.completion["choices"].insert(0, {"index": 0, "message": {"role": "assistant", "content": None}})
    return call.true()


@quirk()
def error_502_in_200(call: Call) -> Response:
    """Every other 200 reports another server's 502."""
    return JSONResponse({"error": {"message": "Provider returned error", "code": 502}}) if call.odd else call.true()


@quirk()
def error_429_in_200(call: Call) -> Response:
    """Every other 200 reports a rate limit."""
    return JSONResponse({"error": {"message": "Rate limit exceeded", "code": 429}}) if call.odd else call.true()


@quirk()
def error_words_in_200(call: Call) -> Response:
    """Every other 200 reports a rate limit by a word."""
    error = {"message": "slow down", "type": "rate_limit_error"}
    return JSONResponse({"error": error}) if call.odd else call.true()


@quirk()
def error_text_in_200(call: Call) -> Response:
    """Every other 200 has a text for its error."""
    return JSONResponse({"error": "upstream closed the connection"}) if call.odd else call.true()


@quirk(stops="Insufficient credits.*add credit", most_calls=6)
def error_402_in_200_always(call: Call) -> Response:
    """Every 200 reports that there is no credit."""
    return JSONResponse({"error": {"message": "Insufficient credits", "code": 402}})


@quirk(stops="OPENAI_API_KEY.*--attacker-key-env", most_calls=6)
def error_401_in_200_always(call: Call) -> Response:
    """Every 200 reports a wrong key."""
    return JSONResponse({"error": {"message": "Unauthorized", "code": "401"}})


@quirk()
def error_in_choice(call: Call) -> Response:
    """Every other choice holds an error object."""
    if call.odd:
        call.choice.update(finish_reason="error", error={"code": 502, "message": "Upstream idle timeout"})
        call.choice["message"] = {"role": "assistant", "content": ""}
    return call.true()


@quirk()
def html_page(call: Call) -> Response:
    """Every other 200 is a web page."""
    page = "<html><h1>One moment please</h1></html>"
    return Response(page, media_type="text/html") if call.odd else call.true()


@quirk(stops="no JSON", most_calls=24)
def html_page_always(call: Call) -> Response:
    """Every 200 is a web page."""
    return Response("<html><h1>Welcome</h1></html>", media_type="text/html")


@quirk()
def html_502(call: Call) -> Response:
    """Every other reply is a 502 with a web page."""
    page = "<html><h1>502 Bad Gateway</h1>nginx</html>"
    return Response(page, 502, media_type="text/html") if call.odd else call.true()


@quirk()
def event_stream(call: Call) -> Response:
    """Every other reply is a stream of events that nobody asked for."""
    page = 'data: {"choices": [{"delta": {"content": "4"}}]}\n\ndata: [DONE]\n\n'
    return Response(page, media_type="text/event-stream") if call.odd else call.true()


@quirk()
def body_empty(call: Call) -> Response:
    """Every other 200 has an empty body."""
    return Response(b"", media_type="application/json") if call.odd else call.true()


@quirk()
def body_cut(call: Call) -> Response:
    """Every other body is cut, and its length says otherwise."""
    text = json.dumps(call.completion).encode()
    return Response(text[: len(text) // 2], media_type="application/json") if call.odd else call.true()


@quirk()
def body_null(call: Call) -> Response:
    """Every other body is null."""
    return JSONResponse(None) if call.odd else call.true()


@quirk()
def body_a_list(call: Call) -> Response:
    """Every other body is a list."""
    return JSONResponse([call.completion]) if call.odd else call.true()


@quirk()
def gzip_broken(call: Call) -> Response:
    """Every other body says gzip and is none."""
    if call.odd:
        return Response(b"\x1f\x8b\x08notgzip", media_type="application/json", headers={"Content-Encoding": "gzip"})
    return call.true()


@quirk(most_calls=8)
def gzip_sound(call: Call) -> Response:
    """Every body is gzip."""
    packed = gzip.compress(json.dumps(call.completion).encode())
    return Response(packed, media_type="application/json", headers={"Content-Encoding": "gzip"})


@quirk(most_calls=8)
def byte_order_mark(call: Call) -> Response:
    """Every body begins with a byte order mark."""
    return Response(b"\xef\xbb\xbf" + json.dumps(call.completion).encode(), media_type="application/json")


@quirk(most_calls=8)
def keep_alive_blanks(call: Call) -> Response:
    """Every body begins with blank lines."""
    return Response("\n\n  \n" + json.dumps(call.completion), media_type="application/json")


@quirk(most_calls=8)
def text_plain(call: Call) -> Response:
    """Every body is declared as plain text."""
    return Response(json.dumps(call.completion), media_type="text/plain")


@quirk(most_calls=8)
def bare_minimum(call: Call) -> Response:
    """Replies hold choices and messages and no other field."""
    filled = {name: value for name, value in call.message.items() if value is not None}
    return JSONResponse({"choices": [{"message": filled}]})


@quirk(most_calls=8)
def role_missing(call: Call) -> Response:
    """Messages have no role."""
    call.message.pop("role")
    return call.true()


@quirk(most_calls=8)
def finish_odd(call: Call) -> Response:
    """Finish reasons, times and object names are none of the API's."""
    call.choice["finish_reason"] = "eos"
    call.completion.update(created="2026-01-01T00:00:00Z", object="text_completion", service_tier="odd")
    return call.true()


@quirk(most_calls=8)
def another_model(call: Call) -> Response:
    """Replies name another model."""
    call.completion["model"] = "another-model-2026"
    return call.true()


@quirk(most_calls=8)
def megabytes_of_blanks(call: Call) -> Response:
    """Replies end in three megabytes of blanks."""
    return call.with_text(lambda text: text + " " * 3_000_000)


@quirk()
def out_of_memory_once(call: Call) -> Response:
    """The first call of each seat is a 500."""
    return refuse(500, "CUDA out of memory") if call.number == 1 else call.true()
