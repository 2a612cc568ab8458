"""Ask weights that lie in a folder: those that `evals.finetune` leaves, or any that transformers reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.records import SeatUsage
from evals.benchmarks.asking import Sitting, request_key
from evals.benchmarks.published import Item
from evals.training.extra import require_train
from evals.training.models import load_model
from evals.training.presets import Preset, load_preset
from evals.training.run import JOB, Job
from prompts.render import posed_text
from tools.answers import reads_as, reply_answer

TOGETHER = 32
"""Questions between which answers are written down."""


def preset_of(model: Path, named: str | None) -> Preset:
    """Return the preset by which a model is asked: the one named, else the one that it was trained with."""
    job = model.parent / JOB
    if named is None and job.is_file():
        return Job.model_validate_json(job.read_text(encoding="utf-8")).preset
    return load_preset(named or "cpu-135m")


async def ask_weights(model: Path, preset: Preset, items: Sequence[Item], sitting: Sitting) -> list[str | None]:
    """Answer each item greedily, as training and comparisons do: the question alone, with no word on the form.

    Raises:
        SetupError: The extra is missing, or the model cannot be loaded.
    """
    require_train()
    identity = _identity(model, preset)
    weights, answers = _Loaded(model, preset), list[str | None]()
    for start in range(0, len(items), TOGETHER):
        some = items[start : start + TOGETHER]
        prompts = [posed_text(item.question, item.choices) for item in some]
        journals = [sitting.journal(start + place) for place in range(len(some))]
        keys = [request_key(*identity, prompt) for prompt in prompts]
        missing = [place for place, key in enumerate(keys) if await journals[place].recall(key) is None]
        replies = weights.reply([prompts[place] for place in missing]) if missing else []
        for place, reply in zip(missing, replies, strict=True):
            await journals[place].record(keys[place], "defender", SeatUsage(calls=1), {"text": reply})
        for place, item in enumerate(some):
            written = await journals[place].recall(keys[place])
            answers.append(_answer(item, written["text"] if written else ""))
            sitting.count()
    return answers


class _Loaded:
    """The weights, read when they are first asked."""

    def __init__(self, model: Path, preset: Preset) -> None:
        self._name, self._preset = str(model), preset
        self._pair: tuple[Any, Any] | None = None

    def reply(self, prompts: Sequence[str]) -> list[str]:
        from evals.training.sampling import sample  # noqa: PLC0415  # takes the extra

        self._pair = self._pair or load_model(self._name, self._preset)
        return sample(*self._pair, prompts, self._preset)


def _identity(model: Path, preset: Preset) -> list[str]:
    """Say which weights lie in the folder now, and how they are asked: others under the same name are asked anew."""
    states = ((file.name, file.stat()) for file in sorted(model.glob("*.safetensors")))
    files = [f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states]
    return [str(model.absolute()), *files, preset.model_dump_json()]


def _answer(item: Item, reply: str) -> str | None:
    found = reply_answer(reply, item.answer_kind, item.choices)
    return found if found is not None and reads_as(found, item.answer_kind, item.choices) else None
