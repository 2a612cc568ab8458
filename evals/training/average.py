"""Average the adapters of the last checkpoints: the seed of a training then matters less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file


def average_checkpoints(model: Any, checkpoints: Path, most: int) -> int:
    """Give the model the mean of its own adapters and those of the checkpoints before; return how many they were."""
    saved = sorted(checkpoints.glob("checkpoint-*"), key=lambda folder: int(folder.name.rpartition("-")[2]))
    states = [load_file(folder / "adapter_model.safetensors") for folder in saved[-most:]]
    if most > 1 and len(states) > 1:
        own = get_peft_model_state_dict(model)
        mean = {name: torch.stack([state[name].float() for state in states]).mean(0) for name in own}
        set_peft_model_state_dict(model, mean)
        return len(states)
    return 1
