"""What lasts of a run, in LangGraph's own store: survivors, refusals, and the journal of paid calls.

Any `BaseStore` will do (SQLite on one machine, Postgres for many, memory in tests, the server's under
`langgraph dev`). Every write has a key of its own, so a node that runs twice writes the same thing twice.

Namespaces: `(run, "survivors")` by survivor id, `(run, "refused")` by candidate, `(run, "calls", candidate)` by the
hash of the request, `(run, "attempts", candidate)` by number, `(run, "open")` by candidates that have begun and not
ended, and the ledger's `(run, "held")`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.base import BaseStore, Item, Op, Result
from langgraph.store.base.batch import AsyncBatchedBaseStore
from langgraph.store.sqlite import SqliteStore

from agents.errors import SetupError
from agents.schema import SEATS, Refusal, SeatName, SeatUsage, Survivor
from agents.seat import Bill
from graph.state import CandidateInput

PAGE = 20_000
"""Items read at once: a page in the middle costs the store as much as all pages before it."""

Calls = dict[str, dict[str, Any]]
"""A journal: finished calls by the hash of their request."""

REMEMBERED = 1024
"""Journals of a store kept in memory; one that is forgotten is read again."""
_recent: WeakKeyDictionary[BaseStore, dict[tuple[str, ...], Calls]] = WeakKeyDictionary()


class Till(Protocol):
    """Says whether a call may start; see `graph.ledger.Ledger`."""

    closing: asyncio.Event
    """Set once none may."""

    def admit(self, worst: SeatUsage) -> AbstractAsyncContextManager[Bill]:
        """Hold the worst case of a call while it is made."""
        ...


class CandidateJournal:
    """The finished model calls of one candidate; see `agents.seat.Journal`.

    Args:
        store: Where the calls are written.
        run: Name of the run.
        candidate: Id of the candidate.
        emit: Called with one plain event for each call that was made (not for recalled ones).
        till: Says whether a call may start; every one may where there is none.
    """

    def __init__(
        self, store: BaseStore, run: str, candidate: str, emit: Callable[[Any], None], till: Till | None = None
    ) -> None:
        self._store = store
        self._till = till
        self._namespace = (run, "calls", candidate)
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
        return self._till.closing if self._till else None

    def admit(self, worst: SeatUsage) -> AbstractAsyncContextManager[Bill]:
        """Hold the worst case of a call while it is made."""
        return self._till.admit(worst) if self._till else nullcontext(Bill())

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


class RunStore(AsyncBatchedBaseStore):
    """LangGraph's SQLite store on a thread: one hop a batch, where its own asynchronous one makes one a statement."""

    def __init__(self, store: SqliteStore) -> None:
        super().__init__()
        self._store = store

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do all of this in one transaction."""
        return self._store.batch(ops)

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do all of this in one transaction, off the event loop."""
        return await asyncio.to_thread(self._store.batch, ops)


@asynccontextmanager
async def open_store(file: Path, *, read_only: bool = False) -> AsyncIterator[RunStore]:
    """Open a run's store: SQLite in write-ahead mode.

    Raises:
        sqlite3.Error: It cannot be opened.
        SetupError: It is none.
    """

    def connect() -> SqliteStore:
        where = f"{file.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        connection = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False)
        store = SqliteStore(connection)
        try:
            if not read_only:
                connection.execute("PRAGMA journal_mode=WAL")
            store.setup()
        except BaseException:
            connection.close()
            raise
        return store

    def close() -> None:
        with store.lock:  # a batch whose caller was cancelled ends first
            store.conn.close()

    with _readable(file):
        store = await asyncio.to_thread(connect)
    try:
        yield RunStore(store)
    finally:
        await asyncio.to_thread(close)


