"""How much worked answers surprise a model: the mean loss of their tokens, by which `fit` chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from evals.training.presets import Preset
from evals.training.rows import TrainRow
from evals.training.trainers import asked


def surprisals(model: Any, tokenizer: Any, rows: Sequence[TrainRow], preset: Preset) -> list[float]:
    """Return the mean loss of each row's completion, its end mark included, in nats a token."""
    model.eval()
    return [_surprisal(model, tokenizer, row, preset) for row in rows]


def _surprisal(model: Any, tokenizer: Any, row: TrainRow, preset: Preset) -> float:
    turns = asked(row.prompt, preset)
    before = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(
        [*turns, {"role": "assistant", "content": row.completion}], tokenize=False, add_generation_prompt=False
    )
    start = len(tokenizer(before, add_special_tokens=False)["input_ids"])
    ids = tokenizer(whole, add_special_tokens=False, return_tensors="pt")["input_ids"].to(model.device)
    with torch.inference_mode():
        scores = model(ids).logits[0, start - 1 : -1].float()
    return float(torch.nn.functional.cross_entropy(scores, ids[0, start:]))
