"""Servers that differ from the API: each run ends with the rows it could have had, or names the cause at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from evals.mock_server.quirks.server import serve_quirks
from evals.mock_server.quirks.table import QUIRKS
from evals.mock_server.quirks.trial import try_quirk
from tests.service.command import command

EACH = 10
"""One quirk in so many is tried in every run of the tests, and all of them by `make slow`."""
CASES = [
    pytest.param(name, marks=[] if place % EACH == 0 and not QUIRKS[name].slow else [pytest.mark.slow])
    for place, name in enumerate(QUIRKS)
]


def test_there_are_two_hundred_quirks_and_each_says_what_it_does() -> None:
    assert len(QUIRKS) >= 200
    assert [quirk.name for quirk in QUIRKS.values() if not quirk.what] == []


@pytest.mark.parametrize("name", CASES)
async def test_a_quirk_ends_as_it_should(name: str, tmp_path: Path) -> None:
    async with serve_quirks() as server:
        trial = await try_quirk(server, name, tmp_path)
    assert trial.fault == ""


@pytest.mark.parametrize("name", ["usage-null", "usage-negative"])
async def test_a_cap_binds_whatever_a_server_counts(name: str, tmp_path: Path) -> None:
    async with serve_quirks() as server:
        trial = await try_quirk(server, name, tmp_path)
    cap = QUIRKS[name].settings["max_tokens"]
    assert cap / 2 < trial.tokens <= cap


async def test_what_may_have_been_billed_counts_at_its_worst(tmp_path: Path) -> None:
    async with serve_quirks() as server:
        await try_quirk(server, "choices-null", tmp_path)
        await try_quirk(server, "error-429-in-200", tmp_path)
    lost, free = (json.loads((tmp_path / name / "funnel.json").read_text())["lost_calls"]["calls"] for name in
                  ("choices-null", "error-429-in-200"))  # fmt: skip
    assert lost >= 3
    assert free == 0


async def test_what_a_run_learned_is_kept_in_its_folder_and_the_next_sitting_pays_for_no_refusal(
    tmp_path: Path,
) -> None:
    async with serve_quirks() as server:
        await try_quirk(server, "schema-400", tmp_path)
        refused = server.statuses["schema-400", 400]
        assert refused >= 3
        trial = await try_quirk(server, "schema-400", tmp_path, target=4)
        assert trial.rows == 4
        assert server.statuses["schema-400", 400] == refused
    learned = json.loads((tmp_path / "schema-400" / "learned.json").read_text())
    assert [server["refused"] for server in learned.values()] == [["json_schema"]] * 3


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("context-too-small", "--max-output-tokens"),
        pytest.param("wrong-model-400", "--attacker openai:quirky-attacker", marks=pytest.mark.slow),
        pytest.param("wrong-key-400", "OPENAI_API_KEY", marks=pytest.mark.slow),
        pytest.param("silence", "--call-timeout-s", marks=pytest.mark.slow),
    ],
)
async def test_the_command_line_ends_with_the_flag_that_cures_it(name: str, cure: str, tmp_path: Path) -> None:
    async with serve_quirks() as server:
        seats = [
            flag
            for seat in ("attacker", "defender", "judge")
            for flag in (f"--{seat}=openai:quirky-{seat}", f"--{seat}-base-url={server.url(name)}")
        ]
        patience = ["--outage-minutes=.05", "--call-timeout-s=1.5"]
        ended = await command(*seats, *patience, f"--runs-dir={tmp_path}", "--name=r", "--sandbox=process")
    assert ended.code == 3, ended.err
    assert cure in ended.last
    assert not re.search("Traceback", ended.out + ended.err)
    assert "0 rows" in ended.last
