"""SIGKILL while a run comes to its cases, and while a decision is carried out: no case is lost, no row doubled."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from evals.mock_server.server import Script, serve
from graph.review.cases import list_cases
from tests.service.command import assert_true_and_unique, command, flags, paid_again, rows, start


async def kill_at(boundary: int, args: list[str]) -> int:
    """Run a command that is killed at a boundary, and say how it ended: it may have fewer."""
    process = await start(str(boundary), *args, module="tests.service.campaign.killed")
    _, err = await process.communicate()
    assert process.returncode in (0, 3, -signal.SIGKILL), err.decode()
    return process.returncode


async def kill_in_run_and_review(folder: Path, in_run: range, in_review: range) -> None:
    async with serve(Script()) as server:
        args = flags(server, folder, "--target=1", "--slots=1", "--review=all")
        for boundary in in_run:
            await kill_at(boundary, args)
        ended = await command(*args)
        assert ended.last.endswith(f"1 case waits for review: python -m graph.run review {folder / 'r'}"), ended.err
        assert 0 <= paid_again(server, folder) <= len(in_run), "only the reply in flight at each kill"
        [case] = await list_cases(folder / "r")
        review = ["review", "r", str(case.index), "--approve", "--by=ann", f"--runs-dir={folder}"]
        for boundary in in_review:
            if await kill_at(boundary, review) == 0:
                break
        again = await command(*args)
        assert (again.code, again.last.partition(": ")[2]) == (0, "1 rows, target reached"), again.out + again.err
        assert_true_and_unique(rows(folder), server.script)
    [row] = rows(folder)
    assert row.question == case.question.question
    assert row.review is not None
    assert row.review.by == "ann"


async def test_a_kill_loses_no_case_and_no_decision(tmp_path: Path) -> None:
    await kill_in_run_and_review(tmp_path, range(40, 44, 3), range(28, 40, 9))


@pytest.mark.slow
async def test_a_kill_at_each_boundary_loses_no_case_and_no_decision(tmp_path: Path) -> None:
    await kill_in_run_and_review(tmp_path, range(2, 50), range(2, 64))
