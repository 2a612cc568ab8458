"""The benchmarks as tasks of inspect_ai, over its own mock model: the same scores as `evals.benchmark` gives.

So does the task that `export --format inspect` writes, run from its file as a user runs it.
"""

from __future__ import annotations

import gc
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from evals import export
from evals.benchmarks.formats import load_items
from tests import DATA
from tests.made_up_run import SAMPLE

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # what inspect_ai and its own packages say of one another
    pytest.mark.skipif(
        importlib.util.find_spec("inspect_ai") is None, reason="the extra benchmarks is not installed: make benchmarks"
    ),
]


def scores(task: object, logs: Path, *texts: str) -> list[Any]:
    """Run a task whose samples get these replies in their order."""
    from inspect_ai import eval as evaluate
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    outputs = [ModelOutput.from_content("mockllm/model", text) for text in texts]
    for output in outputs:  # else the mock counts tokens, for which it fetches a table
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    model = get_model("mockllm/model", custom_outputs=outputs, memoize=False)
    (log,) = evaluate(task, model=model, log_dir=str(logs), display="none", max_connections=1, max_samples=1)
    gc.collect()  # inspect_ai leaves streams open, of which a later test would be told
    assert log.status == "success", log.error
    assert log.results is not None
    return list(log.results.scores)


def test_an_exported_task_runs_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choice: dict[str, Any] = {
        "id": "b",
        "answer": "two\nlines",
        "answer_kind": "choice",
        "choices": ["a", "two\nlines"],
    }
    rows = [SAMPLE, SAMPLE.model_copy(update=choice), SAMPLE.model_copy(update={"id": "c"})]
    (tmp_path / "dataset.jsonl").write_text("".join(row.model_dump_json() + "\n" for row in rows), encoding="utf-8")
    assert export.main([str(tmp_path), "--format=inspect", f"--out={tmp_path / 'task'}"]) == 0
    replies = (SAMPLE.messages[-1].content, "ANSWER: B", "ANSWER: 1")
    monkeypatch.chdir(tmp_path / "task")  # inspect_ai looks for tasks below the current folder
    (score,) = scores("task.py", tmp_path / "logs", *replies)
    assert score.metrics["accuracy"].value == pytest.approx(2 / 3)


@pytest.mark.parametrize("form", ["gsm_hard", "medqa"])
def test_gold_is_right_wrong_is_wrong_and_chatter_is_unread(form: str, tmp_path: Path) -> None:
    from evals.benchmarks.inspect_tasks import benchmark

    file = DATA / "benchmarks" / f"{form}.jsonl"
    first, second = load_items(file, form)

    def shares(*texts: str) -> dict[str, float]:
        return {
            score.name: score.metrics["mean"].value for score in scores(benchmark(str(file), form), tmp_path, *texts)
        }

    right = shares(f"So.\nANSWER: {first.answer}", f"ANSWER: {second.answer}")
    assert right == {"right": 1.0, "rounded": 1.0, "unread": 0.0}
    assert shares("I cannot say.", f"ANSWER: {second.answer}") == {"right": 0.5, "rounded": 0.5, "unread": 0.5}
