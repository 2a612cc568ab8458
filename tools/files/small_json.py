"""Small JSON files of settings and shares, which a person may have edited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MOST_BYTES = 4 * 1024**2
"""Of such a file."""


def read_small_json(file: Path) -> Any:
    """Return what the file holds; a byte order mark is skipped.

    Raises:
        OSError: It cannot be opened.
        ValueError: It is no JSON, no UTF-8, nested without end, or far too long.
    """
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is longer than {MOST_BYTES // 1024**2} MiB")
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8 text; save it as UTF-8") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
