"""Whether a process works on a run: it holds the lock in the run's folder."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout


def in_use(folder: Path) -> bool:
    """Ask in passing, for less time than a run waits for its folder; asking leaves no file behind."""
    lock = folder / "lock"
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0, thread_local=False):
            return False
    except Timeout:
        return True
