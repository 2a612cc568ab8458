"""A run's rows as lists to browse: filtered, searched and paged here, so that no page carries ten thousand.

What a list shows of each row is kept in memory and read once: `dataset.jsonl` is only ever appended to, so that only
its new lines are read; the refused are read from the run's store, anew when that has changed. A row itself is read from
its place in the file.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from graph.service.answers import RefusalPage, RefusalSummary, SurvivorPage, SurvivorSummary
from graph.service.faults import Missing
from graph.service.queries import RefusalQuery, SurvivorQuery

REMEMBERED = 16
"""Runs whose lists stay in memory."""

T = TypeVar("T")


@dataclass
class Survivors:
    """The survivors of one run, as far as they have been read."""

    file: Path
    rows: list[SurvivorSummary] = field(default_factory=list)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By id, where the row's line begins in the file, and how long it is."""
    read: int = 0
    """Bytes that have been read."""
    lock: Lock = field(default_factory=Lock)

    def catch_up(self) -> None:
        """Read the lines that were added."""
        with self.lock:
            if not self.file.exists() or self.file.stat().st_size < self.read:  # it was replaced
                self.rows, self.places, self.read = [], {}, 0
            if not self.file.exists():
                return
            with self.file.open("rb") as lines:
                lines.seek(self.read)
                for line in lines:
                    if not line.endswith(b"\n"):
                        break
                    row = SurvivorSummary.model_validate_json(line)  # half the work of reading the row whole
                    self.places[row.id] = self.read, len(line)
                    self.rows.append(row)
                    self.read += len(line)

    def row(self, survivor: str) -> dict[str, Any]:
        """Return one row whole.

        Raises:
            Missing: There is none of that id.
        """
        if survivor not in self.places:
            raise Missing(f"run {self.file.parent.name!r} has no survivor {survivor[:80]!r}")
        place, length = self.places[survivor]
        with self.file.open("rb") as file:
            file.seek(place)
            found: dict[str, Any] = json.loads(file.read(length))
        return found


class RowLists:
    """The lists of the runs that were looked at last; everything blocks on the file system."""

    def __init__(self) -> None:
        self._survivors: OrderedDict[Path, Survivors] = OrderedDict()
        self._refusals: OrderedDict[Path, tuple[Any, list[RefusalSummary]]] = OrderedDict()
        self._lock = Lock()

    def survivors(self, folder: Path) -> Survivors:
        """Return a run's survivors, those of this moment included."""
        with self._lock:
            known = _latest(self._survivors, folder, lambda: Survivors(folder / "dataset.jsonl"))
        known.catch_up()
        return known

    def survivor_page(self, folder: Path, query: SurvivorQuery) -> SurvivorPage:
        """Return one page of the survivors that match."""
        found = [row for row in self.survivors(folder).rows if query.takes(row)]
        part = found[query.offset : query.offset + query.limit]
        return SurvivorPage(total=len(found), offset=query.offset, survivors=part)

    def refusals(self, folder: Path) -> Sequence[RefusalSummary]:
        """Return a run's refused candidates, as its file has them: it is written while the run goes on."""
        file = folder / "refused.jsonl"
        if not file.exists():
            return ()
        stamp = (file.stat().st_mtime_ns, file.stat().st_size)
        with self._lock:
            known = _latest(self._refusals, folder, lambda: (None, []))
            if known[0] != stamp:
                with file.open("rb") as lines:
                    known = stamp, [RefusalSummary.model_validate_json(line) for line in lines]
                self._refusals[folder] = known
        return known[1]

    def refusal_page(self, folder: Path, query: RefusalQuery) -> RefusalPage:
        """Return one page of the refused candidates that match."""
        found = [row for row in self.refusals(folder) if query.takes(row)]
        part = found[query.offset : query.offset + query.limit]
        return RefusalPage(total=len(found), offset=query.offset, refusals=part)


def _latest(known: OrderedDict[Path, T], folder: Path, make: Callable[[], T]) -> T:
    """Return what is known of a run, and forget the run that was longest not asked for."""
    if folder not in known:
        known[folder] = make()
    known.move_to_end(folder)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
    return known[folder]
