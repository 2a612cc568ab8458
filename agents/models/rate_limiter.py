"""The way to one model on one server: how many calls are in flight, how fast they start, when a failed one goes again.

This is the one layer that retries. A refusal for haste (429) cuts the rate once for a whole burst; the rate then
climbs back on CUBIC's curve (RFC 9438): fast at first, slowly near the rate that was refused, faster again beyond it.
A server of one's own that never refuses but slows down, or hangs, gets fewer calls at once. Waiting is no failure: a
call fails alone only when others get through meanwhile, and a long outage is an `Outage` and no candidate's fault. A
call that breaks the server while it is the only one fails alone too, once: what breaks next, with no success between,
is an outage.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from agents.errors import CallFailed, Outage

T = TypeVar("T")

CUT = 0.15
"""Share of the rate that a refusal takes away."""
CURVE = 0.005
"""Steepness of the climb, per cubic second."""
HOLLOW = (CUT / CURVE) ** (1 / 3)
"""Seconds until the refused rate is reached again: 3.1."""
WINDOW_S, WINDOW_CALLS, MEMORY_S = 3.0, 10, 30.0
"""The rate that the server truly grants is measured over so many seconds, or so many calls where they are few."""
UNTRIED = 4.0
"""Times the granted rate that may be tried at most: what was never asked for was never granted."""
SLOWEST = 0.1
"""Calls a second below which the rate is never cut, so that the end of an outage is seen."""
PERIOD = 50
"""Replies from which one mean pace is taken; fewer would mistake a long answer for a slow server."""
LONGEST_PAUSE_S = 60.0
"""Longest pause of our own choosing; a server may ask for more."""


class ConcurrencyLimit:
    """How many calls a server bears at once, judged by its seconds per unit of work (the output tokens of a reply)."""

    def __init__(self) -> None:
        self.bound = math.inf
        self._best = math.inf
        self._seconds = self._work = 0.0
        self._replies = self._most = 0
        self._changed = -math.inf

    def replied(self, began: float, now: float, work: float, in_air: int) -> None:
        """Count a reply; after every period, allow fewer calls where they take twice as long, else more again."""
        if began < self._changed:
            return  # it met the crowd of before
        self._seconds += now - began
        self._work += max(work, 1.0)
        self._replies += 1
        self._most = max(self._most, in_air)
        if self._replies < PERIOD:
            return
        concurrency = self._seconds / self._work
        self._best = min(self._best * 1.005, concurrency)  # forgets slowly: the server may have become another
        if concurrency > 2 * self._best:
            self.bound = max(1.0, min(self.bound, self._most) * max(0.25, 1.5 * self._best / concurrency))
        elif concurrency < 1.5 * self._best:
            self.bound = self.bound + max(1.0, self.bound * 0.1)
        self._seconds = self._work = 0.0
        self._replies = self._most = 0
        self._changed = now

    def hung(self, began: float, now: float, in_air: int) -> None:
        """Halve what is in flight, once for all calls that hang together: the server did not answer in time."""
        if began >= self._changed:
            self.bound = max(1.0, min(self.bound, in_air) / 2)
            self._changed = now


class RequestRate:
    """How many calls a second a server grants; unbounded until it first refuses."""

    def __init__(self) -> None:
        self._peak = math.inf
        self._cut_at = -math.inf
        self._doubling_since: float | None = None
        self._collapsed = False
        self._granted: deque[float] = deque()

    def at(self, now: float) -> float:
        """Return the calls a second allowed now."""
        if math.isinf(self._peak):
            return math.inf
        return min(self._climb(now), max(self._peak, UNTRIED * self._measured(now)))

    def _climb(self, now: float) -> float:
        if self._collapsed:  # nothing is known of the rate: hold still until a call gets through, then double
            begun = self._doubling_since
            return self._peak if begun is None else float(self._peak * 2.0 ** min(now - begun, 60.0))
        unit = max(1.0, 4 / self._peak)  # where calls are seconds apart, so must the trials of more be
        climbed = (now - self._cut_at) / unit - HOLLOW
        if climbed > HOLLOW:  # well beyond what was once refused
            climbed = HOLLOW + (climbed - HOLLOW) * unit
        return float(self._peak * (1 + CURVE * climbed**3))

    def granted(self, now: float) -> None:
        """Count a call that got through."""
        self._granted.append(now)
        self._doubling_since = self._doubling_since or now
        while len(self._granted) > WINDOW_CALLS and self._granted[0] < now - WINDOW_S:
            self._granted.popleft()

    def refused(self, now: float, began: float) -> None:
        """Cut the rate, unless the refused call began before the last cut: that burst was already answered for."""
        if began < self._cut_at:
            return
        measured = self._measured(now)
        before = 1.0 if math.isinf(self._peak) else self.at(now)
        self._collapsed = len(self._granted) < WINDOW_CALLS / 2
        if self._collapsed:
            before /= 2
        elif measured < (1 - CUT) * before:  # the server grants far less than is asked
            before = max(measured, before / 2)
        self._peak = max(before, measured, SLOWEST)
        self._cut_at = now
        self._doubling_since = None

    def _measured(self, now: float) -> float:
        while self._granted and self._granted[0] < now - MEMORY_S:
            self._granted.popleft()
        recent = sum(moment >= now - WINDOW_S for moment in self._granted)
        if recent >= WINDOW_CALLS or not self._granted:
            return recent / WINDOW_S
        return len(self._granted) / max(WINDOW_S, now - self._granted[0])


class RateLimiter:
    """All calls to one model on one server with one key, whichever seats make them.

    Args:
        label: What errors call it.
        retries: How often a call that fails in transit goes again although others got through meanwhile.
        patience_s: Seconds without any success, after which the whole lane is an `Outage`.
    """

    def __init__(self, label: str, *, retries: int = 4, patience_s: float = 600.0) -> None:
        self.label = label
        self.rate = RequestRate()
        self.concurrency = ConcurrencyLimit()
        self._retries, self._patience_s = retries, patience_s
        self._door = asyncio.Lock()
        self._left = asyncio.Event()
        self._callers = self._in_air = 0
        self._next_start = -math.inf
        self._last_success = -math.inf
        self._given_up = False
        """Whether patience was lost with a call, and nothing got through since."""
        self._refused_since = False

    async def call(
        self, attempt: Callable[[], Awaitable[T]], work: Callable[[T], float], closing: asyncio.Event | None = None
    ) -> T:
        """Make a call when its turn comes, again where that can help.

        Args:
            attempt: Makes the call once; raises `CallFailed` for a failure that may pass.
            work: Measures a reply, so that a long one is not taken for a slow one.
            closing: Once set, nothing is waited for any more, and `attempt` says why.

        Raises:
            CallFailed: The call failed again and again while others got through.
            Outage: Nothing got through for too long.
        """
        self._callers += 1
        try:
            return await self._call(attempt, work, closing or asyncio.Event())
        finally:
            self._callers -= 1

    async def _call(self, attempt: Callable[[], Awaitable[T]], work: Callable[[T], float], closing: asyncio.Event) -> T:
        first = asyncio.get_running_loop().time()
        tries = passed_by = 0
        while True:
            began = await self._enter(closing)
            try:
                reply = await attempt()
            except CallFailed as error:
                trouble = error
            else:
                self._succeeded(began, work(reply))
                return reply
            finally:
                self._in_air -= 1
                self._left.set()
            tries += 1
            now = asyncio.get_running_loop().time()
            if trouble.hung:
                self.concurrency.hung(began, now, self._in_air + 1)
            if trouble.too_fast:
                self._slow_down(now, began, trouble.retry_after_s)
            pause = self._pause(tries, trouble)
            self._lose_patience(now - max(self._last_success, first), trouble)
            await _sleep(pause, closing)
            passed_by += not trouble.too_fast and self._last_success > now
            if passed_by > self._retries:
                raise trouble

    def _lose_patience(self, silent: float, trouble: CallFailed) -> None:
        """Raise what it is, where nothing got through for too long or will: this call's own failure, or an outage."""
        asked = trouble.retry_after_s or 0.0
        if silent + asked <= self._patience_s:
            return
        suspect = trouble.broke and self._callers == 1 and not self._given_up
        self._given_up = True
        if suspect:
            raise trouble
        since, asks = f"{silent // 60:.0f} min" if silent >= 60 else f"{silent:.0f} s", ""
        if asked:
            asks = f", and the server asks to wait {asked / 60:.0f} min more"
        raise Outage(f"{self.label}: nothing got through for {since}{asks}, the last try: {trouble}")

    async def _enter(self, closing: asyncio.Event) -> float:
        """Wait for a turn, first come first served; return when it came."""
        loop = asyncio.get_running_loop()
        async with self._door:
            while self._in_air >= self.concurrency.bound and not closing.is_set():
                self._left.clear()
                await self._left.wait()
            if (wait := self._next_start - loop.time()) > 0:
                await _sleep(wait, closing)
            now = loop.time()
            self._next_start = max(now, self._next_start) + 1 / self.rate.at(now)
            self._in_air += 1
            return now

    def _succeeded(self, began: float, work: float) -> None:
        now = self._last_success = asyncio.get_running_loop().time()
        self._refused_since = self._given_up = False
        self.rate.granted(now)
        self.concurrency.replied(began, now, work, self._in_air)

    def _slow_down(self, now: float, began: float, retry_after_s: float | None) -> None:
        self.rate.refused(now, began)
        if self._refused_since and retry_after_s:  # the second refusal in a row speaks for all
            self._next_start = max(self._next_start, now + retry_after_s)
        self._refused_since = True

    def _pause(self, tries: int, trouble: CallFailed) -> float:
        backoff = min(LONGEST_PAUSE_S, 0.5 * 2.0 ** min(tries - 1, 10))
        jitter = random.uniform(0.5, 1.5)  # noqa: S311  # spreads retries, guards nothing
        if trouble.retry_after_s is None:
            return backoff * jitter
        return trouble.retry_after_s + (jitter - 0.5) * min(1.0, backoff)


async def _sleep(seconds: float, closing: asyncio.Event) -> None:
    """Sleep, or wake at once where nothing is worth waiting for any more."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await closing.wait()
