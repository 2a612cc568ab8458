"""The journal: every finished model call of a candidate, so that none is paid for twice."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from langgraph.store.base import BaseStore

from agents.models.calls import CallCost
from agents.models.transport.batches import Unhurried
from agents.records import SEATS, SeatName, SeatUsage
from graph.storage.records import scan

Calls = dict[str, dict[str, Any]]
"""A journal: finished calls by the hash of their request."""

REMEMBERED = 1024
"""Journals of a store kept in memory; one that is forgotten is read again."""
_recent: WeakKeyDictionary[BaseStore, dict[tuple[str, ...], Calls]] = WeakKeyDictionary()


class Admission(Protocol):
    """Says whether a call may start; see `graph.campaign.spending.ledger.Ledger`."""

    closing: asyncio.Event
    """Set once none may."""

    def admit(self, worst: SeatUsage) -> AbstractAsyncContextManager[CallCost]:
        """Hold the worst case of a call while it is made."""
        ...


class CandidateJournal:
    """The finished model calls of one candidate; see `agents.models.seat.Journal`.

    Args:
        store: Where the calls are written.
        run: Name of the run.
        candidate: Id of the candidate.
        emit: Called with one plain event for each call that was made (not for recalled ones).
        admission: Says whether a call may start; every one may where there is none.
        can_wait: Whether its calls can wait for a batch.
    """

    def __init__(  # noqa: PLR0913  # the last two have defaults that any but a campaign leaves
        self,
        store: BaseStore,
        run: str,
        candidate: str,
        emit: Callable[[Any], None],
        admission: Admission | None = None,
        *,
        can_wait: bool = False,
    ) -> None:
        self._store = store
        self._admission = admission
        self._namespace, self._in_batches = (run, "calls", candidate), (run, "batches", candidate)
        self._can_wait = can_wait
        self._emit = emit

    async def _calls(self) -> Calls:
        """Read the journal once; what is written afterwards is added."""
        recent = _recent.setdefault(self._store, {})
        if self._namespace not in recent:
            read = {item.key: item.value async for item in scan(self._store, self._namespace)}
            recent.setdefault(self._namespace, read)  # another sample may have read it first, and written since
            for oldest in list(recent)[:-REMEMBERED]:
                del recent[oldest]
        return recent[self._namespace]

    async def recall(self, key: str) -> dict[str, Any] | None:
        """Return the reply recorded under this key, or None."""
        entry = (await self._calls()).get(key)
        return entry["reply"] if entry else None

    @property
    def closing(self) -> asyncio.Event | None:
        """Set once no call may start any more."""
        return self._admission.closing if self._admission else None

    async def unhurried(self, key: str) -> Unhurried | None:
        """Return what is known of a call that can wait for a batch; None for one that cannot."""
        if not self._can_wait:
            return None
        written = await self._store.aget(self._in_batches, key)
        name = hashlib.sha256("/".join([*self._in_batches, key]).encode()).hexdigest()[:40]

        async def note(batch: str) -> None:
            await self._store.aput(self._in_batches, key, {"batch": batch}, index=False)

        return Unhurried(name, written.value["batch"] if written else "", note, self.closing or asyncio.Event())

    def admit(self, worst: SeatUsage) -> AbstractAsyncContextManager[CallCost]:
        """Hold the worst case of a call while it is made."""
        return self._admission.admit(worst) if self._admission else nullcontext(CallCost())

    async def record(self, key: str, seat: SeatName, usage: SeatUsage, reply: dict[str, Any]) -> None:
        """Write the reply down; it is durable when this returns."""
        entry = {"seat": seat, "usage": usage.model_dump(), "reply": reply, "ended": time.time()}
        try:
            await self._store.aput(self._namespace, key, entry, index=False)
        except BaseException:
            self.forget()  # it may have been written all the same
            raise
        (await self._calls())[key] = entry
        self._emit({"type": "call", "seat": seat, "usage": usage.model_dump()})

    def forget(self) -> None:
        """Read the journal anew when it is next asked: who played the candidate has stopped, and another may go on."""
        _recent.get(self._store, {}).pop(self._namespace, None)

    async def usage(self) -> dict[SeatName, SeatUsage]:
        """Sum the paid calls by seat."""
        calls = (await self._calls()).values()
        return total_usage({call["seat"]: SeatUsage.model_validate(call["usage"])} for call in calls)


def total_usage(parts: Iterable[dict[SeatName, SeatUsage]]) -> dict[SeatName, SeatUsage]:
    """Add usage by seat; money is None as soon as one price is unknown."""
    by_seat: dict[SeatName, list[SeatUsage]] = {seat: [] for seat in SEATS}
    for part in parts:
        for seat, more in part.items():
            by_seat[seat].append(more)
    return {seat: SeatUsage.sum(usages) for seat, usages in by_seat.items()}
