"""Errors in shapes that no documentation has, rare statuses, and bodies that are not encoded as they say."""

from __future__ import annotations

import json

from starlette.responses import JSONResponse, Response

from evals.mock_server.quirks.call import Call, refuse
from evals.mock_server.quirks.table import quirk


@quirk()
def error_a_list(call: Call) -> Response:
    """Every other 200 has a list for its error."""
    return JSONResponse({"error": [{"message": "busy"}]}) if call.odd else call.true()


@quirk()
def error_deep(call: Call) -> Response:
    """Every other 200 reports a rate limit two levels down."""
    error = {"message": "Provider returned error", "metadata": {"raw": {"error": {"code": 429}}}}
    return JSONResponse({"error": error}) if call.odd else call.true()


@quirk(stops="OPENAI_API_KEY", most_calls=8)
def error_a_text_401(call: Call) -> Response:
    """401 has a text for its error."""
    return JSONResponse({"error": "invalid api key"}, 401)


@quirk()
def error_null_500(call: Call) -> Response:
    """Every other reply is a 500 whose error is null."""
    return JSONResponse({"error": None}, 500) if call.odd else call.true()


@quirk()
def error_a_number_429(call: Call) -> Response:
    """Every other reply is a 429 whose body is a number."""
    return JSONResponse(429, 429) if call.odd else call.true()


@quirk()
def success_with_error_null(call: Call) -> Response:
    """Replies have an error of null, and another of an empty object."""
    call.completion.update(error=None)
    call.choice.update(error={})
    return call.true()


@quirk(stops="413|too large|--max-output-tokens|context", most_calls=24)
def too_large_413(call: Call) -> Response:
    """Every request is too large, says 413."""
    return refuse(413, "Request Entity Too Large")


@quirk(seats=("judge",), max_candidates=8, most_calls=80)
def too_large_413_at_times(call: Call) -> Response:
    """Now and then a prompt of the judge's is too large, says 413 with a web page."""
    if call.number % 7 == 3:
        return Response("<html><h1>413 Payload Too Large</h1></html>", 413, media_type="text/html")
    return call.true()


@quirk()
def r403_throttled(call: Call) -> Response:
    """Says with 403 that requests are throttled, with a time to wait."""
    words = "Request throttled: too many requests"
    return refuse(403, words, headers={"Retry-After": "1"}) if call.number in (1, 4) else call.true()


@quirk()
def r403_blocked_once(call: Call) -> Response:
    """A firewall's page says 403 to one prompt amid successes."""
    page = "<html><title>Attention Required! | Cloudflare</title></html>"
    return Response(page, 403, media_type="text/html") if call.number == 3 else call.true()


@quirk()
def status_204(call: Call) -> Response:
    """Every other reply is a 204 without a body."""
    return Response(status_code=204) if call.odd else call.true()


@quirk()
def status_202_queued(call: Call) -> Response:
    """Every other reply is a 202 that says the request is queued."""
    return JSONResponse({"status": "queued", "id": "x"}, 202) if call.odd else call.true()


@quirk()
def status_599(call: Call) -> Response:
    """Every other reply has a status that no standard knows."""
    return Response(b"denied", 599) if call.odd else call.true()


@quirk()
def status_304(call: Call) -> Response:
    """Every other reply says 304."""
    return Response(status_code=304) if call.odd else call.true()


@quirk()
def redirected_in_circles(call: Call) -> Response:
    """Every other reply sends on to where it came from."""
    return Response(status_code=307, headers={"Location": str(call.http.url)}) if call.odd else call.true()


@quirk()
def redirected_nowhere(call: Call) -> Response:
    """Every other reply sends on, and does not say to where."""
    return Response(status_code=307, headers={"Location": "http://[::"}) if call.odd else call.true()


@quirk()
def encoding_unknown(call: Call) -> Response:
    """Every other body says that it is encoded in a way that nobody knows."""
    return JSONResponse(call.completion, headers={"Content-Encoding": "snappy"}) if call.odd else call.true()


@quirk()
def encoding_broken(call: Call) -> Response:
    """Every other body says deflate and is none."""
    return Response(b"{]", headers={"Content-Encoding": "deflate"}) if call.odd else call.true()


@quirk(most_calls=12)
def charset_unknown(call: Call) -> Response:
    """Bodies name a charset that nobody knows."""
    return Response(json.dumps(call.completion), media_type="application/json; charset=utf-9")


@quirk()
def body_utf_16(call: Call) -> Response:
    """Every other body is UTF-16."""
    body = json.dumps(call.completion).encode("utf-16")
    return Response(body, media_type="application/json") if call.odd else call.true()


@quirk(most_calls=12)
def header_non_ascii(call: Call) -> Response:
    """Headers hold characters that are no ASCII."""
    response = call.true()
    response.raw_headers.append((b"x-region", b"Z\xfcrich"))
    return response
