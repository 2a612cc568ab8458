"""The curves of a training: one object a logged step, in a file of JSON Lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CURVES = "curves.jsonl"
"""Each object has the step's number, and loss, token accuracy and tokens so far, or the loss on validation rows."""


def read_curves(file: Path) -> list[dict[str, Any]]:
    """Return the points of a file of curves; none where it is not there, and without a last line cut by a kill."""
    points = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        try:
            points.append(json.loads(line))
        except ValueError:
            break
    return points
