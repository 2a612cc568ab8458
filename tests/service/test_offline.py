"""The offline profile whole: procedural Attacker, the real small model behind its real server, program Judge."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from datasets import load_dataset
from datasets.utils.logging import disable_progress_bar

from agents.records import Question
from agents.rows import Survivor, level_of
from prompts.domain import domain_names
from tests.service.command import Ended, command, rows


def check(row: Survivor) -> None:
    question = Question.model_validate(row.model_dump(include=set(Question.model_fields)))
    run = subprocess.run([sys.executable, "-I", "-c", row.program], capture_output=True, text=True, check=True)
    assert question.accepts(run.stdout)
    assert row.defender.wrong_answer is not None
    assert not question.accepts(row.defender.wrong_answer.answer)
    assert {run.by for run in row.evidence} == {"attacker", "judge"}
    assert row.level == level_of(row.quality)
    assert row.graded_by == "program"
    assert row.messages[-1].content.endswith(f"ANSWER: {row.answer}")


@pytest.mark.parametrize("domain", sorted({*domain_names()} - {"math"}))  # math runs whole below
async def test_every_domain_runs_without_key_flag_or_network(tmp_path: Path, domain: str) -> None:
    ended: Ended = await command(f"--domain={domain}", "--target=1", "--name=r", f"--runs-dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "a program (the offline Judge), not from a model" in ended.out
    assert len(rows(tmp_path)) == 1
    check(rows(tmp_path)[0])


async def test_the_run_folder_is_whole_and_other_tools_read_it(tmp_path: Path) -> None:
    ended: Ended = await command("--target=1", "--slots=1", "--name=r", f"--runs-dir={tmp_path}")
    assert ended.code == 0, ended.err
    for row in rows(tmp_path):
        check(row)
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
