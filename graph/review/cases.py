"""The cases of a run that wait for a person, read from its store; this works while the run goes on."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from agents.errors import SetupError
from agents.reviews import ReviewCase
from graph.reports.candidate_trace import open_recorded
from graph.storage.reviews import read_cases, read_decided


async def list_cases(folder: Path) -> list[ReviewCase]:
    """Return the cases about which nothing is decided, by candidate number.

    Raises:
        SetupError: There is no such run, or its store cannot be read.
    """
    async with open_recorded(folder) as store:
        decided = await read_decided(store, folder.name)
        return [case for case in await read_cases(store, folder.name) if case.candidate not in decided]


async def find_case(folder: Path, name: str) -> ReviewCase:
    """Return the case of the candidate of that number or id, also where a decision is not carried out yet.

    Raises:
        SetupError: No such case waits, or there is no such run.
    """
    async with open_recorded(folder) as store:
        cases = await read_cases(store, folder.name)
    names = {str(case.index): case for case in cases} | {case.candidate: case for case in cases}
    if name in names:
        return names[name]
    if not cases:
        raise SetupError(f"no case {name!r} waits for review; none does")
    near = get_close_matches(name, names, 1) or [str(case.index) for case in cases[:10]]
    raise SetupError(f"no case {name!r} waits for review; there is {', '.join(near)}")
