"""Token counts that cannot be true; a cap binds whatever a server reports."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from evals.mock_server.quirks.call import Call
from evals.mock_server.quirks.table import quirk

CAP = 60_000
"""Tokens of a run's cap: a few calls at their worst, and many as they were."""
OUTPUT = 4_000


def _usage(call: Call, sent: Any, written: Any, **more: Any) -> Response:
    call.completion["usage"] = {"prompt_tokens": sent, "completion_tokens": written, "total_tokens": 0, **more}
    return call.true()


@quirk(most_calls=8)
def usage_missing(call: Call) -> Response:
    """Replies have no usage."""
    call.completion.pop("usage")
    return call.true()


@quirk(stops="--max-tokens", max_tokens=CAP, max_output_tokens=OUTPUT, target=40, max_candidates=40)
def usage_null(call: Call) -> Response:
    """Counts are null; the cap binds."""
    return _usage(call, None, None)


@quirk(stops="--max-tokens", max_tokens=CAP, max_output_tokens=OUTPUT, target=40, max_candidates=40)
def usage_zero(call: Call) -> Response:
    """Counts are zero; the cap binds."""
    return _usage(call, 0, 0)


@quirk(stops="--max-tokens", max_tokens=CAP, max_output_tokens=OUTPUT, target=40, max_candidates=40)
def usage_negative(call: Call) -> Response:
    """Counts are negative; the cap binds."""
    return _usage(call, -5, -1)


@quirk(stops="--max-usd", max_usd=0.1, prices="*", max_output_tokens=OUTPUT, target=40, max_candidates=40)
def usage_zero_in_dollars(call: Call) -> Response:
    """Counts are zero; the cap on dollars binds."""
    return _usage(call, 0, 0)


@quirk(most_calls=8, max_tokens=400_000, max_output_tokens=OUTPUT)
def usage_absurd(call: Call) -> Response:
    """Counts are beyond all bounds; they count at their worst and no more."""
    return _usage(call, 10**12, 10**12)


@quirk(most_calls=8)
def usage_floats(call: Call) -> Response:
    """Counts are fractions."""
    return _usage(call, 300.5, 150.25)


@quirk(most_calls=8)
def usage_texts(call: Call) -> Response:
    """Counts are texts."""
    return _usage(call, "300", "150")


@quirk(most_calls=8)
def usage_lists(call: Call) -> Response:
    """Counts are lists."""
    return _usage(call, [300], [150])


@quirk(most_calls=8)
def usage_a_text(call: Call) -> Response:
    """Usage is a text."""
    call.completion["usage"] = "some"
    return call.true()


@quirk(most_calls=8)
def usage_details_null(call: Call) -> Response:
    """Details of the counts are null."""
    return _usage(call, 300, 150, prompt_tokens_details={"cached_tokens": None}, completion_tokens_details=None)


@quirk(most_calls=8)
def usage_cached_more(call: Call) -> Response:
    """More tokens come out of the cache than were sent."""
    return _usage(call, 300, 150, prompt_tokens_details={"cached_tokens": 5000})


@quirk(most_calls=8)
def usage_half(call: Call) -> Response:
    """Only the tokens sent are counted."""
    call.completion["usage"] = {"prompt_tokens": 300, "total_tokens": 300}
    return call.true()
