"""One run that the service carries out: its campaign in a task, and where it stands."""

from __future__ import annotations

import asyncio
import logging
import time

from graph.callers.callers import CallerSettings
from graph.callers.words import FORESEEN, error_for_callers, event_for_callers, for_callers
from graph.campaign.campaign import Campaign
from graph.campaign.worker import Event
from graph.question.resources import Resources
from graph.reports.progress import one_line
from graph.service.answers import RunStatus, State
from graph.service.running.totals import Totals

PAUSED = "paused; it can be resumed"
CANCELLED = "cancelled; it can be resumed"
SHUT_DOWN = "the service was shut down; it can be resumed"
MOST_WARNINGS = 20

logger = logging.getLogger(__name__)


class Going:
    """A run in progress; it ends by itself, and `begun` is over once it works or could not begin.

    Args:
        settings: How it goes.
        totals: Where what it does is counted.
        force: Resume although settings differ from before.
    """

    def __init__(self, settings: CallerSettings, totals: Totals, *, force: bool) -> None:
        self.settings = settings
        self._totals = totals
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._resources = Resources()
        self._campaign = Campaign(settings, self._source, force=force)
        self._since = time.monotonic()
        self._state: State = "starting"
        self._note = ""
        self._warnings: list[str] = []
        self._fault = ""
        self.task = asyncio.create_task(self._run(), name=f"run {settings.run_name}")
        self.task.add_done_callback(self._ended)

    async def _source(self) -> Resources:
        return self._resources

    async def _run(self) -> None:
        async with self._resources:
            async for event in self._campaign.events():
                self._totals.count(event)
                self._take(event_for_callers(event, self.settings.stated))

    def _take(self, event: Event) -> None:
        if not self.begun.done():
            self.begun.set_result(None)
            self._totals.started += 1
        if self._state == "starting":
            self._state = "running"
        match event["type"]:
            case "end":
                reason = f": {event['reason']}" if event["reason"] else ""
                self._note = one_line(f"candidate {event['index']} {event['outcome']}{reason}", 200)
            case "warning":
                self._warnings = [*self._warnings, one_line(event["text"], 500)][-MOST_WARNINGS:]
            case "quiet":
                self._note = one_line(f"waiting for replies; {event['waiting']}".removesuffix("; "), 200)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Note how it ended; what nobody foresaw goes to the log."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            fault = error_for_callers(error, self.settings.stated) if isinstance(error, Exception) else error
            self._fault = str(fault)
            if not isinstance(error, FORESEEN):
                logger.error("run %s ended by a fault", self.settings.run_name, exc_info=error)
            if not self.begun.done():
                self.begun.set_exception(fault)
        if not self.begun.done():
            self.begun.cancel()

    @property
    def worked(self) -> bool:
        """Whether it has begun at all."""
        return self.begun.done() and not self.begun.cancelled() and self.begun.exception() is None

    def pause(self, why: str = PAUSED) -> None:
        """Let the steps in flight finish, and end."""
        if self._state in ("starting", "running"):
            self._state = "pausing"
            self._campaign.drain(why)

    async def cancel(self, why: str = CANCELLED) -> None:
        """Stop at once; what was paid for is kept."""
        self._state = "cancelling"
        self._campaign.drain(why)
        self.task.cancel()
        await asyncio.wait([self.task])

    @property
    def ending(self) -> str:
        """Why it ended, or is ending."""
        return self._fault or for_callers(self._campaign.ending, self.settings.stated)

    @property
    def status(self) -> RunStatus:
        """Where it stands."""
        funnel, total = self._campaign.funnel, self._campaign.funnel.total
        return RunStatus(
            name=self.settings.run_name,
            state=self._state,
            ending=self.ending,
            target=self.settings.target,
            rows=len(self._campaign.rows),
            candidates=funnel.ended,
            outcomes={name: count for name, count in funnel.outcomes.items() if count},
            calls=total.calls,
            tokens=total.tokens,
            usd=total.usd,
            seconds=round(time.monotonic() - self._since, 1),
            note=self._note,
            warnings=self._warnings,
        )
