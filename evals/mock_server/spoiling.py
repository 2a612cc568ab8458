"""Unusable replies of the kinds that models give: cut off, not JSON, prose, or with a field missing."""

from __future__ import annotations

import json
import random
from typing import Any, NamedTuple


class Spoilt(NamedTuple):
    """What is left of a record."""

    text: str
    finish: str = "stop"
    is_prose: bool = False
    """Whether it no longer comes in the form that was asked for."""


def spoil(record: dict[str, Any], draw: random.Random) -> Spoilt:
    """Turn a record into an unusable reply."""
    text = json.dumps(record)
    match draw.choice(("cut", "broken", "prose", "fields")):
        case "cut":
            return Spoilt(text[: len(text) * 3 // 5], finish="length")
        case "broken":
            return Spoilt(text.replace('": ', "': ", 2))
        case "prose":
            return Spoilt(prose(draw), is_prose=True)
        case _:
            return Spoilt(json.dumps(dict(list(record.items())[1:])))


def prose(draw: random.Random) -> str:
    """Write words of no language."""
    return " ".join("".join(draw.choices("aeioulnrst", k=draw.randint(2, 9))) for _ in range(draw.randint(9, 30)))
