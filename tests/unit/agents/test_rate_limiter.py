"""The lane under servers that grant little, much, nothing, or slow down; on a clock that jumps over waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

import pytest

from agents.errors import CallFailed, NotAdmitted, Outage
from agents.models.rate_limiter import CUT, ConcurrencyLimit, RateLimiter, RequestRate
from tests.jumping_loop import simulate


class LimitingServer:
    """Grants `rate(now)` calls a second from a bucket that holds one second's worth; else 429 with Retry-After."""

    def __init__(self, rate: Callable[[float], float], latency_s: float = 0.4) -> None:
        self.rate, self.latency_s, self.rng = rate, latency_s, Random(1)
        self.granted: list[float] = []
        self.refused: list[float] = []
        self._bucket, self._seen = 1.0, 0.0

    async def __call__(self) -> None:
        now = asyncio.get_running_loop().time()
        rate = self.rate(now)
        self._bucket = min(max(1.0, rate), self._bucket + (now - self._seen) * rate)
        self._seen = now
        if self._bucket < 1:
            self.refused.append(now)
            await asyncio.sleep(0.02)
            raise CallFailed("429", too_fast=True, retry_after_s=1.0, unbilled=True)
        self._bucket -= 1
        await asyncio.sleep(self.latency_s * self.rng.uniform(0.5, 1.5))
        self.granted.append(now)

    def share_used(self, begin: float, end: float) -> float:
        ideal = sum(self.rate(begin + step / 10) / 10 for step in range(int((end - begin) * 10)))
        return sum(begin <= moment < end for moment in self.granted) / ideal


async def press(
    limiter: RateLimiter, server: Callable[[], Coroutine[Any, Any, None]], *, slots: int, seconds: float
) -> int:
    """Keep `slots` callers busy for a time; return how many calls were begun."""
    loop, begun = asyncio.get_running_loop(), 0

    async def caller() -> None:
        nonlocal begun
        while loop.time() < seconds:
            begun += 1
            await limiter.call(server, lambda _: 1.0)

    async with asyncio.TaskGroup() as callers:
        for _ in range(slots):
            callers.create_task(caller())
    return begun


def test_a_changing_rate_is_followed_closely() -> None:
    async def work() -> None:
        server = LimitingServer(lambda now: 1.0 if now < 120 else 60.0 if now < 300 else 5.0)
        begun = await press(RateLimiter("lane"), server, slots=64, seconds=480)
        assert len(server.granted) == begun, "no call is lost"
        for begin, end in ((40, 120), (180, 300), (340, 480)):
            assert server.share_used(begin, end) >= 0.85, (begin, end)
        assert len(server.refused) < 0.2 * len(server.granted)

    simulate(work)


def test_five_minutes_of_refusals_lose_nothing() -> None:
    async def work() -> None:
        server = LimitingServer(lambda now: 0.0 if 60 <= now < 360 else 20.0)
        begun = await press(RateLimiter("lane"), server, slots=32, seconds=600)
        assert len(server.granted) == begun
        assert server.share_used(420, 600) >= 0.85
        silent = [moment for moment in server.refused if 120 <= moment < 360]
        assert len(silent) < 240, "an outage is probed, not hammered"

    simulate(work)


def test_one_burst_is_cut_once() -> None:
    rate = RequestRate()
    for moment in range(40):
        rate.granted(moment / 10)
    for _ in range(64):
        rate.refused(4.0, began=3.9)
    assert rate.at(4.0) == pytest.approx((1 - CUT) * 10, rel=0.05)


