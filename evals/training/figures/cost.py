"""What a training cost: tokens and operations, and beside them what generating its rows had cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.records import SEATS, Record, SeatUsage
from agents.rows import Survivor

LORA_FLOPS = 4
"""Operations for each weight and token: forward, and backward to the adapters; frozen weights get no gradient."""
FORWARD_FLOPS = 2
"""Operations for each weight and token of a model that only answers."""


class GenerationCost(Record):
    """What a run spent on its rows; `flops` counts every seat as if it were as large as the trained model."""

    tokens: dict[str, int]
    usd: float | None
    flops: float


def training_flops(parameters: int, tokens: int) -> float:
    """Return the operations of LoRA training on so many tokens."""
    return float(LORA_FLOPS * parameters * tokens)


def generation_cost(run: Path, parameters: int) -> GenerationCost | None:
    """Read what a run has spent, refused candidates included; None where the file is no run's dataset."""
    funnel = (run if run.is_dir() else run.parent) / "funnel.json"
    try:
        usage: dict[str, Any] = json.loads(funnel.read_text(encoding="utf-8"))["usage"]
        by_seat = {seat: SeatUsage.model_validate(usage[seat]) for seat in SEATS if seat in usage}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return _cost(by_seat, parameters)


def rows_cost(rows: Sequence[Survivor], parameters: int) -> GenerationCost:
    """Add up what these survivors alone had cost."""
    return _cost({seat: SeatUsage.sum(row.usage.get(seat, SeatUsage()) for row in rows) for seat in SEATS}, parameters)


def _cost(by_seat: dict[Any, SeatUsage], parameters: int) -> GenerationCost:
    total = SeatUsage.sum(by_seat.values())
    tokens = {str(seat): usage.tokens for seat, usage in by_seat.items()}
    return GenerationCost(tokens=tokens, usd=total.usd, flops=float(FORWARD_FLOPS * parameters * total.tokens))
