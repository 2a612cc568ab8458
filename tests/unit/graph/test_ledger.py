"""The ledger: spending never crosses a cap, whatever the concurrency, the failures and the kills."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from langgraph.store.memory import InMemoryStore

from agents.errors import CallFailed, NotAdmitted, Refused
from agents.records import SeatUsage
from graph.campaign.spending.ledger import Ledger, priced
from graph.settings import Settings
from tests.jumping_loop import simulate

CALL = SeatUsage(calls=1, input_tokens=60, output_tokens=40, usd=0.1)


def free(*_: int) -> float:
    return 0.0


class Provider:
    """Charges what it likes up to the worst case, reports it or fails, and remembers what it charged."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.usd, self.tokens = 0.0, 0
        self.reported = SeatUsage(usd=0.0)

    async def call(self, ledger: Ledger, worst: SeatUsage) -> None:
        async with ledger.admit(worst) as cost:
            await asyncio.sleep(self.rng.expovariate(1))
            fate = self.rng.random()
            if fate < 0.1:
                raise Refused("400")
            if fate < 0.2:
                raise CallFailed("429", unbilled=True)
            charged = self.charge(worst)
            if fate < 0.3:
                raise CallFailed("cut off", hung=True)
            cost.usage = charged
            self.reported = self.reported.plus(charged)

    def charge(self, worst: SeatUsage) -> SeatUsage:
        share = self.rng.choice([0.0, self.rng.random(), 1.0])
        tokens_in, tokens_out = int(worst.input_tokens * share), int(worst.output_tokens * share)
        usage = SeatUsage(calls=1, input_tokens=tokens_in, output_tokens=tokens_out, usd=(worst.usd or 0.0) * share)
        self.usd += usage.usd or 0.0
        self.tokens += tokens_in + tokens_out
        return usage


@pytest.mark.parametrize("block", range(20))
def test_no_cap_is_ever_crossed_also_over_kills(block: int) -> None:
    for seed in range(50 * block, 50 * (block + 1)):
        fuzz_one_ledger(Random(seed))


def fuzz_one_ledger(rng: Random) -> None:
    caps = {"max_usd": rng.uniform(0.5, 20)} if rng.random() < 0.6 else {"max_tokens": rng.randint(500, 20_000)}
    settings, store, provider = Settings.model_validate({"name": "r", **caps}), InMemoryStore(), Provider(rng)

    async def sitting(seconds: float) -> None:
        ledger = Ledger(store, settings)
        await ledger.restore([provider.reported], [free])

        async def caller() -> None:
            while True:
                worst = SeatUsage(
                    calls=1, input_tokens=rng.randint(1, 300), output_tokens=rng.randint(1, 300), usd=rng.uniform(0, 1)
                )
                try:
                    await provider.call(ledger, worst)
                except NotAdmitted:
                    return
                except (CallFailed, Refused):
                    continue

        callers = [asyncio.create_task(caller()) for _ in range(rng.randint(1, 16))]
        await asyncio.wait(callers, timeout=seconds)
        for task in callers:
            task.cancel()  # as a kill: what was in flight is never settled by its reply
        await asyncio.gather(*callers, return_exceptions=True)
        check()

    def check() -> None:
        assert provider.usd <= caps.get("max_usd", float("inf")) + 1e-9
        assert provider.tokens <= caps.get("max_tokens", float("inf"))

    for _ in range(3):
        simulate(lambda: sitting(rng.uniform(0, 30)))
    simulate(lambda: sitting(float("inf")))


def ledger_of(**caps: float) -> Ledger:
    return Ledger(InMemoryStore(), Settings.model_validate({"name": "r", **caps}))


async def spend(ledger: Ledger, usage: SeatUsage | None = CALL) -> None:
    async with ledger.admit(CALL) as cost:
        cost.usage = usage


async def test_the_bound_that_was_met_is_named_with_what_was_spent() -> None:
    ledger = ledger_of(max_usd=0.25)
    await spend(ledger)
    await spend(ledger)
    with pytest.raises(NotAdmitted, match=r"--max-usd 0\.25: \$0\.2000 are spent, .* may cost \$0\.1000"):
        await spend(ledger)