def test_a_burst_is_cut_once_also_where_the_server_grants_far_less_than_was_asked() -> None:
    fresh, busy = RequestRate(), RequestRate()
    for number in range(400):
        busy.granted(number / 100)
    busy.refused(4.0, began=3.9)  # a peak of 100 a second is known
    for moment in range(5, 35, 5):
        busy.granted(float(moment))
    before = {rate: rate.at(35.0) for rate in (fresh, busy)}
    for rate in before:
        rate.refused(35.0, began=34.9)
    once = {rate: rate.at(35.0) for rate in before}
    assert once[fresh] == 0.5
    assert once[busy] < before[busy]
    for number in range(63):
        for rate in before:
            rate.refused(35.0 + number / 1000, began=34.9)
    assert {rate: rate.at(35.0) for rate in before} == once
    for rate in before:
        rate.refused(36.0, began=35.5)  # a call of after the cut: the rate is still too high
        assert rate.at(36.0) < once[rate]


def test_however_often_a_call_comes_too_fast_it_has_not_failed() -> None:
    refused = 0

    async def others() -> None:
        await asyncio.sleep(0.5)

    async def unlucky() -> str:
        nonlocal refused
        await asyncio.sleep(0.1)
        if refused < 8:
            refused += 1
            raise CallFailed("429", too_fast=True, retry_after_s=5.0, unbilled=True)
        return "reply"

    async def work() -> None:
        limiter = RateLimiter("lane", retries=2)
        rest = asyncio.create_task(press(limiter, others, slots=2, seconds=120))
        assert await limiter.call(unlucky, lambda _: 1.0) == "reply"
        assert refused == 8
        assert await rest > 8, "others got through meanwhile, which is what makes a failure count"

    simulate(work)


@pytest.mark.parametrize("beyond", ["queues", "thrashes"])
def test_a_server_that_only_slows_down_gets_fewer_calls_at_once(beyond: str) -> None:
    best, base_s = 16, 1.0
    done: list[float] = []
    air = 0

    async def server() -> None:
        nonlocal air
        air += 1
        load = max(1.0, air / best)
        await asyncio.sleep(base_s * load * (load if beyond == "thrashes" else 1.0))
        air -= 1
        done.append(asyncio.get_running_loop().time())

    async def work() -> None:
        limiter = RateLimiter("lane")
        for slots, until in ((4, 60), (128, 300)):  # a quiet beginning shows what the server can do
            await press(limiter, server, slots=slots, seconds=until)
        late = sum(200 <= moment < 300 for moment in done) / 100
        assert limiter.concurrency.bound < 64
        if beyond == "queues":
            assert late >= 0.85 * best / base_s
        else:
            assert late >= 0.65 * best / base_s, "with all slots at once it is an eighth"

    simulate(work)


def test_a_hung_call_is_given_up_and_goes_again() -> None:
    calls = 0

    async def server() -> str:
        nonlocal calls
        calls += 1
        await asyncio.sleep(1)
        if calls == 1:
            raise CallFailed("no reply in 1 s", hung=True)
        return "reply"

    async def work() -> None:
        limiter = RateLimiter("lane")
        assert await limiter.call(server, lambda _: 1.0) == "reply"
        assert limiter.concurrency.bound == 1

    simulate(work)


def test_a_poisoned_call_fails_alone_while_others_get_through() -> None:
    async def well() -> None:
        await asyncio.sleep(1)

    async def ill() -> None:
        raise CallFailed("500", unbilled=True)

    async def work() -> None:
        limiter = RateLimiter("lane", retries=3)
        others = asyncio.create_task(press(limiter, well, slots=2, seconds=60))
        with pytest.raises(CallFailed, match="500"):
            await limiter.call(ill, lambda _: 1.0)
        assert await others

    simulate(work)


def test_a_poisoned_call_that_is_alone_fails_alone_and_the_next_is_an_outage() -> None:
    async def ill() -> None:
        raise CallFailed("500", broke=True, unbilled=True)

    async def well() -> None:
        await asyncio.sleep(1)

    async def work() -> None:
        limiter = RateLimiter("lane", patience_s=60)
        for _ in range(2):
            await limiter.call(well, lambda _: 1.0)
            with pytest.raises(CallFailed, match="500"):
                await limiter.call(ill, lambda _: 1.0)
        with pytest.raises(Outage):
            await limiter.call(ill, lambda _: 1.0)

    simulate(work)


