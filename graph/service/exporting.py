"""A run's rows in the form that a trainer reads, as the command `export` writes them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from agents.errors import SetupError
from agents.row_versions import read_dataset
from graph.service.faults import Conflict
from tools.files.entries import json_lines
from tools.files.lines import RowFileError


def exported(dataset: Path, form: str) -> str:
    """Return JSON Lines; blocks while it reads and converts.

    Raises:
        Conflict: The file holds no rows yet, or none of which the form makes anything.
    """
    formats = import_module("evals.exports.formats")  # above us, and loaded where it is asked for, as a command is
    try:
        rows = [made for row in read_dataset(dataset) for made in formats.EXPORTS[form](row)]
    except (SetupError, RowFileError) as error:
        raise Conflict(str(error)) from error
    if not rows:
        raise Conflict(f"no row of the run makes one of format {form!r}; it takes a wrong answer that can be read")
    return json_lines(rows)
