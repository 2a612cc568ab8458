"""The run's folder: settings, dataset, refusals, funnel, card and report; one process at a time.

`dataset.jsonl` is only ever appended to, so a row that somebody has read never moves or vanishes. The store is the
truth: on opening, a torn last line is cut off and rows that the store has and the file lacks are added.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import IO, Any

from agents.errors import SetupError
from agents.records import Refusal, Survivor
from graph.reports.card import data_card
from graph.reports.funnel import Funnel
from graph.reports.report import report_page
from graph.settings import Settings


class RunFolder:
    """An opened run folder; blocking calls throughout, so go through `asyncio.to_thread`."""

    def __init__(self, settings: Settings, lock: IO[str]) -> None:
        self.settings = settings
        self.path = settings.folder
        self._lock = lock
        self._recorded = False
        self._writing = Lock()  # candidates end in threads at the same time, and the target is exact
        self.rows: list[Survivor] = []
        self._ids: dict[bool, set[str]] = {True: set(), False: set()}
        """Of the rows: the easy ones, and the others."""

    @classmethod
    def open(cls, settings: Settings, *, force: bool) -> RunFolder:
        """Create or reopen the folder.

        Raises:
            SetupError: It cannot be written, another process has it, it was begun with other settings, or it has more
                rows than the target.
        """
        path = settings.folder
        recorded = path / "settings.json"
        try:
            if recorded.exists() and not force:
                cls._compare(settings, recorded)
            path.mkdir(parents=True, exist_ok=True)
            lock = (path / "lock").open("w")
        except OSError as error:
            raise SetupError(f"cannot write to {path}: {error.strerror}; choose another --runs-dir") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise SetupError(
                f"run {settings.run_name!r} is in use by another process; wait for it, or choose another --name"
            ) from error
        folder = cls(settings, lock)
        try:
            folder._read_dataset()
            folder.dataset.touch()
            if recorded.exists():
                folder.record()
        except BaseException:  # whatever it was, the lock must not outlive it
            folder.close()
            raise
        return folder

    @staticmethod
    def _compare(settings: Settings, recorded: Path) -> None:
        try:
            differences = settings.differences(recorded.read_text(encoding="utf-8"))
        except ValueError as error:
            raise SetupError(f"{recorded} is not valid JSON; repair it, or choose another --name") from error
        if differences:
            raise SetupError(
                f"run {settings.run_name!r} was begun with other settings ({'; '.join(differences)}); "
                "use those, choose another --name, or go on regardless with --force"
            )

    def record(self) -> None:
        """Write down the settings, once: from the first paid call on they are the run's."""
        if not self._recorded:
            self._recorded = True
            write_whole(self.path / "settings.json", self.settings.to_json())

    def close(self) -> None:
        """Let the next process have the folder."""
        self._lock.close()

    @property
    def dataset(self) -> Path:
        """The dataset's file."""
        return self.path / "dataset.jsonl"

    def _read_dataset(self) -> None:
        if not self.dataset.exists():
            return
        content = self.dataset.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            with self.dataset.open("r+b") as file:
                file.truncate(len(whole))
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                self._count([Survivor.model_validate_json(line)])
            except ValueError as error:
                raise SetupError(
                    f"{self.dataset}, line {number}, is not a row of this program; restore the file"
                ) from error
        if len(self.rows) > self.settings.target:
            raise SetupError(
                f"--target {self.settings.target}: {self.dataset} already has {len(self.rows)} rows, and none is ever "
                f"taken away; ask for {len(self.rows)} or more, or choose another --name"
            )

    def room(self, *, easy: bool) -> int:
        """Return how many rows are still wanted: easy ones, or the others."""
        easy_share = round(self.settings.target * self.settings.easy_share)
        wanted = easy_share if easy else self.settings.target - easy_share
        return max(0, min(wanted - len(self._ids[easy]), self.settings.target - len(self.rows)))

    def add(self, survivors: Sequence[Survivor]) -> int:
        """Append those that the dataset lacks and has room for; the others stay in reserve. Return how many it took."""
        with self._writing:
            fresh: list[Survivor] = []
            room = {easy: self.room(easy=easy) for easy in (True, False)}
            known = self._ids[True] | self._ids[False]
            for row in survivors:
                full = len(self.rows) + len(fresh) >= self.settings.target
                if room[row.easy] and row.id not in known and not full:
                    room[row.easy] -= 1
                    known.add(row.id)
                    fresh.append(row)
            if not fresh:
                return 0
            whole = self.dataset.stat().st_size
            try:
                with self.dataset.open("a", encoding="utf-8") as file:
                    file.writelines(row.model_dump_json() + "\n" for row in fresh)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError:
                os.truncate(self.dataset, whole)  # half a line would spoil the next
                raise
            self._count(fresh)
            return len(fresh)

    def _count(self, rows: Sequence[Survivor]) -> None:
        self.rows += rows
        for row in rows:
            self._ids[row.easy].add(row.id)

    def write_summary(
        self, funnel: Funnel, refusals: Sequence[Refusal], coverage: Sequence[dict[str, Any]], ending: str
    ) -> None:
        """Write the funnel, the refusals, the coverage map, the data card and the report."""
        write_whole(self.path / "funnel.json", funnel.to_json())
        write_whole(self.path / "coverage.json", json.dumps(coverage, indent=1) + "\n")
        write_whole(self.path / "refused.jsonl", "".join(row.model_dump_json() + "\n" for row in refusals))
        write_whole(self.path / "README.md", data_card(self.settings, self.rows, funnel))
        write_whole(
            self.path / "report.html", report_page(self.settings, self.rows, refusals, coverage, funnel, ending)
        )


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that a reader sees the old one or the new one."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
