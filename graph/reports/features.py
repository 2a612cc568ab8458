"""The declared schema of the dataset's rows, as the `datasets` library reads it from the head of a data card.

Rows load without it, too (`agents.row_form`); it says what a file without rows would hold.
"""

from __future__ import annotations

import json

from agents.row_form import Feature, form_of
from agents.rows import Survivor


def row_features() -> list[Feature]:
    """Return the features of a row, in the order of its fields."""
    features: list[Feature] = form_of(Survivor).feature["struct"]
    return features


def features_lines() -> str:
    """Write them as YAML, one field a line."""
    return "\n".join(f"  - {json.dumps(feature)}" for feature in row_features())
