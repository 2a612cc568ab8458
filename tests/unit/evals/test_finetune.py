"""A tiny random model trains under all three trainers and goes on after a kill; bad input is one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.errors import SetupError
from evals import finetune
from evals.training import extra
from evals.training.figures.curves import read_curves
from evals.training.presets import load_preset, load_presets
from evals.training.rewards import open_verifier
from evals.training.rows import TrainRow
from evals.training.run import Result
from tests.unit.evals.tiny_model import write_tiny_model
from tools.inputs.kinds import Input

pytestmark = pytest.mark.filterwarnings("ignore")  # what torch, transformers and trl say of one another
needs_train = pytest.mark.skipif(bool(extra.missing()), reason="the extra train is not installed: make train")

ROWS = [
    {"prompt": f"What is {n} + 1?", "chosen": f"ANSWER: {n + 1}", "rejected": "ANSWER: 0", "answer": str(n + 1)}
    for n in range(6)
]
STEPS = {"sft": 6, "dpo": 6, "grpo": 12}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return _written(tmp_path / "rows.jsonl", ROWS)


def _written(file: Path, rows: list[dict[str, str]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def _flags(data: Path, model: Path | str, out: Path, **more: str) -> list[str]:
    flags = ["--arm", "x", "--data", str(data), "--model", str(model), "--preset", "tiny", "--out", str(out)]
    return flags + [part for name, value in more.items() for part in (f"--{name}", value)]


@needs_train
@pytest.mark.parametrize("method", STEPS)
def test_a_tiny_model_trains(method: str, rows: Path, model: Path, tmp_path: Path) -> None:
    assert finetune.main(_flags(rows, model, tmp_path / "out", method=method)) == 0
    result = Result.model_validate_json((tmp_path / "out" / "result.json").read_text())
    points = [point for point in read_curves(tmp_path / "out" / "curves.jsonl") if "loss" in point]
    assert [point["step"] for point in points] == list(range(1, STEPS[method] + 1))
    assert (result.steps, result.training_flops) == (STEPS[method], 4 * result.parameters * result.tokens)
    assert result.tokens > 100
    assert (tmp_path / "out" / "adapter" / "adapter_config.json").is_file()


@needs_train
def test_training_learns_and_the_adapter_answers(rows: Path, model: Path, tmp_path: Path) -> None:
    one = _written(tmp_path / "one.jsonl", ROWS[:1])
    flags = _flags(one, model, tmp_path / "out", validation=str(one))
    changes = ["epochs=40", "learning_rate=0.03", "lora_rank=8", "lora_alpha=32", "average=2"]
    assert finetune.main([*flags, *(part for change in changes for part in ("--set", change))]) == 0
    result = Result.model_validate_json((tmp_path / "out" / "result.json").read_text())
    losses = [point["loss"] for point in read_curves(tmp_path / "out" / "curves.jsonl") if "loss" in point]
    assert losses[-1] < losses[0] - 1
    assert result.averaged == 2
    assert result.validation_loss is not None
    from evals.training.models import load_model
    from evals.training.sampling import sample

    preset = load_preset("tiny")
    loaded, tokenizer = load_model(str(model), preset)
    before = sample(loaded, tokenizer, [ROWS[0]["prompt"]], preset)
    tuned, _ = load_model(str(tmp_path / "out" / "adapter"), preset)
    after = sample(tuned, tokenizer, [ROWS[0]["prompt"]], preset)
    assert len(before) == len(after) == 1
    assert before != after


@needs_train
def test_a_killed_training_goes_on_where_it_was(
    rows: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from evals.training.figures.progress import Progress

    with monkeypatch.context() as killed:
        killed.setattr(Progress, "on_step_end", _die_at(5))
        assert finetune.main(_flags(rows, model, tmp_path / "cut")) == 130
    assert "same command" in capsys.readouterr().err
    assert not (tmp_path / "cut" / "result.json").exists()
    (tmp_path / "cut" / "checkpoints" / "checkpoint-5").mkdir()  # one that was being written
    assert finetune.main(_flags(rows, model, tmp_path / "cut")) == 0
    assert finetune.main(_flags(rows, model, tmp_path / "whole")) == 0
    cut, whole = (read_curves(tmp_path / name / "curves.jsonl") for name in ("cut", "whole"))
    assert [point["step"] for point in cut] == [1, 2, 3, 4, 5, 6]
    assert [point["loss"] for point in cut] == pytest.approx([point["loss"] for point in whole], abs=1e-4)
    assert finetune.main(_flags(rows, model, tmp_path / "cut")) == 0, "a finished training is not done again"
    other = _written(tmp_path / "other.jsonl", ROWS[:2])
    assert finetune.main(_flags(other, model, tmp_path / "cut")) == 2
    assert "holds a training with other rows" in capsys.readouterr().err


def _die_at(step: int) -> Callable[..., None]:
    def die(_self: object, _args: object, state: object, _control: object, **_: object) -> None:
        if state.global_step == step:  # type: ignore[attr-defined]  # transformers has no types
            raise KeyboardInterrupt

    return die


@needs_train
def test_a_model_without_a_chat_template_is_one_line(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = write_tiny_model(tmp_path / "bare", template=None)
    assert finetune.main(_flags(rows, bare, tmp_path / "out")) == 2
    assert "no chat template" in _one_line(capsys)
    assert finetune.main(_flags(rows, tmp_path / "nowhere", tmp_path / "out")) == 2
    assert "cannot be loaded" in _one_line(capsys)


@needs_train
@pytest.mark.parametrize(
    ("row", "method", "words"),
    [
        ({"text": "only that"}, "sft", "has text; sft needs messages, prompt and completion"),
        ({"prompt": "What?", "completion": "That."}, "dpo", "no row has what it takes for dpo"),
        ({"prompt": "What?", "completion": "That."}, "grpo", "no row has what it takes for grpo"),
    ],
)
def test_wrong_columns_are_one_line(
    row: dict[str, str], method: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _written(tmp_path / "rows.jsonl", [row])
    assert finetune.main(_flags(data, "smollm2", tmp_path / "out", method=method)) == 2
    assert words in _one_line(capsys)


def test_a_missing_extra_is_one_line(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ("trl_that_is_not_there",))
    assert finetune.main(_flags(rows, "smollm2", tmp_path / "out")) == 2
    assert "fine-tuning takes trl_that_is_not_there: " in (line := _one_line(capsys))
    assert "[train]" in line


@pytest.mark.parametrize("change", ["epochs", "epochs=none", "speed=9", "batch=0"])
def test_a_wrong_change_of_a_preset_is_one_line(change: str) -> None:
    with pytest.raises(SetupError, match="--set"):
        load_preset("tiny", [change])


def test_presets_are_data() -> None:
    assert {"cpu-135m", "gpu-4b"} <= load_presets().keys()
    assert load_preset("cpu-135m", ["epochs=12"]).epochs == 12


def test_the_reward_is_what_the_program_returns() -> None:
    row = TrainRow(
        prompt="Twice 21?",
        answer="wrong on purpose",
        answer_kind="number",
        program="def solve(n):\n    return 2 * n\n",
        inputs=(Input(name="n", kind="integer", value="21", quote="21", options=[]),),
    )
    with open_verifier([row, row.model_copy(update={"program": "", "answer": "7"})]) as reward:
        said = [[{"role": "assistant", "content": text}] for text in ("so ANSWER: 42", "ANSWER: 41", "42", "ANSWER: 7")]
        assert reward(completions=said, row=[0, 0, 0, 1]) == [1.0, 0.0, 0.0, 1.0]


def _one_line(capsys: pytest.CaptureFixture[str]) -> str:
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]
