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
from agents.records import CandidateInput, Refusal, SeatUsage, Survivor
from graph.campaign.call_order import Order
from graph.campaign.context import Floor
from graph.campaign.forecast import Forecast
from graph.campaign.ledger import Ledger
from graph.campaign.preflight import open_seats, preflight
from graph.campaign.resume import restock, take_up
from graph.campaign.run_folder import RunFolder
from graph.campaign.worker import STOPS, Event, play, tidy
from graph.question.attempts import read_setbacks
from graph.question.graph import build_question
from graph.question.pass_rate import all_finished
from graph.question.resources import WorkshopSource
from graph.reports.funnel import Funnel
from graph.settings import Settings
from graph.storage.records import read_open, read_refusals
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

    def __init__(self, settings: Settings, source: WorkshopSource, *, force: bool = False) -> None:
        self.settings = settings.resolved()
        self.funnel = Funnel(self.settings)
        self.ending = ""
        self.rows: list[Survivor] = []
        self._source = source
        self._force = force
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._in_flight: dict[int, RunControl] = {}
        self._anchors: set[int] = set()
        """Candidates in flight that may become anchors."""
        self._one_ended = asyncio.Event()
        self._ledger: Ledger | None = None
        self._paid = asyncio.Event()
        """Set with the first call: from then on the settings are the run's."""
        self._forecast = Forecast(self.settings)
        self._order = Order(self.settings)

    def drain(self, why: str) -> None:
        """Admit no further paid call, and let what is in the air finish; the first reason stands."""
        self.ending = self.ending or why
        if self._ledger is not None:
            self._ledger.close(why)
        for control in self._in_flight.values():
            control.request_drain(why)

    async def events(self) -> AsyncIterator[Event]:
        """Run, and tell what happens: `start`; each `call`, `attempt` and `end`; `warning`, and `summary` at last.

        A `quiet` event comes now and then where nothing happens.

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
            return {"type": "quiet"}

    async def _run(self) -> None:
        shop = await self._source()
        steering = await preflight(shop, self.settings)
        folder = await asyncio.to_thread(RunFolder.open, self.settings, force=self._force)
        try:
            async with open_run(folder.path) as (saver, store):
                self._ledger = shop.ledgers[folder.path] = Ledger(store, self.settings)
                graph = build_question(self._source).compile(checkpointer=saver, store=store, name="question")
                await self._work(Floor(shop, graph, saver, store, folder, steering, self._ledger))
        finally:
            shop.ledgers.pop(folder.path, None)
            await asyncio.to_thread(folder.close)

    async def _work(self, floor: Floor) -> None:
        await all_finished((floor.shop.novelty(self.settings), self._go_on(floor)))
        if lost := await restock(floor, self.settings, self.funnel.kept):
            text = f"the novelty store lacked {lost} of {self.funnel.kept} kept questions; all were offered to it again"
            self._tell({"type": "warning", "text": text})
        indexes = self._indexes(floor)

        async def fill_slot() -> None:
            while not self._over(floor):
                missing = self.settings.target - len(floor.folder.rows)
                if len(self._in_flight) >= self._forecast.needed(self.funnel.ended, len(floor.folder.rows), missing):
                    self._one_ended.clear()
                    await self._one_ended.wait()
                elif (index := next(indexes, None)) is not None:
                    await self._candidate(index, floor)
                else:
                    return

        async def record() -> None:
            await self._paid.wait()
            await asyncio.to_thread(floor.folder.record)

        clock, recording = asyncio.create_task(self._watch_the_clock()), asyncio.create_task(record())
        try:
            async with asyncio.TaskGroup() as slots:
                for _ in range(self.settings.slots):
                    slots.create_task(fill_slot())
            if self._paid.is_set():
                await recording
        except asyncio.CancelledError:  # stopped at once: the sums are still those of the rows
            self.drain(INTERRUPTED)
            await self._sum_up(floor)
            raise
        finally:
            clock.cancel()
            recording.cancel()
        if not self._over(floor):
            self.drain(f"{self.settings.max_candidates} candidates were tried (--max-candidates)")
        await self._sum_up(floor)

    async def _go_on(self, floor: Floor) -> None:
        """Take up what earlier processes left, and say where the run stands."""
        self.funnel, self._order = await take_up(floor, self.settings)
        self.rows = floor.folder.rows
        self._tell(
            {
                "type": "start",
                "kept": len(self.rows),
                "ended": self.funnel.ended,
                "outcomes": dict(self.funnel.outcomes),
                "usage": self.funnel.total.model_dump(),
                "folder": str(floor.folder.path),
            }
        )
        self._warn_of_a_small_cap(await open_seats(floor.shop, self.settings))

    def _warn_of_a_small_cap(self, seats: Sequence[Seat]) -> None:
        """Say so where much of the money may stay unspent, held for what calls might cost."""
        cap, slots = self.settings.max_usd, self.settings.slots
        worst = max(seat.price(0, seat.max_output, 0) or 0.0 for seat in seats)
        if cap is not None and slots * worst > cap / 4:
            held = f"${worst:.4f} for a reply at worst, times {slots} in the air"
            advice = "lower --max-output-tokens or --slots"
            text = f"{held}: as much of --max-usd {cap:g} is held back and may stay unspent; {advice}"
            self._tell({"type": "warning", "text": text})

    async def _sum_up(self, floor: Floor) -> None:
        if len(self.rows) >= self.settings.target:  # whatever else stopped it meanwhile
            self.ending = TARGET_REACHED
        self.funnel.lost = floor.ledger.lost
        self.funnel.outcomes["stopped"] = len(await read_open(floor.store, self.settings.run_name))
        self.funnel.rows = len(self.rows)
        self.funnel.setbacks = await read_setbacks(floor.store, self.settings.run_name)
        self.funnel.mix = floor.steering.declared_and_actual(self.rows)
        refusals = await read_refusals(floor.store, self.settings.run_name)
        coverage = floor.steering.coverage()
        await asyncio.to_thread(floor.folder.write_summary, self.funnel, refusals, coverage, self.ending)
        self._tell(
            {"type": "summary", "ending": self.ending, "folder": str(floor.folder.path), **self.funnel.as_json()}
        )

    def _over(self, floor: Floor) -> bool:
        if len(floor.folder.rows) >= self.settings.target:
            self.drain(TARGET_REACHED)
        return bool(self.ending)

    async def _watch_the_clock(self) -> None:
        if self.settings.max_minutes is not None:
            await asyncio.sleep(60 * self.settings.max_minutes)
            self.drain(f"{self.settings.max_minutes:g} minutes are over (--max-minutes)")

    def _indexes(self, floor: Floor) -> Iterator[int]:
        """Give the candidates that were begun first, then fresh ones."""
        bound = self.settings.max_candidates
        fresh = (index for index in count() if index not in floor.done and index not in floor.begun)
        for index in chain(floor.begun, fresh):
            if bound is not None and index >= bound:
                return
            yield index

    async def _candidate(self, index: int, floor: Floor) -> None:
        """Take one candidate to its end, or to where the run stops."""
        self._in_flight[index] = RunControl()
        try:
            wanted = self._wanted(index, floor)
            if wanted.anchor:
                self._anchors.add(index)
            ended = await play(floor, self.settings, wanted, self._in_flight[index], self._tell)
            closing = asyncio.create_task(self._close(floor, ended))
            try:
                await asyncio.shield(closing)
            finally:
                await closing  # also where all is stopped at once: an end is counted wherever it is written, or nowhere
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
            self._anchors.discard(index)
            self._one_ended.set()

    def _wanted(self, index: int, floor: Floor) -> CandidateInput:
        """Say what the candidate is asked for: what an earlier process asked, or where steering aims now."""
        if index in floor.begun:
            wanted = floor.begun[index]
        else:
            hard = floor.folder.room(anchor=False) > 0
            wanted = CandidateInput(
                index=index,
                anchor=floor.folder.room(anchor=True) > (len(self._anchors) if hard else 0),
                hard=hard,
                samples_first=self._order.samples_first(self.funnel),
                **floor.steering.choose(index).model_dump(),
            )
        floor.steering.begin(wanted.cell)
        return wanted

    async def _close(self, floor: Floor, ended: Survivor | Refusal) -> None:
        """Put a candidate's end everywhere it belongs, the dataset first; then drop what only a resume would need."""
        added = isinstance(ended, Survivor) and bool(await asyncio.to_thread(floor.folder.add, [ended]))
        floor.steering.learn(ended)
        self.funnel.add(ended)
        outcome, reason = ended.outcome, ended.reason
        rows, ledger = len(self.rows), floor.ledger
        self._tell({"type": "end", "index": ended.index, "outcome": outcome, "reason": reason, "rows": rows})
        if why := self._forecast.hopeless(outcome, reason, added=added):
            self.drain(why)
        if warning := self._forecast.shortfall(self.funnel.ended, rows, ledger.usd, ledger.tokens):
            self._tell({"type": "warning", "text": warning})
        await tidy(floor, self.settings.run_name, ended.index)

    def _tell(self, event: Event) -> None:
        """Count an event, and pass it on."""
        if event["type"] == "call":
            self._paid.set()
            self.funnel.add_usage(event["index"], {event["seat"]: SeatUsage.model_validate(event["usage"])})
        if event["type"] == "attempt":
            self._order.learn(event["outcome"], event["passed"], event["samples"])
        self._events.put_nowait(event)
