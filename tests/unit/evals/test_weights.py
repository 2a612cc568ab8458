"""A folder of weights, or the adapter that fine-tuning leaves, as the model of a benchmark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import benchmark, finetune
from evals.benchmarks import weights
from evals.training import extra
from tests.unit.evals.tiny_model import write_tiny_model

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # what torch, transformers and trl say of one another
    pytest.mark.skipif(bool(extra.missing()), reason="the extra train is not installed: make train"),
]


def test_fine_tuning_then_a_benchmark_of_the_adapter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = write_tiny_model(tmp_path / "tiny")
    file = tmp_path / "rows.jsonl"
    file.write_text('{"question": "1+1?", "answer": "2"}\n{"question": "1+2?", "answer": "3"}\n')
    (tmp_path / "one.jsonl").write_text('{"question": "1+1?", "answer": "2"}\n')
    trained = [
        "--arm=x",
        f"--data={tmp_path / 'one.jsonl'}",
        f"--model={model}",
        "--preset=tiny",
        f"--out={tmp_path / 'o'}",
    ]
    changes = ["epochs=60", "learning_rate=0.03", "lora_rank=8", "lora_alpha=32", "max_new_tokens=12"]
    assert finetune.main([*trained, *(part for change in changes for part in ("--set", change))]) == 0
    capsys.readouterr()

    asked = [str(file), f"--model={tmp_path / 'o' / 'adapter'}", "--json", f"--out={tmp_path / 'scored'}"]
    assert benchmark.main(asked) == 0
    said = capsys.readouterr()
    assert "2 of 2 asked" in said.err
    score = json.loads(said.out)
    first, second = map(json.loads, (tmp_path / "scored" / "answers.jsonl").read_text().splitlines())
    assert (score["items"], score["right"]) == (2, 1)
    assert (first["answer"], first["right"], second["right"]) == ("2", True, False)

    monkeypatch.setattr(weights, "load_model", None)  # nothing is asked twice
    assert benchmark.main(asked) == 0
    assert json.loads(capsys.readouterr().out) == score

    assert benchmark.main([*asked, "--answer-mode=first_token"]) == 2
    assert "for a model behind a server" in capsys.readouterr().err
