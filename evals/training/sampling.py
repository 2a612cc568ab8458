"""Sampled answers of a local model: in batches, in the order of the questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from evals.training.presets import Preset
from evals.training.trainers import asked
from graph.cli.output import tell

BATCH = 32
"""Questions of one batch; they are sorted by length, so that little is padding."""


def sample(  # noqa: PLR0913  # who is asked what, and how
    model: Any, tokenizer: Any, prompts: Sequence[str], preset: Preset, *, temperature: float = 0.0, what: str = ""
) -> list[str]:
    """Answer each question, greedily where the temperature is zero."""
    model.eval()
    tokenizer.padding_side = "left"
    chats = [
        tokenizer.apply_chat_template(asked(prompt, preset), tokenize=False, add_generation_prompt=True)
        for prompt in prompts
    ]
    order = sorted(range(len(chats)), key=lambda place: len(chats[place]))
    answers = [""] * len(chats)
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        for place, text in zip(
            places, _batch(model, tokenizer, [chats[at] for at in places], preset, temperature), strict=True
        ):
            answers[place] = text
        if what:
            tell(f"{what}: {min(start + BATCH, len(order))} of {len(order)} answered")
    return answers


def _batch(model: Any, tokenizer: Any, chats: list[str], preset: Preset, temperature: float) -> list[str]:
    tokens = tokenizer(chats, return_tensors="pt", padding=True, add_special_tokens=False).to(model.device)
    with torch.inference_mode():
        output = model.generate(
            **tokens,
            max_new_tokens=preset.max_new_tokens,
            do_sample=temperature > 0,
            **({"temperature": temperature} if temperature else {}),
            pad_token_id=tokenizer.pad_token_id,
        )
    new = output[:, tokens["input_ids"].shape[1] :]
    texts: list[str] = tokenizer.batch_decode(new, skip_special_tokens=True)
    return texts
