"""What people read of a run, written every minute while it goes and once more at its end.

Reading and writing happen in a thread, over a connection of its own, so that the run's candidates do not wait; where a
writing takes long, the next one comes later.
"""

from __future__ import annotations

import asyncio
import copy
import sqlite3
import time
from collections.abc import Callable
from threading import Lock

import numpy as np
import numpy.typing as npt

from agents.rows import Refusal
from graph.campaign.context import RunContext
from graph.campaign.folder.timeline import Timeline
from graph.question.attempts import read_rejections
from graph.question.state import Rejection
from graph.question.survivor import novelty_item
from graph.reports.card import grades
from graph.reports.funnel import Funnel
from graph.reports.pictures.figures import Dot
from graph.reports.pictures.positions import positions, sample
from graph.reports.run_summary import RunSummary
from graph.settings import Settings, candidate_id
from graph.storage.collector import uncollected
from graph.storage.records import read_open, read_refusals
from graph.storage.sqlite import open_store
from tools.novelty.port import NoveltyError

FIRST_S, EVERY_S = 10.0, 60.0
"""Seconds until the first writing, and between two."""
REST = 20
"""A writing is followed by a pause of so many times as long as it took: it has a twentieth of one core at most."""


class Summaries:
    """Writes the summary of one run.

    Args:
        context: What the run stands on.
        settings: How it goes.
        timeline: Where it stood, moment by moment.
    """

    def __init__(self, context: RunContext, settings: Settings, timeline: Timeline) -> None:
        self._context, self._settings, self._timeline = context, settings, timeline
        self._vectors: dict[str, npt.NDArray[np.float32]] = {}
        """Embeddings of rows, by their ids."""
        self._writing = Lock()  # a writing whose run is cancelled goes on in its thread

    async def keep_writing(
        self, paid: asyncio.Event, funnel: Callable[[], Funnel], warn: Callable[[str], None]
    ) -> None:
        """Write every minute, for as long as the run goes.

        Args:
            paid: Set with the run's first call; before it there is nothing to tell.
            funnel: Gives the run's counts.
            warn: Takes why a writing failed; the run goes on, and so does the next writing.
        """
        await paid.wait()
        pause = FIRST_S
        while True:
            await asyncio.sleep(pause)
            began = time.monotonic()
            try:
                await self.write(copy.deepcopy(funnel()))
            except (OSError, sqlite3.Error) as error:
                warn(f"the report could not be written: {error}")
            pause = max(EVERY_S, REST * (time.monotonic() - began))

    async def write(self, funnel: Funnel, ending: str = "") -> None:
        """Complete the counts, and write everything; an empty ending says that the run goes on."""
        context = self._context
        rows = tuple(context.folder.rows)
        self._timeline.note(funnel, len(rows))
        funnel.lost = context.ledger.lost
        funnel.outcomes["stopped"] = len(await read_open(context.store, self._settings.run_name))
        funnel.waiting = len(context.waiting)
        funnel.rows, funnel.proofs = len(rows), grades(rows)
        funnel.mix = context.steering.declared_and_actual(rows)
        coverage, timeline = context.steering.coverage(), self._timeline.moments()
        placed = await self._fetch_vectors()

        def write() -> None:
            with self._writing, uncollected():
                refusals, funnel.rejections = asyncio.run(self._read())
                dots, share = self._dots(placed)
                context.folder.write_summary(
                    RunSummary(
                        settings=self._settings, rows=rows, refusals=refusals, coverage=coverage, funnel=funnel,
                        ending=ending, forced=context.folder.forced, timeline=timeline, dots=dots, dots_share=share,
                    )
                )  # fmt: skip

        await asyncio.to_thread(write)

    async def _read(self) -> tuple[list[Refusal], list[Rejection]]:
        """Read what only the store has, over a connection of this thread's own."""
        run = self._settings.run_name
        async with open_store(self._context.folder.path / "store.sqlite", read_only=True) as store:
            return await read_refusals(store, run), await read_rejections(store, run)

    async def _fetch_vectors(self) -> list[tuple[str, str]]:
        """Fetch the embeddings of rows that are to be on the map; return their ids and topics.

        A gate that has stopped to work ends the run in its own way; the map then shows what there was before.
        """
        everybody = self._context.folder.rows
        rows = [everybody[place] for place in sample(len(everybody))]
        fresh = [row for row in rows if row.id not in self._vectors]
        try:
            gate = await self._context.resources.novelty(self._settings)
            items = [novelty_item(row, candidate_id(self._settings.run_name, row.index)) for row in fresh]
            found = await gate.vectors(items)
            self._vectors |= {
                row.id: np.array(vector, np.float32) for row, vector in zip(fresh, found, strict=True) if vector
            }
        except NoveltyError:
            pass
        return [(row.id, row.topic) for row in rows if row.id in self._vectors]

    def _dots(self, placed: list[tuple[str, str]]) -> tuple[list[Dot], float]:
        """Place rows by their embeddings."""
        if not placed:
            return [], 0.0
        points, share = positions(np.stack([self._vectors[row] for row, _ in placed]))
        return [Dot(x=x, y=y, topic=topic) for (x, y), (_, topic) in zip(points, placed, strict=False)], share
