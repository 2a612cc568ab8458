"""A campaign: candidates in a pool of slots, each its own LangGraph thread, until the target or a bound is met.

The pool is outside the graph on purpose: one failed candidate stops nothing, progress shows at once, and the run
stops at exactly the target. Whatever kills the process, the same call goes on where it was: outcomes and finished
model calls are in the store, the steps of candidates in flight are in the checkpoints.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, cast

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl
from langgraph.store.base import BaseStore
from langgraph.store.sqlite.aio import AsyncSqliteStore

from agents.errors import SeatFault
from agents.schema import SEATS, Refusal, SeatUsage, Survivor
from graph.build import QuestionGraph, build_question
from graph.folder import RunFolder
from graph.funnel import Funnel
from graph.settings import Settings, candidate_id
from graph.state import CandidateInput
from graph.store import CandidateJournal, read_refusals, read_survivor, read_survivors, write_refusal
from graph.workshop import Workshop, WorkshopSource

Event = dict[str, Any]

TARGET_REACHED = "target reached"
INTERRUPTED = "interrupted"


class Campaign:
    """One campaign; iterate over `events()` to make it go.

    Args:
        settings: How it goes.
        source: Where models, sandbox and gate come from.
        force: Resume although settings differ from the recorded ones.

    Attributes:
        funnel: Counts so far.
        rows: Rows in the dataset at the end.
        ending: Why it ended: `TARGET_REACHED`, `INTERRUPTED`, or the bound or fault in words.
    """

    def __init__(self, settings: Settings, source: WorkshopSource, *, force: bool = False) -> None:
        self.settings = settings.resolved()
        self.funnel = Funnel(self.settings.target)
        self.ending = ""
        self.rows: list[Survivor] = []
        self._source = source
        self._force = force
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._in_flight: dict[int, RunControl] = {}
        self._barren = 0

    def drain(self, why: str) -> None:
        """Start nothing more, and let what is in flight stop after its present step; the first reason stands."""
        self.ending = self.ending or why
        for control in self._in_flight.values():
            control.request_drain(why)

    async def events(self) -> AsyncIterator[Event]:
        """Run, and tell what happens: `start`, `call` and `end` of a candidate, `summary` at last.

        Raises:
            SetupError: Before anything is written, where the run cannot begin.
        """
        run = asyncio.create_task(self._run())
        run.add_done_callback(lambda _: self._events.put_nowait({"type": "closed"}))
        try:
            while (event := await self._events.get())["type"] != "closed":
                yield event
            await run
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)

    async def _run(self) -> None:
        shop = await self._source()
        await preflight(shop, self.settings)
        folder = await asyncio.to_thread(RunFolder.open, self.settings, force=self._force)
        try:
            await shop.novelty(self.settings)
            async with open_run(folder.path) as (saver, store):
                await self._work(saver, store, folder)
        finally:
            await asyncio.to_thread(folder.close)

    async def _work(self, saver: AsyncSqliteSaver, store: BaseStore, folder: RunFolder) -> None:
        run = self.settings.run_name
        survivors, refusals = await read_survivors(store, run), await read_refusals(store, run)
        self.funnel = Funnel.of(self.settings.target, survivors, refusals)
        await asyncio.to_thread(folder.add, survivors)
        self._tell({"type": "start", "kept": self.funnel.kept, "ended": self.funnel.ended, "folder": str(folder.path)})
        graph = build_question(self._source).compile(checkpointer=saver, store=store, name="question")
        indexes = self._indexes({row.index for row in survivors} | {row.index for row in refusals})

        async def fill_slot() -> None:
            while not self._over():
                index = next(indexes, None)
                if index is None:
                    self.drain(f"{self.settings.max_candidates} candidates were tried (--max-candidates)")
                else:
                    await self._candidate(index, graph, saver, store, folder)

        async with asyncio.TaskGroup() as slots:
            for _ in range(self.settings.slots):
                slots.create_task(fill_slot())
        refusals = await read_refusals(store, run)
        await asyncio.to_thread(folder.write_summary, self.funnel, refusals, self.ending)
        self.rows = folder.rows
        self._tell({"type": "summary", "ending": self.ending, "folder": str(folder.path), **self.funnel.as_json()})

    def _over(self) -> bool:
        if self.funnel.kept >= self.settings.target:
            self.drain(TARGET_REACHED)
        return bool(self.ending)

    def _indexes(self, done: set[int]) -> Iterator[int]:
        bound = self.settings.max_candidates
        return (index for index in (count() if bound is None else range(bound)) if index not in done)

    async def _candidate(
        self, index: int, graph: QuestionGraph, saver: AsyncSqliteSaver, store: BaseStore, folder: RunFolder
    ) -> None:
        """Take one candidate to its end, from wherever an earlier process left it."""
        run, candidate = self.settings.run_name, candidate_id(self.settings.run_name, index)
        config: RunnableConfig = {"configurable": {"thread_id": candidate}, "recursion_limit": self._steps_bound()}
        control = self._in_flight[index] = RunControl()
        try:
            begun = (await graph.aget_state(config)).created_at is not None
            self.funnel.add_usage(await CandidateJournal(store, run, candidate, self._tell).usage())
            async for part in graph.astream(
                None if begun else CandidateInput(index=index), config, context=self.settings, stream_mode="custom",
                durability="async", control=control, version="v2",
            ):  # fmt: skip
                self._tell({"index": index, **cast(Event, part["data"])})
            values = (await graph.aget_state(config)).values
            if values["survivor_id"]:
                await asyncio.to_thread(folder.add, [await read_survivor(store, run, values["survivor_id"])])
            self._tell({"type": "end", "index": index, "outcome": values["outcome"], "reason": values["reason"]})
        except GraphDrained:
            self._tell({"type": "end", "index": index, "outcome": "stopped", "reason": self.ending})
            return
        except (SeatFault, sqlite3.Error, OSError) as error:  # no other candidate would fare better
            self.drain(f"{type(error).__name__}: {error}")
            self._tell({"type": "end", "index": index, "outcome": "stopped", "reason": str(error)})
            return
        except Exception as error:  # noqa: BLE001  # one candidate's failure is an outcome, and the run goes on
            reason = f"{type(error).__name__}: {error}"
            usage = await CandidateJournal(store, run, candidate, self._tell).usage()
            refusal = Refusal(
                id=candidate, index=index, outcome="failed", reason=reason, attempts=0, question=None, evidence=[],
                usage=usage,
            )  # fmt: skip
            await write_refusal(store, run, refusal)
            self._tell({"type": "end", "index": index, "outcome": "failed", "reason": reason})
        finally:
            del self._in_flight[index]
        await saver.adelete_thread(candidate)

    def _steps_bound(self) -> int:
        """Supersteps that no candidate can exceed: each attempt's nodes and judge turns, and a margin."""
        return 10 + self.settings.max_attempts * (6 + 2 * self.settings.judge_turns)

    def _tell(self, event: Event) -> None:
        """Count an event, and pass it on."""
        if event["type"] == "call":
            self.funnel.add_usage({event["seat"]: SeatUsage.model_validate(event["usage"])})
        if event["type"] == "end":
            self.funnel.outcomes[event["outcome"]] += 1
            self._watch_for_hopelessness(event)
        self._events.put_nowait(event)

    def _watch_for_hopelessness(self, event: Event) -> None:
        if event["outcome"] == "stopped":
            return
        self._barren = 0 if event["outcome"] == "kept" else self._barren + 1
        if self._barren >= self.settings.give_up_after:
            last = f"the last one {event['outcome']}: {event['reason'][:200]}"
            self.drain(f"{self._barren} candidates in a row ended without a survivor, {last} (--give-up-after)")


@asynccontextmanager
async def open_run(path: Path) -> AsyncIterator[tuple[AsyncSqliteSaver, AsyncSqliteStore]]:
    """Open a run's checkpoints and store: SQLite in write-ahead mode, one file each."""
    async with AsyncExitStack() as stack:
        saver = await stack.enter_async_context(AsyncSqliteSaver.from_conn_string(str(path / "checkpoints.sqlite")))
        await saver.setup()
        connection = await stack.enter_async_context(aiosqlite.connect(path / "store.sqlite", isolation_level=None))
        await connection.execute("PRAGMA journal_mode=WAL")
        store = await stack.enter_async_context(AsyncSqliteStore(connection))
        await store.setup()
        yield saver, store


async def preflight(shop: Workshop, settings: Settings) -> None:
    """Open all that a candidate will need, so that what is missing shows before anything is written."""
    await shop.domain(settings.domain)
    for index in range(2 if settings.alternate else 1):
        for name in SEATS:
            await shop.seat(settings, name, index)
    await shop.sandbox(settings)
