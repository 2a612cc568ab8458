"""TRL's own trainers take the files of `export` as `datasets` loads them: no column renamed, no row changed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from evals import export
from evals.exports.verifier import reward
from evals.training import extra
from tests.made_up_run import SAMPLE
from tests.unit.evals.tiny_model import write_tiny_model

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # what torch, transformers and trl say of one another
    pytest.mark.skipif(bool(extra.missing()), reason="the extra train is not installed: make train"),
]
CHOICE: dict[str, Any] = {"id": "b", "answer_kind": "choice", "answer": "60.9", "choices": ["60.9", '"none" of\nthem']}
TRAINERS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("SFT", {"max_length": 128}),
    "prompt_completion": ("SFT", {"max_length": 512, "completion_only_loss": True}),
    "preference": ("DPO", {"max_length": 512}),
    "kto": ("KTO", {"max_length": 512}),
    "rlvr": ("GRPO", {"max_completion_length": 8, "num_generations": 2}),
}
"""By format, the trainer that docs/after-a-run.md names for it, and its settings."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with a number and a choice."""
    file = tmp_path_factory.mktemp("run") / "dataset.jsonl"
    rows = [SAMPLE, SAMPLE.model_copy(update=CHOICE)]
    file.write_text("".join(row.model_dump_json() + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize("form", TRAINERS)
def test_a_trainer_takes_a_step_on_the_file(form: str, run: Path, model: Path, tmp_path: Path) -> None:
    import trl
    from transformers import AutoTokenizer

    name, settings = TRAINERS[form]
    assert export.main([str(run), f"--format={form}", f"--out={tmp_path / 'rows.jsonl'}"]) == 0
    rows = load_dataset("json", data_files=str(tmp_path / "rows.jsonl"), split="train", cache_dir=str(tmp_path / "c"))
    config = getattr(trl, f"{name}Config")(
        output_dir=str(tmp_path / "out"), max_steps=1, per_device_train_batch_size=2, logging_steps=1, report_to="none",
        save_strategy="no", use_cpu=True, bf16=False, gradient_checkpointing=False, disable_tqdm=True, **settings,
    )  # fmt: skip
    trainer = getattr(trl, f"{name}Trainer")(
        model=str(model), args=config, train_dataset=rows, processing_class=AutoTokenizer.from_pretrained(model),
        **({"reward_funcs": reward} if name == "GRPO" else {}),
    )  # fmt: skip
    trainer.train()
    logged = {key: value for line in trainer.state.log_history for key, value in line.items()}
    assert trainer.state.global_step == 1
    assert math.isfinite(logged["train_loss"])
    if name == "GRPO":
        assert logged["rewards/reward/mean"] == 0.0, "random weights end in no answer, and each reply was scored"
