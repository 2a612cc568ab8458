"""Believe what a server says of a call's tokens only within bounds; else the call counts at its worst."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage

from agents.models.transport.batches import PRICE as BATCH_PRICE
from agents.models.transport.batches import UNHURRIED
from agents.records import SeatUsage

Price = Callable[[int, int, int], float | None]
"""Dollars for (input tokens, output tokens, input tokens out of the server's cache), None where unknown."""
SLACK = 2
"""Times the worst case that a count may be: templates add to a prompt, and reasoning may exceed its bound."""


def settled(reply: AIMessage, worst: SeatUsage, price: Price) -> SeatUsage:
    """Return what a call came to, at the price of how it was asked; its worst where the count cannot be believed."""
    counted = believed(reply, worst)
    if counted is None:
        return worst
    usd, waited = price(*counted), UNHURRIED.get()
    if usd is not None and waited and waited.replied:
        usd *= BATCH_PRICE
    return SeatUsage(calls=1, input_tokens=counted[0], output_tokens=counted[1], usd=usd)


def believed(reply: AIMessage, worst: SeatUsage) -> tuple[int, int, int] | None:
    """Return tokens in, out and out of the cache; None where the server says nothing that can be true.

    Args:
        reply: With what its server counted.
        worst: The bound under which the call was admitted.
    """
    usage = reply.usage_metadata
    if not usage:
        return None
    sent, written = usage["input_tokens"], usage["output_tokens"]
    says_something = bool(reply.text or reply.tool_calls or reply.invalid_tool_calls)
    least = 1 if says_something else 0
    if not (1 <= sent <= SLACK * worst.input_tokens and least <= written <= SLACK * worst.output_tokens):
        return None
    cached = usage.get("input_token_details", {}).get("cache_read", 0) or 0
    return sent, written, min(max(0, cached), sent)


def worst_case(content: list[Any], options: dict[str, Any], max_output: int, price: Price) -> SeatUsage:
    """Bound what a call can cost: no tokeniser makes more tokens than there are bytes."""
    sent = len(json.dumps([content, options], default=str)) + 32 * len(content)
    return SeatUsage(calls=1, input_tokens=sent, output_tokens=max_output, usd=price(sent, max_output, 0))