def test_where_all_calls_break_none_is_to_blame() -> None:
    async def ill() -> None:
        raise CallFailed("500", broke=True, unbilled=True)

    async def work() -> None:
        limiter = RateLimiter("lane", patience_s=60)
        ends = await asyncio.gather(*(limiter.call(ill, lambda _: 1.0) for _ in range(4)), return_exceptions=True)
        assert [type(end) for end in ends] == [Outage] * 4

    simulate(work)


def test_who_was_under_way_when_an_outage_began_is_no_poisoned_call() -> None:
    """Others got through after it began, and none after it first failed."""

    async def work() -> None:
        loop = asyncio.get_running_loop()

        async def server() -> None:
            began = loop.time()
            await asyncio.sleep(1 if began < 4 else 0.01)
            if loop.time() > 5:
                raise CallFailed("connection refused", unbilled=True)

        async def caller() -> None:
            while True:
                await limiter.call(server, lambda _: 1.0)

        limiter = RateLimiter("lane", retries=0)
        ends = await asyncio.gather(*(caller() for _ in range(8)), return_exceptions=True)
        assert all(isinstance(end, Outage) for end in ends), ends

    simulate(work)


def test_an_outage_that_passes_fails_nobody_who_waited() -> None:
    """Whoever tries first when the server is back is no witness against those who have not tried again."""

    async def work() -> None:
        loop = asyncio.get_running_loop()

        async def server() -> None:
            if 5 <= loop.time() < 95:
                raise CallFailed("connection refused", unbilled=True)
            await asyncio.sleep(0.5)

        await press(RateLimiter("lane", retries=2), server, slots=8, seconds=300)

    simulate(work)


def test_a_long_outage_is_told_as_one() -> None:
    async def down() -> None:
        raise CallFailed("connection refused", unbilled=True)

    async def work() -> None:
        with pytest.raises(Outage, match=r"nothing got through for 1\d min.*connection refused"):
            await RateLimiter("lane").call(down, lambda _: 1.0)
        assert asyncio.get_running_loop().time() > 600

    simulate(work)


def test_a_server_that_asks_for_more_patience_than_there_is_parks_at_once() -> None:
    async def busy() -> None:
        raise CallFailed("429", too_fast=True, retry_after_s=3600.0, unbilled=True)

    async def work() -> None:
        with pytest.raises(Outage, match=r"asks to wait 60 min more"):
            await RateLimiter("lane").call(busy, lambda _: 1.0)
        assert asyncio.get_running_loop().time() < 1

    simulate(work)


def test_nobody_waits_for_a_turn_once_nothing_is_admitted() -> None:
    closing = asyncio.Event()

    async def busy() -> None:
        if closing.is_set():
            raise NotAdmitted("interrupted")
        raise CallFailed("429", too_fast=True, retry_after_s=300.0, unbilled=True)

    async def work() -> None:
        limiter = RateLimiter("lane")
        calls = [asyncio.create_task(limiter.call(busy, lambda _: 1.0, closing)) for _ in range(16)]
        await asyncio.sleep(10)
        closing.set()
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(end, NotAdmitted) for end in ends)
        assert asyncio.get_running_loop().time() < 11

    simulate(work)


def test_a_rate_that_was_never_tried_is_not_believed() -> None:
    rate = RequestRate()
    rate.refused(0.0, began=-1.0)  # the first calls met a burst of others
    for moment in range(1, 600):
        rate.granted(moment / 5)
    assert rate.at(120.0) < 50
    rate.refused(120.0, began=119.9)
    assert rate.at(120.0) < 25


def test_calls_that_hang_together_are_answered_for_once() -> None:
    concurrency = ConcurrencyLimit()
    for number in range(16):
        concurrency.hung(began=0.1, now=120.0 + number / 100, in_air=16 - number)
    assert concurrency.bound == 8
