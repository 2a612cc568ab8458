"""Read all that a run's store knows of one candidate, without changing anything, also while the run goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from langgraph.store.base import BaseStore

from agents.errors import SetupError
from agents.schema import Cell, Refusal, Survivor
from graph.attempts import Attempt, read_attempts
from graph.settings import candidate_id
from graph.store import open_store, read_calls, read_open, read_refusals, read_survivors


@dataclass(frozen=True)
class Story:
    """All that the store knows of one candidate."""

    run: str
    index: int
    candidate: str
    ended: Survivor | Refusal | None
    """None while the candidate is in flight, and where its run was stopped."""
    asked: Cell | None
    """What it was asked for; None where that was left to the seed."""
    attempts: list[Attempt]
    calls: list[dict[str, Any]]
    """Its journal, in order."""
    survivors: Mapping[str, Survivor]
    """The run's, by candidate: neighbours are named by their candidates."""


@asynccontextmanager
async def open_recorded(runs_dir: Path, run: str) -> AsyncIterator[BaseStore]:
    """Open a run's store to read only.

    Raises:
        SetupError: There is no such run, or its store cannot be read.
    """
    file = _file(runs_dir, run)
    try:
        async with open_store(file, read_only=True) as store:
            yield store
    except sqlite3.Error as error:
        raise SetupError(f"cannot read {str(file)!r}: {error}; is it the store of a run?") from error


def _file(runs_dir: Path, run: str) -> Path:
    file = runs_dir / run / "store.sqlite"
    if not file.is_file():
        known = sorted(path.parent.name for path in runs_dir.glob("*/store.sqlite"))
        raise SetupError(f"there is no run {run!r} in {str(runs_dir)!r}; {_choose(run, known) or 'none is there'}")
    return file


async def find(store: BaseStore, run: str, told: str) -> Story:
    """Return the story of the candidate of that number or id, or of the survivor of that id.

    Raises:
        SetupError: The run has none; the message names the nearest.
    """
    survivors, refusals = await read_survivors(store, run), await read_refusals(store, run)
    rows: list[Survivor | Refusal] = [*refusals, *survivors]
    ended = {row.index: row for row in rows}
    asked = {wanted.index: wanted.cell for wanted in await read_open(store, run)}
    asked |= {row.index: row.asked for row in rows if row.asked is not None}
    indexes = sorted({*ended, *asked})
    names = {str(index): index for index in indexes} | {candidate_id(run, index): index for index in indexes}
    names |= {row.id: row.index for row in survivors}
    if told not in names:
        span = f"numbers are {indexes[0]} to {indexes[-1]}" if indexes else "it has begun none yet"
        near = _choose(told, list(names))
        raise SetupError(f"run {run!r} has no candidate or survivor {told!r}; {span}{'; ' * bool(near)}{near}")
    index = names[told]
    candidate = candidate_id(run, index)
    return Story(
        run=run,
        index=index,
        candidate=candidate,
        ended=ended.get(index),
        asked=asked.get(index),
        attempts=await read_attempts(store, run, candidate),
        calls=await read_calls(store, run, candidate),
        survivors={candidate_id(run, row.index): row for row in survivors},
    )


def _choose(told: str, known: list[str]) -> str:
    """Offer what was perhaps meant."""
    near = [name for name in known if told and name.startswith(told)] or get_close_matches(told, known, cutoff=0.3)
    return f"nearest: {', '.join((near or known)[:3])}" if known else ""
