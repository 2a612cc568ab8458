"""How the calls of one seat went: what tells a seat that refuses everything from a candidate that was refused."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from typing import Any

from agents.errors import CallFailed, NanoFluxError, Refused, SeatFault

SAME_IN_A_ROW = 3
"""Equal refusals of requests for the same thing, none taken in between, after which it is the seat that refuses."""
NOTHING_USABLE = 6
"""Replies that are no chat completion, from a seat that never answered, after which it never will."""


class SeatHealth:
    """What the calls of a seat came to so far.

    Attributes:
        answered: Whether a call has succeeded.
    """

    def __init__(self) -> None:
        self.answered = False
        self._unusable = 0
        self._denied_at: float | None = None
        self._refused: dict[str, tuple[str, set[str]]] = {}
        """By what was asked for: the words of the refusals in a row, and what they refused."""
        self._in_flight: list[float] = []

    def begin(self) -> float:
        """Count a call that starts; return when."""
        now = time.monotonic()
        self._in_flight.append(now)
        return now

    def end(self, began: float) -> None:
        """Count a call that is over."""
        self._in_flight.remove(began)

    def longest_wait_s(self) -> float | None:
        """Return for how long the oldest call in flight has gone on, None where there is none."""
        return time.monotonic() - min(self._in_flight) if self._in_flight else None

    def replied(self) -> None:
        """Count a reply."""
        self.answered = True
        self._unusable = 0
        self._denied_at = None

    def took(self, kind: str) -> None:
        """Count a request of that kind which was taken."""
        self._refused.pop(kind, None)

    def failed(self, error: NanoFluxError, began: float) -> NanoFluxError:
        """Count a failed call; return what it is by all that went before."""
        if not isinstance(error, CallFailed):
            return error
        if error.denied:
            if self._denied_at is not None and began >= self._denied_at:
                return SeatFault(f"{error}, and it was refused again")
            self._denied_at = self._denied_at or time.monotonic()
        self._unusable += error.unusable
        if error.unusable and not self.answered and self._unusable >= NOTHING_USABLE:
            return SeatFault(f"{error}; {self._unusable} replies, and none can be used: check the base URL")
        return error

    def judged(self, refusal: Refused, kind: str, asked: Sequence[Any]) -> NanoFluxError:
        """Say what a refusal in every form is: this request's, or the seat's, which would refuse every other too."""
        words = re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "", refusal.words)[:160]
        before, requests = self._refused.get(kind, (words, set()))
        requests = requests if before == words else set()
        self._refused[kind] = (words, requests | {json.dumps(asked, default=str)})
        cure = f"; {refusal.cure}" if refusal.cure else ""
        if not self.answered:
            return SeatFault(f"{refusal}; it has taken no request so far{cure}")
        if len(self._refused[kind][1]) >= SAME_IN_A_ROW:
            return SeatFault(f"{refusal}; it has refused {SAME_IN_A_ROW} requests in a row in the same words{cure}")
        return refusal