class PauseSaver(AsyncSqliteSaver):
    """LangGraph's SQLite checkpoints, of candidates that pause: one that ended has nothing to go on with."""

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Write a checkpoint down, unless the candidate has its outcome."""
        if checkpoint["channel_values"].get("outcome"):
            return config
        return await super().aput(config, checkpoint, metadata, new_versions)


@asynccontextmanager
async def open_run(path: Path) -> AsyncIterator[tuple[AsyncSqliteSaver, RunStore]]:
    """Open a run's checkpoints and store, one file each."""
    checkpoints = path / "checkpoints.sqlite"
    async with PauseSaver.from_conn_string(str(checkpoints)) as saver, open_store(path / "store.sqlite") as store:
        with _readable(checkpoints):
            await saver.setup()
        yield saver, store


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Name the file that turns out to be no database; one that is locked is."""
    try:
        yield
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise SetupError(
            f"{file} is no store of a run, or was damaged: {error}; restore it, or name another"
        ) from error


async def read_calls(store: BaseStore, run: str, candidate: str) -> list[dict[str, Any]]:
    """Return the journal of a candidate, in the order in which its calls ended; calls without a time come first."""
    calls = [item.value async for item in scan(store, (run, "calls", candidate))]
    return sorted(calls, key=lambda call: float(call.get("ended", 0)))


async def scan(store: BaseStore, namespace: tuple[str, ...]) -> AsyncIterator[Item]:
    """Go through all items of a namespace; one of more than a page must not be written to meanwhile."""
    offset = 0
    more = True
    while more:
        page = await store.asearch(namespace, limit=PAGE, offset=offset)
        for item in page:
            yield item
        offset += len(page)
        more = len(page) == PAGE


async def write_survivor(store: BaseStore, run: str, survivor: Survivor) -> None:
    """Keep a survivor under its id."""
    await store.aput((run, "survivors"), survivor.id, survivor.model_dump(mode="json"), index=False)


async def write_refusal(store: BaseStore, run: str, refusal: Refusal) -> None:
    """Keep a refusal under its candidate."""
    await store.aput((run, "refused"), refusal.id, refusal.model_dump(mode="json"), index=False)


async def read_survivor(store: BaseStore, run: str, survivor: str) -> Survivor:
    """Return one survivor by its id; KeyError where the run has none of that id."""
    item = await store.aget((run, "survivors"), survivor)
    if item is None:
        raise KeyError(survivor)
    return Survivor.model_validate(item.value)


async def read_refusal(store: BaseStore, run: str, candidate: str) -> Refusal:
    """Return one refusal by its candidate; KeyError where the run has none."""
    item = await store.aget((run, "refused"), candidate)
    if item is None:
        raise KeyError(candidate)
    return Refusal.model_validate(item.value)


async def write_open(store: BaseStore, run: str, candidate: str, wanted: CandidateInput) -> None:
    """Note that a candidate has begun, and what it is asked for."""
    await store.aput((run, "open"), candidate, wanted.model_dump(), index=False)


async def delete_open(store: BaseStore, run: str, candidate: str) -> None:
    """Note that a candidate has ended, and that all of its end is written."""
    await store.adelete((run, "open"), candidate)


async def read_open(store: BaseStore, run: str) -> list[CandidateInput]:
    """Return the candidates that have begun and not ended, in their order."""
    begun = [CandidateInput.model_validate(item.value) async for item in scan(store, (run, "open"))]
    return sorted(begun, key=lambda wanted: wanted.index)


async def read_survivors(store: BaseStore, run: str) -> list[Survivor]:
    """Return all survivors of a run, by candidate number."""
    rows = [Survivor.model_validate(item.value) async for item in scan(store, (run, "survivors"))]
    return sorted(rows, key=lambda row: row.index)


async def read_refusals(store: BaseStore, run: str) -> list[Refusal]:
    """Return all refusals of a run, by candidate number."""
    rows = [Refusal.model_validate(item.value) async for item in scan(store, (run, "refused"))]
    return sorted(rows, key=lambda row: row.index)
