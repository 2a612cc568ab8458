"""What a training says while it goes on, and the curves that it leaves: a callback of the trainer.

The trainer passes what it has by position or by name, as its version wants; only the state and the figures are read.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from evals.training.figures.curves import CURVES, read_curves
from graph.cli.output import tell

_KEPT = {
    "loss": "loss",
    "mean_token_accuracy": "token_accuracy",
    "num_tokens": "tokens",
    "reward": "reward",
    "eval_loss": "validation_loss",
    "eval_mean_token_accuracy": "validation_token_accuracy",
    "rewards/accuracies": "preference_accuracy",
}
"""The trainer's name of a figure, and ours."""


EVALUATIONS = 4
"""Times that the loss of validation rows is measured, evenly over a training of any length, its end included."""


class Progress(TrainerCallback):  # type: ignore[misc]  # transformers is not typed here
    """Writes the curves, and one line of progress with the time that is left at every tenth."""

    def __init__(self, folder: Path, what: str, *, validated: bool) -> None:
        self.file, self.what, self.validated = folder / CURVES, what, validated
        self.began, self.first = time.monotonic(), 0

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Drop what an earlier sitting logged after its last checkpoint."""
        self.began, self.first = time.monotonic(), state.global_step
        kept = [point for point in read_curves(self.file) if point["step"] <= state.global_step]
        self.file.write_text("".join(json.dumps(point) + "\n" for point in kept), encoding="utf-8")

    def on_log(self, _args: Any, state: Any, _control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """Keep the figures of a step."""
        figures = {ours: float(logs[theirs]) for theirs, ours in _KEPT.items() if logs and theirs in logs}
        if figures:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"step": state.global_step, **figures}) + "\n")

    def on_step_end(self, _args: Any, state: Any, control: Any, **_: Any) -> None:
        """Say how far it is, and have the validation rows measured in time."""
        done, steps = state.global_step, state.max_steps
        control.should_evaluate = self.validated and _ends_part(done, steps, EVALUATIONS)
        if _ends_part(done, steps, 10):
            left = (time.monotonic() - self.began) / max(1, done - self.first) * (steps - done)
            tell(f"{self.what}: step {done} of {steps}, {_minutes(left)} left")


def _ends_part(done: int, steps: int, parts: int) -> bool:
    return done * parts // steps > (done - 1) * parts // steps


def _minutes(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
