"""Join the events of a stream that nobody asked for into the completion that they are pieces of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def joined_events(text: str) -> dict[str, Any] | None:
    """Return the completion of a stream; None where the text is no stream, or one that was cut before its end."""
    if not text.startswith(("data:", "event:", ":", "id:")):
        return None
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    calls: dict[Any, dict[str, Any]] = {}
    finish = usage = None
    for event in _events(text):
        usage = event.get("usage") or usage
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        finish = choice.get("finish_reason") or finish
        piece = choice.get("message") or choice.get("delta")
        if isinstance(piece, dict):
            _add(piece, message, calls)
    if finish is None:
        return None
    if calls:
        message["tool_calls"] = list(calls.values())
    return {"choices": [{"message": message, "finish_reason": finish}], "usage": usage}


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        name, _, value = line.partition(":")
        try:
            event = json.loads(value, strict=False) if name == "data" else None
        except (ValueError, RecursionError):
            continue  # [DONE]
        if isinstance(event, dict):
            yield event


def _add(piece: dict[str, Any], message: dict[str, Any], calls: dict[Any, dict[str, Any]]) -> None:
    """Add what a piece says to the message, and the parts of its tool calls to those with the same index."""
    for name in ("content", "reasoning_content", "refusal"):
        if isinstance(piece.get(name), str):
            message[name] = message.get(name, "") + piece[name]
    given = piece.get("tool_calls")
    for part in given if isinstance(given, list) else ():
        if not isinstance(part, dict) or not isinstance(part.get("function"), dict):
            continue
        call = calls.setdefault(part.get("index", 0), {"id": part.get("id"), "function": {"name": "", "arguments": ""}})
        for name in ("name", "arguments"):
            call["function"][name] += str(part["function"].get(name) or "")