async def test_a_call_waits_while_another_in_the_air_may_leave_room_for_it() -> None:
    ledger = ledger_of(max_tokens=150)
    async with ledger.admit(CALL) as cost:
        waiting = asyncio.create_task(spend(ledger))
        await asyncio.sleep(0)
        assert not waiting.done()
        cost.usage = SeatUsage(calls=1, input_tokens=10, output_tokens=10, usd=0.0)
    await waiting


async def test_a_closed_ledger_admits_nothing_and_the_first_reason_stands() -> None:
    ledger = ledger_of()
    ledger.close("enough")
    ledger.close("something else")
    with pytest.raises(NotAdmitted, match="enough"):
        await spend(ledger)


async def test_a_call_whose_end_nobody_saw_counts_at_its_worst() -> None:
    store, settings = InMemoryStore(), Settings(name="r", max_usd=5.0)
    ledger = Ledger(store, settings)
    with pytest.raises(asyncio.CancelledError):
        async with ledger.admit(CALL):
            raise asyncio.CancelledError
    later = Ledger(store, settings)
    await later.restore([], [free])
    assert ledger.lost == later.lost == SeatUsage(usd=0.0).plus(CALL)


async def test_what_was_settled_counts_once_in_the_next_sitting() -> None:
    store, settings = InMemoryStore(), Settings(name="r", max_usd=1.0)
    ledger = Ledger(store, settings)
    await spend(ledger)
    with pytest.raises(Refused):
        async with ledger.admit(CALL):
            raise Refused("400")
    later = Ledger(store, settings)
    await later.restore([CALL], [free])  # the usage that the journal has of it
    assert (later.usd, later.tokens) == (ledger.usd, ledger.tokens) == (CALL.usd, CALL.tokens)
    assert later.lost.calls == 0
    assert store.search(("r", "held")) == []


async def test_what_hung_before_a_cap_was_set_counts_against_it() -> None:
    store = InMemoryStore()
    with pytest.raises(CallFailed):
        async with Ledger(store, Settings(name="r")).admit(CALL):
            raise CallFailed("no reply", hung=True)
    capped = Ledger(store, Settings(name="r", max_usd=0.15))
    await capped.restore([], [free])
    with pytest.raises(NotAdmitted, match="on calls that ended unseen"):
        await spend(capped)


async def test_a_dear_call_is_not_passed_by_cheap_ones() -> None:
    ledger, made = ledger_of(max_tokens=150), list[int]()

    async def call(tokens: int) -> None:
        usage = SeatUsage(calls=1, input_tokens=tokens, usd=0.0)
        async with ledger.admit(usage) as cost:
            made.append(tokens)
            await asyncio.sleep(0)
            cost.usage = SeatUsage(calls=1, usd=0.0)

    await asyncio.gather(*(call(tokens) for tokens in (80, 120, 10, 10, 10)))
    assert made[:2] == [80, 120]


class FullDisk(InMemoryStore):
    """A store that can be read, and not be written to."""

    async def aput(self, *_args: object, **_options: object) -> None:
        raise OSError("no space left on device")


async def test_a_hold_that_cannot_be_written_is_given_back() -> None:
    ledger = Ledger(FullDisk(), Settings(name="r", max_tokens=150))
    for _ in range(3):  # each would wait for ever for what the one before it held
        with pytest.raises(OSError, match="no space"):
            await asyncio.wait_for(spend(ledger), timeout=5)
    assert not ledger.lost.calls, "no call was made"


async def test_what_was_spent_without_a_price_counts_at_todays() -> None:
    store, settings = InMemoryStore(), Settings(name="r", max_usd=1.0, max_tokens=10**9)
    store.put(("r", "held"), "of a killed process", SeatUsage(calls=1, output_tokens=10).model_dump())
    ledger = Ledger(store, settings)
    unknown, known = SeatUsage(calls=1, input_tokens=20, output_tokens=10), SeatUsage(calls=1, usd=0.1)

    def dear(input_tokens: int, output_tokens: int, _cached: int) -> float:
        return 0.01 * input_tokens + 0.02 * output_tokens

    await ledger.restore([known, priced(unknown, [dear])], [free, dear])
    with pytest.raises(NotAdmitted, match=r"\$0\.7000 are spent"):  # .1, .4, and .2 for the call nobody saw the end of
        async with ledger.admit(SeatUsage(calls=1, usd=0.4)):
            pass
