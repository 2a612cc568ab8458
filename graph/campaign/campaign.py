"""A campaign: candidates in a pool of slots, each its own LangGraph thread, until the target or a bound is met.

The pool is outside the graph on purpose: one failed candidate stops nothing, progress shows at once, and the run
stops at exactly the target. Whatever kills the process, the same call goes on where it was: outcomes and finished
model calls are in the store, the steps of candidates in flight are in the checkpoints.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl

from agents.models.seat import Seat
from agents.records import CandidateInput, SeatUsage
from agents.reviews import ReviewCase
from agents.rows import Refusal, Survivor
from graph.campaign.context import RunContext
from graph.campaign.folder.lessons import read_lessons, write_lessons
from graph.campaign.folder.run_folder import RunFolder
from graph.campaign.folder.summaries import Summaries
from graph.campaign.folder.timeline import Timeline
from graph.campaign.preflight import held_back, open_seats, preflight
from graph.campaign.resume import find_decided, reindex, resume
from graph.campaign.spending.call_order import CallOrder
from graph.campaign.spending.forecast import Forecast
from graph.campaign.spending.ledger import Ledger
from graph.campaign.upcoming import Upcoming, waiting_line
from graph.campaign.watch import awaited, calls_in_flight, watch
from graph.campaign.worker import STOPS, Event, clean_up, run_candidate, why_it_stops
from graph.curriculum.bandit import Steering
from graph.question.graph import build_question
from graph.question.pass_rate import all_finished
from graph.question.resources import Resources, ResourcesSource
from graph.reports.funnel import Funnel
from graph.reports.pictures.figures import read_figures
from graph.settings import Settings
from graph.storage.sqlite import open_run

TARGET_REACHED = "target reached"
INTERRUPTED = "interrupted"
QUIET_S = 15.0
"""Seconds without an event after which one says just that."""
LOOK_FOR_DECISIONS_S = 1.0


class Campaign:
    """One campaign; iterate over `events()` to make it go.

    Args:
        settings: How it goes.
        source: Where models, sandbox and gate come from.
        force: Resume although settings differ from the recorded ones.

    Attributes:
        funnel: Counts so far.
        rows: Rows in the dataset.
        ending: Why it ended: `TARGET_REACHED`, `INTERRUPTED`, or the bound or fault in words.
    """

    def __init__(self, settings: Settings, source: ResourcesSource, *, force: bool = False) -> None:
        self.settings = settings.resolved()
        self.funnel = Funnel(self.settings)
        self.ending = ""
        self.rows: list[Survivor] = []
        self._source = source
        self._force = force
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._in_flight: dict[int, RunControl] = {}
        self._one_ended = asyncio.Event()
        self._ledger: Ledger | None = None
        self._paid = asyncio.Event()
        """Set with the first call: from then on the settings are the run's."""
        self._forecast = Forecast(self.settings)
        self._call_order = CallOrder(self.settings)
        self._seats: Sequence[Seat] = ()
        self._timeline = Timeline()

    def drain(self, why: str) -> None:
        """Admit no further paid call, and let what is in flight finish; the first reason stands."""
        self.ending = self.ending or why
        if self._ledger is not None:
            self._ledger.close(why)
        for control in self._in_flight.values():
            control.request_drain(why)
        self._one_ended.set()  # nothing may be in flight

    def waiting(self) -> str:
        """Say what a run that was told to stop is still waiting for."""
        return awaited(self._seats, len(self._in_flight))

    async def events(self) -> AsyncIterator[Event]:
        """Run, and tell what happens: `start`; each `call`, `attempt`, `wait` and `end`; `warning`; `summary` at last.

        A `quiet` event comes now and then where nothing happens; its `waiting` names the calls in flight.

        Raises:
            SetupError: Before anything is written, where the run cannot begin.
        """
        run = asyncio.create_task(self._run())
        run.add_done_callback(lambda _: self._events.put_nowait({"type": "closed"}))
        try:
            while (event := await self._next_event())["type"] != "closed":
                yield event
            await run
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)

    async def _next_event(self) -> Event:
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET_S):
                return await self._events.get()
        return {"type": "quiet", "waiting": calls_in_flight(self._seats)}

    async def _run(self) -> None:
        resources = await self._source()
        steering = await self._prepare(resources)
        folder = await asyncio.to_thread(RunFolder.open, self.settings, force=self._force)
        try:
            async with open_run(folder.path) as (saver, store):
                self._ledger = resources.ledgers[folder.path] = Ledger(store, self.settings)
                graph = build_question(self._source).compile(checkpointer=saver, store=store, name="question")
                await self._work(RunContext(resources, graph, saver, store, folder, steering, self._ledger))
        finally:
            resources.ledgers.pop(folder.path, None)
            await asyncio.to_thread(folder.close)

    async def _prepare(self, resources: Resources) -> Steering:
        return await preflight(resources, self.settings)

    async def _work(self, context: RunContext) -> None:
        await all_finished((context.resources.novelty(self.settings), self._go_on(context)))
        if lost := await reindex(context, self.settings, kept := self.funnel.kept):
            self._warn(f"the novelty store lacked {lost} of {kept} kept questions; all were offered to it again")
        summaries = Summaries(context, self.settings, self._timeline)
        await find_decided(context, self.settings)

        async def record() -> None:
            await self._paid.wait()
            await asyncio.to_thread(context.folder.record)

        watching, recording = asyncio.create_task(watch(self.settings, self.drain)), asyncio.create_task(record())
        reporting = asyncio.create_task(summaries.keep_writing(self._paid, lambda: self.funnel, self._warn))
        try:
            await self._run_candidates(context)
            if self._paid.is_set():
                await recording
        except asyncio.CancelledError:  # cancelled: the sums are still those of the rows
            self.drain(INTERRUPTED)
            await self._sum_up(context, summaries)
            raise
        finally:
            for task in (watching, recording, reporting):
                task.cancel()
        if not self._over(context):
            self.drain(self._bound(context))
        await self._sum_up(context, summaries)

    async def _run_candidates(self, context: RunContext) -> None:
        """Fill all slots, and carry out what reviewers decide meanwhile, until the run is over."""
        indexes, over = self._upcoming.indexes(), asyncio.Event()

        async def fill_slot() -> None:
            while not self._over(context):
                needed = self._forecast.needed(self.funnel.ended, len(context.folder.rows), context.missing)
                if context.missing <= 0 or len(self._in_flight) >= needed:
                    self._one_ended.clear()
                    await self._one_ended.wait()
                elif (index := next(indexes, None)) is not None:
                    await self._candidate(index, context)
                else:
                    return

        async with asyncio.TaskGroup() as tasks:
            slots = [tasks.create_task(fill_slot()) for _ in range(self.settings.slots)]
            tasks.create_task(self._carry_out_decisions(context, over))
            await asyncio.wait(slots)
            over.set()

    async def _carry_out_decisions(self, context: RunContext, over: asyncio.Event) -> None:
        """Take on the candidates that reviewers have decided about; this takes no model call, and so no slot."""
        while not self.ending:
            for index in sorted(context.decided):
                await self._candidate(index, context)
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), LOOK_FOR_DECISIONS_S)
                return
            try:
                await find_decided(context, self.settings)
            except STOPS as error:
                self.drain(why_it_stops(error))

    def _bound(self, context: RunContext) -> str:
        tried = f"{self.settings.max_candidates} candidates were tried (--max-candidates)"
        return f"{tried}; {waiting_line(self.settings, len(context.waiting))}" if context.waiting else tried

    async def _go_on(self, context: RunContext) -> None:
        """Take up what earlier processes left, and say where the run stands."""
        self._seats = list(dict.fromkeys(await self._open_seats(context.resources)))
        self.funnel, self._call_order = await resume(context, self.settings, self._seats)
        self._upcoming = Upcoming(context, self._call_order)
        self.rows = context.folder.rows
        before = await asyncio.to_thread(read_figures, context.folder.path)
        self._timeline.go_on(before, self.funnel, len(self.rows))
        self._tell({
            "type": "start", "folder": str(context.folder.path), "kept": len(self.rows), "ended": self.funnel.ended,
            "waiting": len(context.waiting), "outcomes": {**self.funnel.outcomes},
            "usage": self.funnel.total.model_dump(),
        })  # fmt: skip
        await asyncio.to_thread(read_lessons, context.folder.path, context.resources.dialects(self.settings))
        for doubt in dict.fromkeys(doubt for seat in self._seats for doubt in seat.doubts):
            self._warn(doubt)
        if held := held_back(self.settings, self._seats):
            self._warn(held)

    async def _open_seats(self, resources: Resources) -> Sequence[Seat]:
        return await open_seats(resources, self.settings)

    async def _sum_up(self, context: RunContext, summaries: Summaries) -> None:
        if len(self.rows) >= self.settings.target:  # whatever else stopped it meanwhile
            self.ending = TARGET_REACHED
        await self._keep_lessons(context)
        await summaries.write(self.funnel, self.ending)
        about = {"ending": self.ending, "folder": str(context.folder.path)}
        self._tell({"type": "summary", **about, **self.funnel.as_json()})

    def _over(self, context: RunContext) -> bool:
        if len(context.folder.rows) >= self.settings.target:
            self.drain(TARGET_REACHED)
        elif context.missing <= 0 and not self._in_flight and not context.decided:
            self.drain(waiting_line(self.settings, len(context.waiting)))
        return bool(self.ending)

    async def _candidate(self, index: int, context: RunContext) -> None:
        """Take one candidate to its end, or to where the run stops."""
        self._in_flight[index] = RunControl()
        try:
            wanted = self._upcoming.begin(index, self.funnel)
            ended = await run_candidate(context, self.settings, wanted, self._in_flight[index], self._tell)
            if isinstance(ended, ReviewCase):
                self._wait_for_review(ended, wanted, context)
                return
            closing = asyncio.create_task(self._close(context, ended))
            try:
                await asyncio.shield(closing)
            finally:
                await closing  # also where the run is cancelled: an end is counted wherever it is written, or nowhere
        except STOPS as error:
            if not isinstance(error, GraphDrained):
                self.drain(why_it_stops(error))
            self._tell({"type": "end", "index": index, "outcome": "stopped", "reason": self.ending})
        finally:
            del self._in_flight[index]
            self._upcoming.end(index)
            self._one_ended.set()

    def _wait_for_review(self, case: ReviewCase, wanted: CandidateInput, context: RunContext) -> None:
        """Free the slot of a candidate that waits for a person; it holds the place of a row until it has ended."""
        context.begun[case.index], context.waiting[case.index] = wanted, case
        why = {"reason": case.fault or "; ".join(case.doubts), "waiting": len(context.waiting)}
        self._tell({"type": "wait", "index": case.index, **why})

    async def _close(self, context: RunContext, ended: Survivor | Refusal) -> None:
        """Put a candidate's end everywhere it belongs, the dataset first; then drop what only a resume would need."""
        added = isinstance(ended, Survivor) and bool(await asyncio.to_thread(context.folder.add, [ended]))
        context.waiting.pop(ended.index, None)
        context.steering.learn(ended)
        self.funnel.add(ended)
        outcome, reason, rows, ledger = ended.outcome, ended.reason, len(self.rows), context.ledger
        self._timeline.note(self.funnel, rows)
        end = {"index": ended.index, "outcome": outcome, "reason": reason, "rows": rows}
        self._tell({"type": "end", "waiting": len(context.waiting), **end})
        if why := self._forecast.hopeless(outcome, reason, added=added):
            self.drain(why)
        if warning := self._forecast.shortfall(self.funnel.ended, rows, ledger.usd, ledger.tokens):
            self._warn(warning)
        await self._keep_lessons(context)
        await clean_up(context, self.settings.run_name, ended.index)

    async def _keep_lessons(self, context: RunContext) -> None:
        dialects = context.resources.dialects(self.settings)
        await asyncio.to_thread(write_lessons, context.folder.path, dialects)

    def _warn(self, text: str) -> None:
        self._tell({"type": "warning", "text": text})

    def _tell(self, event: Event) -> None:
        """Count an event, and pass it on."""
        if event["type"] == "call":
            self._paid.set()
            self.funnel.add_usage(event["index"], {event["seat"]: SeatUsage.model_validate(event["usage"])})
        if event["type"] == "attempt":
            self._call_order.learn(event["outcome"], event["passed"], event["samples"])
        self._events.put_nowait(event)
