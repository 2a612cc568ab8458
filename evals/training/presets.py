"""The presets of fine-tuning: `presets.toml` has one table for each, and this file says what a table may hold."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from agents.errors import SetupError
from agents.records import Record, describe

_FILE = Path(__file__).with_name("presets.toml")


class Preset(Record):
    """How a model is fine-tuned."""

    lora_rank: int = Field(ge=1, description="rank of the adapters, which sit on all linear layers")
    lora_alpha: int = Field(ge=1)
    learning_rate: float = Field(gt=0, description="highest of the cosine schedule")
    epochs: float = Field(gt=0)
    max_steps: int = Field(default=0, ge=0, description="steps after which it ends, whatever the epochs; 0 for none")
    batch: int = Field(ge=1, description="rows of one forward pass; on a GPU it is halved until it fits")
    accumulate: int = Field(ge=1, description="forward passes of one step")
    warmup_steps: int = Field(ge=0)
    max_length: int = Field(ge=16, description="tokens of a row; what is longer is cut")
    max_new_tokens: int = Field(ge=1, description="tokens of a sampled answer")
    threads: int = Field(ge=1, description="threads on a CPU; two are slower than one where both cores are wanted")
    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        description="of the frozen weights; adapters are float32; auto is bfloat16 where the device computes with it"
    )
    save_steps: int = Field(default=20, ge=1, description="steps between checkpoints: what a kill can cost at most")
    average: int = Field(default=1, ge=1, description="checkpoints, the last one included, whose adapters are averaged")
    system_prompt: str | None = Field(default=None, description="put before every prompt; None for none")
    generations: int = Field(default=4, ge=2, description="answers sampled for each prompt by GRPO")


@cache
def load_presets() -> dict[str, Preset]:
    """Read all presets."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: Preset.model_validate(table) for name, table in tables.items()}


def load_preset(name: str, changes: Sequence[str] = ()) -> Preset:
    """Return a preset, with `key=value` changes.

    Raises:
        SetupError: There is no such preset or key, or the value does not fit.
    """
    presets = load_presets()
    if name not in presets:
        raise SetupError(f"--preset {name!r}: choose from {', '.join(presets)}")
    given = dict[str, str]()
    for change in changes:
        key, mark, value = change.partition("=")
        if not mark or key not in Preset.model_fields:
            raise SetupError(f"--set {change!r}: write key=value, with a key of {', '.join(Preset.model_fields)}")
        given[key] = value
    try:
        return Preset.model_validate({**presets[name].model_dump(), **given})
    except ValidationError as error:
        raise SetupError(f"--set: {describe(error)}") from error
