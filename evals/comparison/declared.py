"""The declared settings of `declared.toml`, and the rows that each makes: start, pool, validation and test."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from agents.errors import SetupError
from agents.records import Record
from evals.comparison.pool import PoolRow
from evals.comparison.small_task import items

_FILE = Path(__file__).with_name("declared.toml")
VALIDATION = 40
"""Rows, drawn like the test, by which the length of a training is chosen."""


class Draw(Record):
    """How rows are drawn."""

    count: int
    skills: dict[str, float]
    hops: dict[int, float]

    def rows(self, seed: str, taken: set[str], share: float = 1) -> list[PoolRow]:
        """Draw them, or a share of them."""
        return items(seed, max(1, round(share * self.count)), self.skills, self.hops, taken)


class Declared(Record):
    """One setting; `n` is the size of the small arms."""

    about: str
    n: int
    start: Draw
    pool: Draw
    test: dict[str, Draw]


class Material(NamedTuple):
    """The rows of a comparison; `test` by group."""

    start: list[PoolRow]
    pool: list[PoolRow]
    validation: list[PoolRow]
    test: dict[str, list[PoolRow]]


@cache
def load_declared() -> dict[str, Declared]:
    """Read all settings."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: Declared.model_validate(table) for name, table in tables.items()}


def declared(name: str) -> Declared:
    """Return a setting.

    Raises:
        SetupError: There is none of that name.
    """
    settings = load_declared()
    if name not in settings:
        raise SetupError(f"--setting {name!r}: choose from {', '.join(settings)}")
    return settings[name]


def material(setting: Declared, share: float = 1) -> Material:
    """Draw the rows of a setting, or a share of them for a trial; the test comes first and nothing is in two parts."""
    taken = set[str]()
    test = {group: draw.rows(f"test/{group}", taken, share) for group, draw in setting.test.items()}
    total = sum(draw.count for draw in setting.test.values())
    validation = [
        row
        for group, draw in setting.test.items()
        for row in draw.rows(f"validation/{group}", taken, share * VALIDATION / total)
    ]
    pool = setting.pool.rows("pool", taken, share)
    return Material(setting.start.rows("start", taken, share), pool, validation, test)
