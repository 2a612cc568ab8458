"""Bounds that no event brings about, the minutes of a sitting and the free space of its disk; and what is waited for.

A disk that is full would end the process without a word: the novelty store is mapped into memory, and a page of it that
finds no room is a SIGBUS. So the run drains while there still is room for what is in flight.
"""

from __future__ import annotations

import asyncio
import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from agents.errors import SetupError
from agents.models.seat import Seat
from graph.settings import Settings

LOOK_EVERY_S = 1.0
"""Seconds between two looks at the disk."""


async def watch(settings: Settings, drain: Callable[[str], None]) -> None:
    """Drain the run when its minutes are over or its disk is nearly full, whichever comes first."""
    loop = asyncio.get_running_loop()
    ends = math.inf if settings.max_minutes is None else loop.time() + 60 * settings.max_minutes
    while not (shortage := await asyncio.to_thread(shortage_of_space, settings)):
        left = ends - loop.time()
        if left <= 0:
            return drain(f"{settings.max_minutes:g} minutes are over (--max-minutes)")
        await asyncio.sleep(min(left, LOOK_EVERY_S))
    return drain(f"{shortage}; the same command goes on once there is room")


def require_space(settings: Settings) -> None:
    """Refuse to begin on a disk that is nearly full.

    Raises:
        SetupError: It is, or it cannot be looked at.
    """
    if shortage := shortage_of_space(settings):
        raise SetupError(f"{shortage}; make room, choose another --runs-dir, or lower --min-free-mb")


def shortage_of_space(settings: Settings) -> str:
    """Say how little is free on the disk of the run's folder; nothing where it is enough."""
    folder = settings.folder.absolute()
    try:
        disk = shutil.disk_usage(_nearest(folder))
    except OSError as error:
        return f"cannot look at the disk of {str(settings.folder)!r}: {error.strerror or error}"
    if not disk.total or disk.free >= settings.min_free_mb * 1024**2:  # what has no size, as /proc, is no disk
        return ""
    return (
        f"{disk.free // 1024**2} MiB are free on the disk of {str(settings.folder)!r}, "
        f"less than the {settings.min_free_mb} of --min-free-mb"
    )


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def calls_in_flight(seats: Sequence[Seat]) -> str:
    """Say for how long each seat has been waited for; empty where no call is in flight."""
    return "; ".join(filter(None, (seat.waiting() for seat in seats)))


def awaited(seats: Sequence[Seat], candidates: int) -> str:
    """Say what a run that was told to stop is still waiting for."""
    steps = f"the steps of {candidates} candidate{'s' * (candidates != 1)} in flight"
    calls = calls_in_flight(seats)
    return f"finishing {steps if candidates else 'the files of the run'}" + (f" ({calls})" if calls else "")
