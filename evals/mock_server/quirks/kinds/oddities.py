"""Replies that are a chat completion all the same, with a field or a character that nobody expects."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from starlette.responses import Response

from evals.mock_server.quirks.call import Call
from evals.mock_server.quirks.table import quirk


@quirk(most_calls=12)
def half_characters(call: Call) -> Response:
    """Texts hold halves of characters, escaped."""
    return call.with_record(lambda record: _texts(record, lambda text: text + " \ud83d"))


@quirk(most_calls=12)
def nul_in_every_text(call: Call) -> Response:
    """Every text of a record holds a NUL character."""
    return call.with_record(lambda record: _texts(record, lambda text: text + "\x00"))


@quirk(most_calls=20)
def not_a_number(call: Call) -> Response:
    """Bodies hold NaN and Infinity, which is no JSON."""
    call.completion["usage"]["cost"] = float("nan")
    call.choice["logprobs"] = float("inf")
    return Response(json.dumps(call.completion), media_type="application/json")


@quirk(most_calls=20)
def not_a_number_in_usage(call: Call) -> Response:
    """Counts are NaN."""
    call.completion["usage"] = {"prompt_tokens": float("nan"), "completion_tokens": float("inf")}
    return Response(json.dumps(call.completion), media_type="application/json")


@quirk(most_calls=20)
def not_a_number_in_records(call: Call) -> Response:
    """Records have NaN and infinities among fields that nobody asked for."""
    return call.with_record(lambda record: {**record, "confidence": float("nan"), "score": float("-inf")})


@quirk(most_calls=20)
def counts_beyond_64_bits(call: Call) -> Response:
    """Counts, times and extra fields have a thousand digits."""
    call.completion["usage"] = {"prompt_tokens": int("9" * 1000), "completion_tokens": int("9" * 1000)}
    call.completion["created"] = int("9" * 1000)
    return call.true()


@quirk()
def digits_beyond_reason(call: Call) -> Response:
    """Every other body has a number of ten thousand digits."""
    if not call.odd:
        return call.true()
    body = json.dumps({**call.completion, "created": "@"}).replace('"@"', "9" * 10_000)
    return Response(body, media_type="application/json")


@quirk()
def digits_beyond_reason_in_records(call: Call) -> Response:
    """Every other record has a number of ten thousand digits."""
    return call.with_text(
        lambda text: text.replace("{", '{"confidence": ' + "9" * 10_000 + ", ", 1) if call.odd else text
    )


@quirk()
def nested_deeply(call: Call) -> Response:
    """Every other text is a hundred thousand brackets."""
    return call.with_text(lambda text: '{"a":' * 100_000 if call.odd else text)


@quirk()
def nested_deeply_body(call: Call) -> Response:
    """Every other body is a hundred thousand brackets."""
    return Response('{"a":' * 100_000, media_type="application/json") if call.odd else call.true()


@quirk()
def one_long_line(call: Call) -> Response:
    """Every other text is one line of four million braces and quotes."""
    return call.with_text(lambda text: '{"' * 2_000_000 if call.odd else text)


@quirk(most_calls=12)
def content_an_object(call: Call) -> Response:
    """The content is the record itself, not its text."""
    if call.message.get("content"):
        with suppress(ValueError):
            call.message["content"] = json.loads(call.message["content"])
    return call.true()


@quirk(most_calls=12)
def parts_of_other_kinds(call: Call) -> Response:
    """Content comes in parts, with numbers, nulls and kinds that nobody knows among them."""
    if text := call.message.get("content"):
        thought = {"type": "reasoning", "text": "{thought}"}
        call.message["content"] = [None, 7, thought, {"type": "text", "text": text}, {"type": "text", "text": None}]
    return call.true()


@quirk(most_calls=12)
def part_text_an_object(call: Call) -> Response:
    """The text of a part is an object with a value."""
    if text := call.message.get("content"):
        call.message["content"] = [{"type": "text", "text": {"value": text, "annotations": []}}]
    return call.true()


@quirk(most_calls=12)
def scores_with_fractions(call: Call) -> Response:
    """Scores are fractions such as 4.0."""

    def changed(record: dict[str, Any]) -> dict[str, Any]:
        for name in ("reference_rubric", "defender_rubric"):
            if name in record:
                record[name] = {criterion: float(score) for criterion, score in record[name].items()}
        return record

    return call.with_record(changed)


def _texts(record: dict[str, Any], change: Any) -> dict[str, Any]:
    """Change those texts of a record that nothing is computed from."""
    for name in ("explanation", "feedback", "question", "solution", "steps", "rationale"):
        value = record.get(name)
        if isinstance(value, str) and name != "question":
            record[name] = change(value)
        elif isinstance(value, list):
            record[name] = [change(item) if isinstance(item, str) else item for item in value]
    return record


@quirk(most_calls=12)
def half_characters_in_the_body(call: Call) -> Response:
    """Bodies hold halves of characters, in the model's name and after the record."""
    if call.message.get("content"):
        call.message["content"] += " \udc80"
    call.completion["model"] = "m\ud800"
    return Response(json.dumps(call.completion), media_type="application/json")


@quirk(most_calls=12)
def event_stream_always(call: Call) -> Response:
    """Every reply is a stream of events, in pieces."""
    return Response(_streamed(call), media_type="text/event-stream")


@quirk()
def event_stream_cut(call: Call) -> Response:
    """Every other reply is a stream of events without its end."""
    stream = _streamed(call)
    return Response(stream[: len(stream) // 2], media_type="text/event-stream") if call.odd else call.true()


def _streamed(call: Call) -> str:
    """Write the true reply in pieces, each of them an event."""
    pieces: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if text := call.message.get("content"):
        pieces += [{"content": text[place : place + 40]} for place in range(0, len(text), 40)]
    for place, made in enumerate(call.message.get("tool_calls") or ()):
        function = made["function"]
        half = len(function["arguments"]) // 2
        begun = {"index": place, "id": made["id"], "function": {**function, "arguments": function["arguments"][:half]}}
        ended = {"index": place, "function": {"arguments": function["arguments"][half:]}}
        pieces += [{"tool_calls": [begun]}, {"tool_calls": [ended]}]
    chunks: list[dict[str, Any]] = [{"choices": [{"delta": piece}]} for piece in pieces]
    chunks += [{"choices": [{"delta": {}, "finish_reason": call.choice["finish_reason"]}]}]
    chunks += [{"choices": [], "usage": call.completion["usage"]}]
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


@quirk(most_calls=20)
def nested_in_a_field(call: Call) -> Response:
    """Records have a field of nine hundred nested lists that nobody asked for."""
    nested = "[" * 900 + "]" * 900
    return call.with_text(lambda text: text.replace("{", f'{{"notes": {nested}, ', 1))
