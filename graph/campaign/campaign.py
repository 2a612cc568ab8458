"""A campaign: candidates in a pool of slots, each its own LangGraph thread, until the target or a bound is met.

The pool is outside the graph on purpose: one failed candidate stops nothing, progress shows at once, and the run
stops at exactly the target. Whatever kills the process, the same call goes on where it was: outcomes and finished
model calls are in the store, the steps of candidates in flight are in the checkpoints.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import chain, count

from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl

from agents.errors import NanoFluxError, NotAdmitted, Outage
from agents.models.seat import Seat
from agents.records import CandidateInput, SeatUsage
from agents.rows import Refusal, Survivor
from graph.campaign.call_order import CallOrder
from graph.campaign.context import RunContext
from graph.campaign.forecast import Forecast
from graph.campaign.ledger import Ledger
from graph.campaign.lessons import read_lessons, write_lessons
from graph.campaign.preflight import open_seats, preflight
from graph.campaign.resume import reindex, resume
from graph.campaign.run_folder import RunFolder
from graph.campaign.summaries import Summaries
from graph.campaign.timeline import Timeline
from graph.campaign.watch import watch
from graph.campaign.worker import STOPS, Event, clean_up, run_candidate
from graph.question.graph import build_question
from graph.question.pass_rate import all_finished
from graph.question.resources import ResourcesSource
from graph.reports.funnel import Funnel
from graph.reports.pictures.figures import read_figures
from graph.settings import Settings
from graph.storage.sqlite import open_run
from tools.novelty.port import NoveltyError
from tools.sandbox.port import SandboxError

TARGET_REACHED = "target reached"
INTERRUPTED = "interrupted"
QUIET_S = 15.0
"""Seconds without an event after which one says just that."""


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
        self._easy_in_flight: set[int] = set()
        """Candidates in flight that may become easy rows."""
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

    async def events(self) -> AsyncIterator[Event]:
        """Run, and tell what happens: `start`; each `call`, `attempt` and `end`; `warning`, and `summary` at last.

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
        try:
            async with asyncio.timeout(QUIET_S):
                return await self._events.get()
        except TimeoutError:
            return {"type": "quiet", "waiting": "; ".join(filter(None, (seat.waiting() for seat in self._seats)))}

    async def _run(self) -> None:
        resources = await self._source()
        steering = await preflight(resources, self.settings)
        folder = await asyncio.to_thread(RunFolder.open, self.settings, force=self._force)
        try:
            async with open_run(folder.path) as (saver, store):
                self._ledger = resources.ledgers[folder.path] = Ledger(store, self.settings)
                graph = build_question(self._source).compile(checkpointer=saver, store=store, name="question")
                await self._work(RunContext(resources, graph, saver, store, folder, steering, self._ledger))
        finally:
            resources.ledgers.pop(folder.path, None)
            await asyncio.to_thread(folder.close)

    async def _work(self, context: RunContext) -> None:
        await all_finished((context.resources.novelty(self.settings), self._go_on(context)))
        if lost := await reindex(context, self.settings, self.funnel.kept):
            text = f"the novelty store lacked {lost} of {self.funnel.kept} kept questions; all were offered to it again"
            self._tell({"type": "warning", "text": text})
        indexes, summaries = self._indexes(context), Summaries(context, self.settings, self._timeline)

        async def fill_slot() -> None:
            while not self._over(context):
                missing = self.settings.target - len(context.folder.rows)
                if len(self._in_flight) >= self._forecast.needed(self.funnel.ended, len(context.folder.rows), missing):
                    self._one_ended.clear()
                    await self._one_ended.wait()
                elif (index := next(indexes, None)) is not None:
                    await self._candidate(index, context)
                else:
                    return

        async def record() -> None:
            await self._paid.wait()
            await asyncio.to_thread(context.folder.record)

        async def report() -> None:
            await self._paid.wait()
            await summaries.keep_writing(
                lambda: self.funnel, lambda text: self._tell({"type": "warning", "text": text})
            )

        watching = asyncio.create_task(watch(self.settings, self.drain))
        recording, reporting = asyncio.create_task(record()), asyncio.create_task(report())
        try:
            async with asyncio.TaskGroup() as slots:
                for _ in range(self.settings.slots):
                    slots.create_task(fill_slot())
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
            self.drain(f"{self.settings.max_candidates} candidates were tried (--max-candidates)")
        await self._sum_up(context, summaries)

    async def _go_on(self, context: RunContext) -> None:
        """Take up what earlier processes left, and say where the run stands."""
        self.funnel, self._call_order = await resume(context, self.settings)
        self.rows = context.folder.rows
        self._timeline.go_on(await asyncio.to_thread(read_figures, context.folder.path))
        self._timeline.note(self.funnel, len(self.rows))
        self._tell(
            {
                "type": "start",
                "kept": len(self.rows),
                "ended": self.funnel.ended,
                "outcomes": dict(self.funnel.outcomes),
                "usage": self.funnel.total.model_dump(),
                "folder": str(context.folder.path),
            }
        )
        self._seats = list(dict.fromkeys(await open_seats(context.resources, self.settings)))
        await asyncio.to_thread(read_lessons, context.folder.path, context.resources.dialects(self.settings))
        for doubt in dict.fromkeys(doubt for seat in self._seats for doubt in seat.doubts):
            self._tell({"type": "warning", "text": doubt})
        self._warn_of_a_small_cap(self._seats)

    def _warn_of_a_small_cap(self, seats: Sequence[Seat]) -> None:
        """Say so where much of the money may stay unspent, held for what calls might cost."""
        cap, slots = self.settings.max_usd, self.settings.slots
        worst = max(seat.price(0, seat.max_output, 0) or 0.0 for seat in seats)
        if cap is not None and slots * worst > cap / 4:
            held = f"${worst:.4f} for a reply at worst, times {slots} in flight"
            advice = "lower --max-output-tokens or --slots"
            text = f"{held}: as much of --max-usd {cap:g} is held back and may stay unspent; {advice}"
            self._tell({"type": "warning", "text": text})

    async def _sum_up(self, context: RunContext, summaries: Summaries) -> None:
        if len(self.rows) >= self.settings.target:  # whatever else stopped it meanwhile
            self.ending = TARGET_REACHED
        await self._keep_lessons(context)
        await summaries.write(self.funnel, self.ending)
        self._tell(
            {"type": "summary", "ending": self.ending, "folder": str(context.folder.path), **self.funnel.as_json()}
        )

    def _over(self, context: RunContext) -> bool:
        if len(context.folder.rows) >= self.settings.target:
            self.drain(TARGET_REACHED)
        return bool(self.ending)

    def _indexes(self, context: RunContext) -> Iterator[int]:
        """Give the candidates that were begun first, then fresh ones."""
        bound = self.settings.max_candidates
        fresh = (index for index in count() if index not in context.done and index not in context.begun)
        for index in chain(context.begun, fresh):
            if bound is not None and index >= bound:
                return
            yield index

    async def _candidate(self, index: int, context: RunContext) -> None:
        """Take one candidate to its end, or to where the run stops."""
        self._in_flight[index] = RunControl()
        try:
            wanted = self._wanted(index, context)
            if wanted.easy:
                self._easy_in_flight.add(index)
            ended = await run_candidate(context, self.settings, wanted, self._in_flight[index], self._tell)
            closing = asyncio.create_task(self._close(context, ended))
            try:
                await asyncio.shield(closing)
            finally:
                await closing  # also where the run is cancelled: an end is counted wherever it is written, or nowhere
        except STOPS as error:
            if isinstance(error, NotAdmitted):  # a cap that the ledger found met
                self.drain(str(error))
            elif not isinstance(error, GraphDrained):
                ours = isinstance(error, NanoFluxError | NoveltyError | SandboxError)
                later = "; once it answers again, the same command goes on" if isinstance(error, Outage) else ""
                self.drain(f"{error}{later}" if ours else f"{type(error).__name__}: {error}")
            self._tell({"type": "end", "index": index, "outcome": "stopped", "reason": self.ending})
        finally:
            del self._in_flight[index]
            self._easy_in_flight.discard(index)
            self._one_ended.set()

    def _wanted(self, index: int, context: RunContext) -> CandidateInput:
        """Say what the candidate is asked for: what an earlier process asked, or where steering aims now."""
        if index in context.begun:
            wanted = context.begun[index]
        else:
            hard = context.folder.room(easy=False) > 0
            wanted = CandidateInput(
                index=index,
                easy=context.folder.room(easy=True) > (len(self._easy_in_flight) if hard else 0),
                hard=hard,
                samples_first=self._call_order.samples_first(self.funnel),
                **context.steering.choose(index).model_dump(),
            )
        context.steering.begin(wanted.cell)
        return wanted

    async def _close(self, context: RunContext, ended: Survivor | Refusal) -> None:
        """Put a candidate's end everywhere it belongs, the dataset first; then drop what only a resume would need."""
        added = isinstance(ended, Survivor) and bool(await asyncio.to_thread(context.folder.add, [ended]))
        context.steering.learn(ended)
        self.funnel.add(ended)
        outcome, reason = ended.outcome, ended.reason
        rows, ledger = len(self.rows), context.ledger
        self._timeline.note(self.funnel, rows)
        self._tell({"type": "end", "index": ended.index, "outcome": outcome, "reason": reason, "rows": rows})
        if why := self._forecast.hopeless(outcome, reason, added=added):
            self.drain(why)
        if warning := self._forecast.shortfall(self.funnel.ended, rows, ledger.usd, ledger.tokens):
            self._tell({"type": "warning", "text": warning})
        await self._keep_lessons(context)
        await clean_up(context, self.settings.run_name, ended.index)

    async def _keep_lessons(self, context: RunContext) -> None:
        dialects = context.resources.dialects(self.settings)
        await asyncio.to_thread(write_lessons, context.folder.path, dialects)

    def _tell(self, event: Event) -> None:
        """Count an event, and pass it on."""
        if event["type"] == "call":
            self._paid.set()
            self.funnel.add_usage(event["index"], {event["seat"]: SeatUsage.model_validate(event["usage"])})
        if event["type"] == "attempt":
            self._call_order.learn(event["outcome"], event["passed"], event["samples"])
        self._events.put_nowait(event)
