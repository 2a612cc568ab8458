"""Read dataset rows of earlier versions: each step turns the fields of one schema version into those of the next.

A file outlives the program that wrote it, so `verify` and `export` go through here. Run folders are not upgraded: their
journals hang on the prompts and records of the version that began them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.records import describe
from agents.rows import SCHEMA_VERSION, Survivor
from tools.files.lines import RowFileError, dataset_file, named, read_lines

Fields = dict[str, Any]


class RowVersionError(ValueError):
    """The row was written by a later version of this program."""


def _from_1(fields: Fields) -> Fields:
    """Rename `asked.steps` to `asked.hops` and `anchor` to `easy`; rows of version 1 carried no version."""
    renamed = {"easy" if name == "anchor" else name: value for name, value in fields.items()}
    if isinstance(asked := renamed.get("asked"), dict):
        renamed["asked"] = {"hops" if name == "steps" else name: value for name, value in asked.items()}
    return renamed


def _from_2(fields: Fields) -> Fields:
    """Say that nothing is known of inputs and proof: programs of version 2 printed their answer."""
    unknown = {"proof": None, "reference_rubric": None, "defender_rubric": None}
    return {**fields, "inputs": [], "judge_program": "", "judge_answer": "", **unknown}


def _from_3(fields: Fields) -> Fields:
    """Name no blemishes and no review: rows of version 3 said nothing of either."""
    return {**fields, "blemishes": [], "review": None}


def _from_4(fields: Fields) -> Fields:
    """Let the absent neighbour be empty; what else was null or a list in version 4 is read as it was written."""
    mark = fields.get("novelty")
    if isinstance(mark, dict):
        mark = {**mark, "nearest": mark.get("nearest") or "", "score": mark.get("score") or 0.0}
    return {**fields, "novelty": mark}


UPGRADES: dict[int, Callable[[Fields], Fields]] = {1: _from_1, 2: _from_2, 3: _from_3, 4: _from_4}
"""By the version they start from; each leads to the next."""


def upgrade(fields: Fields) -> Fields:
    """Return the fields of a row as the present schema names them; fields of the present schema come back unchanged.

    Raises:
        RowVersionError: The row is of a later schema.
    """
    version = fields.get("schema_version", 1)
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise RowVersionError(
            f"was written by a later version of NanoFlux: it has schema version {version!r}, and this one reads up to "
            f"{SCHEMA_VERSION}; use the version that wrote it"
        )
    for step in range(version, SCHEMA_VERSION):
        fields = {**UPGRADES[step](fields), "schema_version": step + 1}
    return fields


def read_survivor(line: str | bytes, *, strict: bool = False) -> Survivor:
    """Read one line of a dataset.

    Args:
        line: The JSON of a row, of this schema version or an earlier one.
        strict: Refuse values that would have to be converted, such as a number written as a string.

    Raises:
        ValueError: It is no row, or one of a later version.
    """
    fields = json.loads(line)
    if isinstance(fields, dict):
        fields = upgrade(fields)
    return Survivor.model_validate_json(json.dumps(fields), strict=strict)


def later_version(text: bytes) -> str:
    """Say so where a later version of this program wrote the row; nothing where it did not, or is no row at all."""
    try:
        fields = json.loads(text)
        if isinstance(fields, dict):
            upgrade(fields)
    except RowVersionError as error:
        return str(error)
    except (ValueError, RecursionError):
        return ""
    return ""


def read_dataset(path: Path) -> list[Survivor]:
    """Read the rows of a dataset file, or of a run's folder.

    Raises:
        RowFileError: It cannot be read, or a line is no row; the message names it.
    """
    rows = []
    for line in read_lines(path):
        where = f"{named(dataset_file(path))}, {line.where},"
        try:
            rows.append(read_survivor(line.text))
        except RowVersionError as error:
            raise RowFileError(f"{where} {error}") from error
        except ValidationError as error:
            raise RowFileError(f"{where} is not a row of a dataset: {describe(error)}") from error
        except (ValueError, RecursionError) as error:
            raise RowFileError(f"{where} is not JSON: {error}") from error
    return rows
