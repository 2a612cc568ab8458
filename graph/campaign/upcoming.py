"""Which candidate comes next, and what it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from agents.records import CandidateInput
from graph.campaign.context import RunContext
from graph.campaign.spending.call_order import CallOrder
from graph.reports.funnel import Funnel
from graph.settings import Settings


class Upcoming:
    """The candidates of a run in the order in which slots take them.

    Args:
        context: What the run stands on.
        call_order: What the run has learned of prices.
    """

    def __init__(self, context: RunContext, call_order: CallOrder) -> None:
        self._context, self._call_order = context, call_order
        self._easy_in_flight: set[int] = set()
        """Candidates in flight that may become easy rows."""

    def indexes(self) -> Iterator[int]:
        """Give the candidates that were begun first, then fresh ones; what waits for a person is left alone."""
        context, bound = self._context, self._context.folder.settings.max_candidates
        begun = [index for index in context.begun if index not in context.waiting]
        known = {*context.done, *context.begun}
        for index in chain(begun, (index for index in count() if index not in known)):
            if bound is not None and index >= bound:
                return
            yield index

    def begin(self, index: int, funnel: Funnel) -> CandidateInput:
        """Say what a candidate is asked for: what an earlier process asked, or where steering aims now."""
        context = self._context
        if index in context.begun:
            wanted = context.begun[index]
        else:
            hard = context.room(easy=False) > 0
            wanted = CandidateInput(
                index=index,
                easy=context.room(easy=True) > (len(self._easy_in_flight) if hard else 0),
                hard=hard,
                samples_first=self._call_order.samples_first(funnel),
                **context.steering.choose(index).model_dump(),
            )
        if index not in context.waiting:
            context.steering.begin(wanted.cell)
        if wanted.easy:
            self._easy_in_flight.add(index)
        return wanted

    def end(self, index: int) -> None:
        """Count a candidate as no longer in flight."""
        self._context.decided.discard(index)
        self._easy_in_flight.discard(index)


def waiting_line(settings: Settings, cases: int) -> str:
    """Say that cases wait, and for which command."""
    name = settings.run_name if settings.runs_dir == Path("runs") else settings.folder
    noun, verb = ("case", "waits") if cases == 1 else ("cases", "wait")
    return f"{cases} {noun} {verb} for review: python -m graph.run review {name}"
