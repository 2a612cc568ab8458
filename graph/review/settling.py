"""Carry out what reviewers have decided about a run that nobody works on: no model is opened, and nothing is paid."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.seat import Seat
from graph.campaign.campaign import Campaign
from graph.campaign.context import RunContext
from graph.campaign.upcoming import waiting_line
from graph.campaign.worker import can_go_on
from graph.curriculum.bandit import Steering
from graph.question.resources import Resources

GOES_ON = "what was decided is carried out; the run's own command goes on with it"


class Settling(Campaign):
    """A sitting of a run that ends the candidates about which reviewers have decided, and begins none."""

    async def _prepare(self, resources: Resources) -> Steering:
        return Steering.of(await resources.domain(self.settings.domain), self.settings)

    async def _open_seats(self, resources: Resources) -> Sequence[Seat]:  # noqa: ARG002  # none is needed
        return ()

    async def _run_candidates(self, context: RunContext) -> None:
        """Take on the candidates that wait at their review; one that would have to start over is left to a run."""
        for index in sorted(context.decided):
            if await can_go_on(context, context.waiting[index].candidate):
                await self._candidate(index, context)

    def _bound(self, context: RunContext) -> str:
        return waiting_line(self.settings, len(context.waiting)) if context.waiting else GOES_ON
