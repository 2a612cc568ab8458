"""The offline profile whole: procedural Attacker, the real small model behind its real server, program Judge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from datasets import load_dataset
from datasets.utils.logging import disable_progress_bar

from agents.rows import Survivor, level_of
from graph.question.row_checks import field_faults, program_faults
from prompts.domain import domain_names
from tests.service.command import Ended, command, rows
from tools.sandbox.port import Limits
from tools.sandbox.registry import open_sandbox


async def check(row: Survivor) -> None:
    assert field_faults(row) == []
    async with open_sandbox("process", limits=Limits(), concurrency=1) as sandbox:
        assert await program_faults(row, sandbox, Limits(), seed=5) == []
    assert row.defender.wrong_answer is not None
    assert row.proof is not None
    assert row.proof.grade == "perturbed"
    assert row.level == level_of(row.quality)
    assert row.graded_by == "program"
    assert row.messages[-1].content.endswith(f"ANSWER: {row.answer}")


@pytest.mark.parametrize(  # math runs whole below
    "domain",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name != "genomics"))
        for name in sorted({*domain_names()} - {"math"})
    ],
)
async def test_every_domain_runs_without_key_flag_or_network(tmp_path: Path, domain: str) -> None:
    ended: Ended = await command(f"--domain={domain}", "--target=1", "--name=r", f"--runs-dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "a program (the offline Judge), not from a model" in ended.out
    assert len(rows(tmp_path)) == 1
    await check(rows(tmp_path)[0])


async def test_the_run_folder_is_whole_and_other_tools_read_it(tmp_path: Path) -> None:
    ended: Ended = await command("--target=1", "--slots=1", "--name=r", f"--runs-dir={tmp_path}")
    assert ended.code == 0, ended.err
    for row in rows(tmp_path):
        await check(row)
    folder = tmp_path / "r"
    assert {path.name for path in folder.iterdir()} >= {
        "README.md", "checkpoints.sqlite", "dataset.jsonl", "funnel.json", "refused.jsonl", "report.html",
        "settings.json",
    }  # fmt: skip
    assert "not from a model" in (folder / "README.md").read_text()

    disable_progress_bar()
    loaded = load_dataset("json", data_files=str(folder / "dataset.jsonl"), cache_dir=str(tmp_path / "cache"))
    assert loaded["train"].num_rows == 1
    assert [turn["role"] for turn in loaded["train"][0]["messages"]] == ["system", "user", "assistant"]

    scored = await command(
        str(folder / "dataset.jsonl"),
        "--model=offline:smollm2",
        "--json",
        module="evals.benchmark",
    )
    assert scored.code == 0, scored.err
    score = json.loads(scored.out)
    assert score["items"] == 1
    assert 0 <= score["low"] <= score["accuracy"] <= score["high"] <= 1
