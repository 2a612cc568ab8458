from __future__ import annotations

import subprocess
import sys

from agents.records import Question, Survivor
from graph.question.row_checks import field_faults
from graph.question.survivor import row_sha256
from prompts.domain import load_domain
from tests.docs import README, SAMPLE, fresh


def test_the_generated_passages_of_the_readme_are_fresh() -> None:
    text = README.read_text(encoding="utf-8")
    assert fresh(text) == text, "run `make docs`"


def test_the_sample_row_is_one_that_the_program_would_write_and_its_program_prints_its_answer() -> None:
    row = Survivor.model_validate_json(SAMPLE.read_text(encoding="utf-8"))
    stale = "a prompt has changed since: make run, then python -m tests.docs runs/offline/dataset.jsonl"
    assert row.prompts_fingerprint == load_domain(row.domain).fingerprint, stale
    assert row.sha256 == row_sha256(row.model_dump(mode="json"))
    assert field_faults(row) == []
    question = Question.model_validate(row.model_dump(include=set(Question.model_fields)))
    run = subprocess.run([sys.executable, "-I", "-c", row.program], capture_output=True, text=True, check=True)
    assert question.accepts(run.stdout)
