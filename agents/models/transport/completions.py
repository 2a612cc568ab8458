"""Read a server's chat completion, whatever its shape, into the one that the client library takes.

A reply of status 200 that holds no usable message is an `UnusableReply`: a call that failed, not a candidate that did.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from agents.models.transport.event_stream import joined_events
from agents.models.transport.tool_calls import calls_in_text, mended_calls

MOST_BYTES = 32 * 2**20
"""Bytes of a reply beyond which it is no reply."""
MOST_TOKENS = 2**53
"""A count beyond this is none: not every reader of JSON takes it."""


class UnusableReply(Exception):
    """A reply came, and it is no chat completion.

    Attributes:
        status: What the server said in its body; 502 where it said nothing.
    """

    def __init__(self, message: str, status: int = HTTPStatus.BAD_GATEWAY) -> None:
        super().__init__(message)
        self.status = status


def read_completion(raw: bytes, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the completion with one choice, each field of the kind that the API promises.

    Args:
        raw: The body of the reply.
        asked: The request, for its tools and the ids that it has used.

    Raises:
        UnusableReply: There is none.
    """
    body = _body(raw)
    choice = _choice(body, asked)
    return {
        "id": str(body.get("id") or "none"),
        "object": "chat.completion",
        "created": 0,
        "model": str(body.get("model") or asked.get("model", "")),
        "choices": [choice],
        "usage": _usage(body.get("usage")),
    }


def _body(raw: bytes) -> dict[str, Any]:
    text = raw.decode("utf-8-sig", "replace").strip()
    if not text:
        raise UnusableReply("it answered with an empty body")
    if (joined := joined_events(text)) is not None:
        return joined
    try:
        body = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise UnusableReply(f"it answered with no JSON: {_glimpse(text)}") from error
    if not isinstance(body, dict):
        raise UnusableReply(f"it answered with no object: {_glimpse(text)}")
    if body.get("error") and not body.get("choices"):
        raise _reported(body["error"])
    return body


def _reported(error: Any) -> UnusableReply:
    """Give an error of the body the status that its code means; a gateway may pass on another server's within it."""
    fields = error if isinstance(error, dict) else {"message": error}
    words, code = str(fields.get("message") or error), fields.get("code") or fields.get("status") or fields.get("type")
    passed_on = fields.get("metadata", {}).get("raw") if isinstance(fields.get("metadata"), dict) else None
    if passed_on:
        raw = passed_on if isinstance(passed_on, str) else json.dumps(passed_on)
        words = f"{words}: {raw}"
        if (inner := _CODE.search(raw)) and _status(code) not in range(400, 500):
            code = inner[1]
    if stated := _status(code):
        return UnusableReply(words, stated)
    for sign, status in CODES.items():
        if sign in f"{code} {words}".casefold():
            return UnusableReply(words, status)
    return UnusableReply(words)


def _status(code: Any) -> int:
    """Read a code as an error's status; 0 where it is none."""
    number = int(code) if isinstance(code, int | str) and str(code).isdecimal() else 0
    return number if 400 <= number < 600 else 0


_CODE = re.compile(r'"(?:code|status)"\s*:\s*"?([45]\d\d)\b')
CODES = {
    "rate_limit": 429, "rate limit": 429, "too many requests": 429, "insufficient": 402, "credit": 402,
    "invalid_api_key": 401, "api key": 401, "unauthorized": 401, "model_not_found": 404, "invalid_request": 400,
    "context_length": 400, "content_filter": 400, "overloaded": 503,
}  # fmt: skip
"""What an error without a number means, by a word in it."""


def _choice(body: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first choice that says something."""
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise UnusableReply("it answered without choices")
    fault: UnusableReply | None = None
    for place, choice in enumerate(choices):
        try:
            return _read_choice(choice, asked)
        except UnusableReply as error:
            fault = fault or UnusableReply(f"choice {place}: {error}", error.status)
    raise fault or UnusableReply("it answered without choices")


def _read_choice(choice: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(choice, dict):
        raise UnusableReply("it is no object")
    if choice.get("error"):
        raise _reported(choice["error"])
    finish, given = str(choice.get("finish_reason") or "stop"), choice.get("message")
    if not isinstance(given, dict):
        if not isinstance(choice.get("text"), str):
            raise UnusableReply("it has no message")
        given = {"content": choice["text"]}
    text, refusal = _text(given.get("content")), _text(given.get("refusal"))
    calls = mended_calls(given, asked)
    if not calls and (found := calls_in_text(text, asked)):
        text, calls = found
    if not text.strip() and not calls and finish == "stop":
        text = _text(given.get("reasoning_content")) or _text(given.get("reasoning"))
    if finish == "content_filter" and not text.strip() and not calls:
        refusal = refusal or "the server's content filter stopped the reply"
    if not (text.strip() or calls or refusal or finish == "length"):
        raise UnusableReply("its message is empty")
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = calls
    if refusal and not text.strip():
        message["refusal"] = refusal
    return {"index": 0, "message": message, "finish_reason": _finish(finish, bool(calls))}


def _finish(given: str, calls: bool) -> str:
    if given in ("length", "content_filter"):
        return given
    return "tool_calls" if calls else "stop"


def _text(content: Any) -> str:
    """Return the text of a content: a string, or parts of which those that think are left out."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_part(part) for part in content)
    return json.dumps(content)


THOUGHTS = ("thinking", "reasoning")
"""Kinds of parts in which a model thinks."""


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict) or part.get("type", "text") in THOUGHTS:
        return ""
    text = part.get("text")
    if isinstance(text, dict):
        text = text.get("value")
    return str(text or "")


def _usage(given: Any) -> dict[str, Any] | None:
    """Return what was counted, None where that is no pair of whole numbers."""
    if not isinstance(given, dict):
        return None
    sent, written = _whole(given.get("prompt_tokens")), _whole(given.get("completion_tokens"))
    if sent is None or written is None:
        return None
    details = given.get("prompt_tokens_details")
    cached = _whole(details.get("cached_tokens")) if isinstance(details, dict) else None
    return {
        "prompt_tokens": sent,
        "completion_tokens": written,
        "total_tokens": sent + written,
        "prompt_tokens_details": {"cached_tokens": cached or 0},
    }


def _whole(number: Any) -> int | None:
    whole = isinstance(number, int) and not isinstance(number, bool)
    return number if whole and abs(number) <= MOST_TOKENS else None


def _glimpse(text: str) -> str:
    return repr(" ".join(text.split())[:120])
