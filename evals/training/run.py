"""One training: a folder that holds what it is, its checkpoints, its curves, its adapter, and at last its result.

Started again in the same folder it goes on from the last checkpoint; once the result is there, nothing is done again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from agents.errors import SetupError
from agents.records import Record
from evals.training.figures.cost import GenerationCost, generation_cost, training_flops
from evals.training.figures.curves import CURVES, read_curves
from evals.training.models import device_of, load_model
from evals.training.presets import Preset
from evals.training.rewards import open_verifier
from evals.training.rows import Method, TrainRow
from tools.files.whole import write_whole

JOB, RESULT, ADAPTER = "job.json", "result.json", "adapter"


class Job(Record):
    """What decides a training's outcome."""

    arm: str
    method: Method
    model: str
    preset: Preset
    seed: int
    rows: int
    rows_sha256: str

    @classmethod
    def of(  # noqa: PLR0913  # each decides
        cls, arm: str, method: Method, model: str, preset: Preset, seed: int, rows: Sequence[TrainRow]
    ) -> Job:
        """Describe a training by its settings and a hash of its rows."""
        text = json.dumps([row.model_dump(mode="json") for row in rows], sort_keys=True)
        sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return cls(arm=arm, method=method, model=model, preset=preset, seed=seed, rows=len(rows), rows_sha256=sha256)


class Result(Record):
    """How a training went; `adapter` is the folder beside it that any tool which reads LoRA adapters can load."""

    job: Job
    device: str
    parameters: int
    steps: int
    tokens: int
    training_flops: float
    generation: GenerationCost | None
    seconds: float
    final_loss: float | None
    token_accuracy: float | None
    validation_loss: float | None
    averaged: int


def train(
    job: Job,
    rows: Sequence[TrainRow],
    folder: Path,
    *,
    validation: Sequence[TrainRow] = (),
    source: Path | None = None,
) -> Result:
    """Train, or go on with a training, or return the result of a finished one.

    Args:
        job: What it is.
        rows: What it trains on.
        folder: Where it leaves everything.
        validation: Rows whose loss is measured at each quarter.
        source: The run that the rows come from, whose cost is told beside the training's.

    Raises:
        SetupError: The folder holds another training, or the model cannot be loaded.
    """
    if (done := read_result(folder, job)) is not None:
        return done
    if not rows:
        raise SetupError(f"arm {job.arm!r} has no rows, so there is nothing to train on")
    model, tokenizer = load_model(job.model, job.preset)
    device = device_of(model)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / JOB, job.model_dump_json(indent=1) + "\n")
    from transformers import PrinterCallback  # noqa: PLC0415  # an extra

    from evals.training.figures.progress import Progress  # noqa: PLC0415  # takes the extra
    from evals.training.trainers import TRAINERS, Work  # noqa: PLC0415  # as above

    with ExitStack() as stack:
        reward = stack.enter_context(open_verifier(rows)) if job.method == "grpo" else None
        progress = Progress(folder, f"{job.arm}, seed {job.seed}", validated=bool(validation))
        work = Work(model, tokenizer, job.preset, rows, validation, folder, job.seed, reward, [progress])
        trainer = TRAINERS[job.method](work)
        trainer.remove_callback(PrinterCallback)  # it prints what `Progress` keeps
        began = time.monotonic()
        trainer.train(resume_from_checkpoint=_last_checkpoint(folder))
    return _finish(job, trainer, folder, seconds=time.monotonic() - began, source=source, device=device)


def read_result(folder: Path, job: Job) -> Result | None:
    """Return the result that is there, None where the training has not ended.

    Raises:
        SetupError: The folder holds another training.
    """
    recorded = folder / JOB
    if recorded.exists() and Job.model_validate_json(recorded.read_text(encoding="utf-8")) != job:
        raise SetupError(f"{str(folder)!r} holds a training with other rows or settings; name another --out")
    result = folder / RESULT
    return Result.model_validate_json(result.read_text(encoding="utf-8")) if result.exists() else None


def _last_checkpoint(folder: Path) -> str | None:
    """Return the last checkpoint that is whole: the trainer writes its state last."""
    whole = [one.parent for one in (folder / "checkpoints").glob("checkpoint-*/trainer_state.json")]
    return str(max(whole, key=lambda one: int(one.name.rpartition("-")[2]))) if whole else None


def _finish(  # noqa: PLR0913  # what a result tells beside the trainer
    job: Job, trainer: Any, folder: Path, *, seconds: float, source: Path | None, device: str
) -> Result:
    from evals.training.average import average_checkpoints  # noqa: PLC0415  # takes the extra

    averaged = average_checkpoints(trainer.model, folder / "checkpoints", job.preset.average)
    base = Path(job.model)
    name = str(base.absolute()) if base.exists() else job.model
    trainer.model.peft_config["default"].base_model_name_or_path = name  # where `load_model` finds it again
    trainer.model.save_pretrained(folder / ADAPTER)
    trainer.processing_class.save_pretrained(folder / ADAPTER)
    points = read_curves(folder / CURVES)
    parameters = sum(one.numel() for name, one in trainer.model.named_parameters() if "lora_" not in name)
    tokens = int(_last(points, "tokens") or 0)
    result = Result(
        job=job,
        device=device,
        parameters=parameters,
        steps=trainer.state.global_step,
        tokens=tokens,
        training_flops=training_flops(parameters, tokens),
        generation=generation_cost(source, parameters) if source is not None else None,
        seconds=round(seconds, 1),
        final_loss=_last(points, "loss"),
        token_accuracy=_last(points, "token_accuracy"),
        validation_loss=_last(points, "validation_loss"),
        averaged=averaged,
    )
    write_whole(folder / RESULT, result.model_dump_json(indent=1) + "\n")
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    return result


def _last(points: Sequence[dict[str, Any]], name: str) -> float | None:
    return next((point[name] for point in reversed(points) if name in point), None)
