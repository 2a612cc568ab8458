"""The run's folder: settings, dataset, refusals, funnel, card and report; one process at a time.

`dataset.jsonl` is only ever appended to, so a row that somebody has read never moves or vanishes. The store is the
truth: on opening, a torn last line is cut off and rows that the store has and the file lacks are added.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from filelock import BaseFileLock, FileLock, Timeout

from agents.errors import SetupError
from agents.rows import Survivor
from graph.reports.card import data_card
from graph.reports.croissant import croissant
from graph.reports.pictures.figures import write_figures
from graph.reports.pictures.gallery import PICTURES, draw
from graph.reports.report import report_page, report_text
from graph.reports.run_summary import RunSummary
from graph.settings import Settings
from graph.storage.recorded_settings import differences, read_recorded, recorded_text
from tools.files.whole import write_whole

LOCK_PATIENCE_S = 0.3
"""How long a run waits for its folder: longer than `doctor` takes to see whether it is in use."""


class FolderInUse(SetupError):
    """Another process, or another run within this one, has the folder."""


class RunFolder:
    """An opened run folder; blocking calls throughout, so go through `asyncio.to_thread`."""

    def __init__(self, settings: Settings, lock: BaseFileLock) -> None:
        self.settings = settings
        self.path = settings.folder
        self._lock = lock
        self._recorded = False
        self._writing = Lock()  # candidates end in threads at the same time, and the target is exact
        self.forced: list[str] = []
        """Differences from the record over which the run went on by `--force`."""
        self.rows: list[Survivor] = []
        self._ids: dict[bool, set[str]] = {True: set(), False: set()}
        """Of the rows: the easy ones, and the others."""

    @classmethod
    def open(cls, settings: Settings, *, force: bool) -> RunFolder:
        """Create or reopen the folder.

        Raises:
            SetupError: It cannot be written, another process has it, another version or other settings began it, or
                it has more rows than the target.
        """
        forced = _require_same_settings(settings, force=force)
        with _writing_to(settings.folder):
            settings.folder.mkdir(parents=True, exist_ok=True)
            lock = _lock(settings)
        folder = cls(settings, lock)
        folder.forced = forced or []
        try:
            folder._restore_dataset()
            folder.dataset.touch()
            if forced is not None:
                folder.record()
        except BaseException:  # whatever it was, the lock must not outlive it
            folder.close()
            raise
        return folder

    @staticmethod
    def check(settings: Settings) -> None:
        """Raise what `open` would, and leave everything as it is.

        Raises:
            SetupError: As `open` does.
        """
        _require_same_settings(settings, force=False)
        path = settings.folder
        with _writing_to(path):
            if (path / "lock").exists():
                _lock(settings).release()
            else:
                there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
                tempfile.TemporaryDirectory(prefix=".check-", dir=there).cleanup()
        _read_rows(path / "dataset.jsonl", settings.target)

    def record(self) -> None:
        """Write down the settings, once: from the first paid call on they are the run's."""
        if not self._recorded:
            self._recorded = True
            write_whole(self.path / "settings.json", recorded_text(self.settings, self.forced))

    def close(self) -> None:
        """Let the next process have the folder."""
        self._lock.release()

    @property
    def dataset(self) -> Path:
        """The dataset's file."""
        return self.path / "dataset.jsonl"

    def _restore_dataset(self) -> None:
        """Read the rows; cut off a last line that a killed process left unfinished."""
        rows, whole = _read_rows(self.dataset, self.settings.target)
        if self.dataset.exists() and self.dataset.stat().st_size > whole:
            os.truncate(self.dataset, whole)
        self._count(rows)

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

    def write_summary(self, summary: RunSummary) -> None:
        """Write what people read: counts, refusals, coverage, the data card, the report and its pictures."""
        figures = summary.figures()
        pictures = self.path / "pictures"
        pictures.mkdir(exist_ok=True)
        write_whole(self.path / "funnel.json", summary.funnel.to_json(summary.ending))
        write_whole(self.path / "coverage.json", json.dumps(summary.coverage, indent=1) + "\n")
        write_whole(self.path / "refused.jsonl", "".join(row.model_dump_json() + "\n" for row in summary.refusals))
        write_whole(self.path / "README.md", data_card(summary))
        write_whole(self.path / "croissant.json", croissant(summary, self.dataset))
        for name in PICTURES:
            write_whole(pictures / f"{name}.svg", draw(name, figures, standalone=True) + "\n")
        write_whole(self.path / "report.html", report_page(summary, figures))
        write_whole(self.path / "report.md", report_text(summary, figures))
        write_figures(self.path, figures)


def _require_same_settings(settings: Settings, *, force: bool) -> list[str] | None:
    """Return over which differences the run was forced, None where nothing is recorded yet.

    Raises:
        SetupError: Something differs from the record, and nothing forces the run to go on.
    """
    recorded = read_recorded(settings.folder)
    if recorded is None:
        return None
    found = differences(settings, recorded)
    if found and not force:
        raise SetupError(
            f"run {settings.run_name!r} was begun with other settings ({'; '.join(found)}); "
            "use those, choose another --name, or go on regardless with --force"
        )
    return [*recorded.get("forced", []), *found]


@contextmanager
def _writing_to(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SetupError(f"cannot write to {path}: {error.strerror}; choose another --runs-dir") from error


def _lock(settings: Settings) -> BaseFileLock:
    """Take the folder's lock for this process; any of its threads may release it."""
    lock = FileLock(settings.folder / "lock", timeout=LOCK_PATIENCE_S, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise FolderInUse(
            f"run {settings.run_name!r} is in use by another process; wait for it, or choose another --name"
        ) from error
    return lock


def _read_rows(dataset: Path, target: int) -> tuple[list[Survivor], int]:
    """Return the rows, and how many bytes their lines take; an unfinished last line is not read."""
    content = dataset.read_bytes() if dataset.exists() else b""
    whole = content[: content.rfind(b"\n") + 1]
    rows = []
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            rows.append(Survivor.model_validate_json(line))
        except ValueError as error:
            raise SetupError(f"{dataset}, line {number}, is not a row of this program; restore the file") from error
    if len(rows) > target:
        raise SetupError(
            f"--target {target}: {dataset} already has {len(rows)} rows, and none is ever taken away; "
            f"ask for {len(rows)} or more, or choose another --name"
        )
    return rows, len(whole)
