"""Where a run stood, moment by moment, in seconds of work: breaks between its sittings are left out."""

from __future__ import annotations

import time

from graph.reports.funnel import Funnel
from graph.reports.pictures.figures import Figures, Moment
from graph.reports.pictures.over_time import thinned

MOST = 600
"""Moments that are kept; of more, every other one goes."""


class Timeline:
    """The moments of one run; `figures.json` carries them from one sitting to the next."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._before = 0.0
        self._moments: list[Moment] = []

    def go_on(self, before: Figures | None, funnel: Funnel, rows: int) -> None:
        """Take up the moments of earlier sittings, and begin this one."""
        self._began = time.monotonic()
        if before is not None:
            self._moments, self._before = list(before.timeline), before.seconds
        self.note(funnel, rows)

    def note(self, funnel: Funnel, rows: int) -> None:
        """Note where the run stands now."""
        seconds = round(self._before + time.monotonic() - self._began, 1)
        total = funnel.total
        moment = Moment(seconds=seconds, candidates=funnel.ended, rows=rows, usd=total.usd, tokens=total.tokens)
        self._moments.append(moment)
        if len(self._moments) > 2 * MOST:
            self._moments = self.moments()

    def moments(self) -> list[Moment]:
        """Return them, from the first to the last."""
        return thinned(self._moments, MOST)
