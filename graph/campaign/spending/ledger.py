"""The ledger of a run: every paid call is admitted by its worst case before it starts, and settled by its usage after.

Spending never crosses a cap, whatever the concurrency: what is held for calls in flight counts as spent. A call whose
end nobody saw counts at its worst, in later sittings too: where it hung, it is written down; where a cap is set, each
hold is written down before its call, so that one whose process was killed is known as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from uuid import uuid4

from langgraph.store.base import BaseStore

from agents.errors import CallFailed, Declined, NotAdmitted, Refused, SeatFault
from agents.models.calls import CallCost
from agents.models.transport.usage import Price
from agents.records import SeatUsage
from graph.settings import Settings
from graph.storage.records import scan

NOTHING = SeatUsage(usd=0.0)


class Ledger:
    """What a run has spent, what it holds for calls in flight, and whether another may start.

    Args:
        store: Where holds are written.
        settings: Names the run and its caps.

    Attributes:
        closing: Set once no further call starts.
        why: The reason; empty while calls may start.
        lost: Calls whose end nobody saw, counted at their worst.
    """

    def __init__(self, store: BaseStore, settings: Settings) -> None:
        self.closing, self.why = asyncio.Event(), ""
        self.lost = NOTHING
        self._store, self._settings = store, settings
        self._namespace = (settings.run_name, "held")
        self._capped = settings.max_usd is not None or settings.max_tokens is not None
        self._usd, self._tokens = 0.0, 0
        self._held_usd, self._held_tokens = 0.0, 0
        self._holds = 0
        self._changed = asyncio.Event()
        self._door = asyncio.Lock()

    async def restore(self, spent: Iterable[SeatUsage], prices: Collection[Price]) -> None:
        """Count what earlier processes spent, and what they held when they were killed, at its worst."""
        for usage in spent:
            self._spend(usage)
        async for item in scan(self._store, self._namespace):
            self._lose(priced(SeatUsage.model_validate(item.value), prices))

    @property
    def usd(self) -> float:
        """Dollars spent so far, by the prices that are known."""
        return self._usd

    @property
    def tokens(self) -> int:
        """Tokens used so far."""
        return self._tokens

    def close(self, why: str) -> None:
        """Admit nothing more; calls in flight end in peace. The first reason stands."""
        self.why = self.why or why
        self.closing.set()
        self._changed.set()

    @asynccontextmanager
    async def admit(self, worst: SeatUsage) -> AsyncIterator[CallCost]:
        """Hold the worst case while a call is made; the usage put on the bill is what it really cost.

        Raises:
            NotAdmitted: The ledger is closed, or even with nothing in flight the call might cross a cap.
        """
        await self._hold(worst)
        key, cost = uuid4().hex, CallCost(NOTHING)
        try:
            if self._capped:
                await self._store.aput(self._namespace, key, worst.model_dump(), index=False)
            cost.usage = None
            yield cost
        except (Declined, Refused, SeatFault):
            cost.usage = NOTHING
            raise
        except CallFailed as error:
            cost.usage = NOTHING if error.unbilled else None
            raise
        finally:
            await self._settle(key, worst, cost)

    async def _hold(self, worst: SeatUsage) -> None:
        """Hold the worst case as soon as it fits, first come first served: the dear are not passed by the cheap."""
        async with self._door:
            while not self.why and (bound := self._bound_met(worst)):
                if not self._holds:
                    self.close(bound)
                else:
                    self._changed.clear()
                    await self._changed.wait()  # what is in flight will cost less than its worst
        if self.why:
            raise NotAdmitted(self.why)
        self._holds += 1
        self._held_usd += worst.usd or 0.0
        self._held_tokens += worst.tokens

    async def _settle(self, key: str, worst: SeatUsage, cost: CallCost) -> None:
        self._holds -= 1
        self._held_usd -= worst.usd or 0.0
        self._held_tokens -= worst.tokens
        if cost.usage is None:
            self._lose(worst)
        else:
            self._spend(cost.usage)
        self._changed.set()
        if cost.usage is None and not self._capped:  # for the caps of a later sitting
            await self._store.aput(self._namespace, key, worst.model_dump(), index=False)
        if cost.usage is not None and self._capped:
            await self._store.adelete(self._namespace, key)

    def _bound_met(self, worst: SeatUsage) -> str:
        """Name the cap that this call might cross; empty for none."""
        usd = self._usd + self._held_usd + (worst.usd or 0.0)
        if self._settings.max_usd is not None and usd > self._settings.max_usd:
            unseen = f", ${self.lost.usd or 0:.4f} of it on calls that ended unseen" if self.lost.calls else ""
            left = self._settings.max_usd - self._usd
            return (
                f"--max-usd {self._settings.max_usd:g}: ${self._usd:.4f} are spent{unseen}, "
                f"and the next call may cost ${worst.usd or 0:.4f}; {_remedy(left)}"
            )
        total = self._tokens + self._held_tokens + worst.tokens
        if self._settings.max_tokens is not None and total > self._settings.max_tokens:
            unseen = f", {self.lost.tokens} of them by calls that ended unseen" if self.lost.calls else ""
            return (
                f"--max-tokens {self._settings.max_tokens}: {self._tokens} are used{unseen}, "
                f"and the next call may take {worst.tokens}; {_remedy(self._settings.max_tokens - self._tokens)}"
            )
        return ""

    def _spend(self, usage: SeatUsage) -> None:
        self._usd += usage.usd or 0.0
        self._tokens += usage.tokens

    def _lose(self, worst: SeatUsage) -> None:
        self._spend(worst)
        self.lost = self.lost.plus(worst)


def _remedy(left: float) -> str:
    return "raise it, or lower --max-output-tokens" if left > 0 else "raise it"


def priced(usage: SeatUsage, prices: Collection[Price]) -> SeatUsage:
    """Put a price of today's on usage that had none: the dearest of these, and still none where none is known."""
    if usage.usd is not None:
        return usage
    known = [price(usage.input_tokens, usage.output_tokens, 0) for price in prices]
    return usage.model_copy(update={"usd": max((usd for usd in known if usd is not None), default=None)})
