"""Whatever the seats lie about, no wrong row is kept; what is honest in the same worlds is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from evals.mock_server.liars.table import HONEST, LIARS
from evals.mock_server.server import Script
from tests.bench.liars import run_liars

ONCE = [name for name, liar in LIARS.items() if not liar.repeats]
AGAIN = [name for name, liar in LIARS.items() if liar.repeats]


async def assert_nothing_wrong_is_kept(names: list[str], each: int, folder: Path) -> None:
    came = await run_liars(names, each, folder)
    assert all(found.candidates == each for found in came.values())
    assert {name: found.wrong for name, found in came.items() if found.wrong} == {}


async def test_no_liar_gets_a_wrong_row_into_the_dataset(tmp_path: Path) -> None:
    assert len(LIARS) >= 40
    await assert_nothing_wrong_is_kept(ONCE[::3], 1, tmp_path)  # all of them, and 50 times, in `make slow`


async def test_a_refused_text_is_not_kept_with_another_answer(tmp_path: Path) -> None:
    await assert_nothing_wrong_is_kept(AGAIN, 2, tmp_path)


async def test_honest_questions_of_the_same_worlds_are_kept(tmp_path: Path) -> None:
    came = await run_liars(list(HONEST), 2, tmp_path)
    assert sum(found.wrong for found in came.values()) == 0
    assert sum(found.kept for found in came.values()) >= 2 * len(HONEST) - 1, came


@pytest.mark.slow
async def test_no_liar_gets_one_of_fifty_wrong_rows_into_the_dataset(tmp_path: Path) -> None:
    await assert_nothing_wrong_is_kept(ONCE, 50, tmp_path / "once")
    await assert_nothing_wrong_is_kept(AGAIN, 50, tmp_path / "again")


@pytest.mark.slow
async def test_of_fifty_honest_questions_of_each_world_nearly_all_are_kept(tmp_path: Path) -> None:
    came = await run_liars(list(HONEST), 50, tmp_path)
    assert sum(found.wrong for found in came.values()) == 0
    assert all(found.nearly_all for found in came.values()), came


def test_an_unknown_liar_is_named() -> None:
    with pytest.raises(ValidationError, match="no liar 'nobody'"):
        Script(liar="constant_program,nobody")
