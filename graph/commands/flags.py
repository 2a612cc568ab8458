"""The flags of a run: one of each field of `Settings`, and the one clear line for a bad value."""

from __future__ import annotations

import argparse
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.errors import SetupError
from graph.settings import Settings

GROUPS = {
    "domain": "the run",
    "attacker": "the seats",
    "max_attempts": "what is kept",
    "give_up_after": "bounds, prices and pace",
    "sandbox": "programs and novelty",
}
"""Headings of `--help`, each before the field of `Settings` that it begins with."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags; those that are not given leave no attribute, so that `vars` holds what was said and no more."""
    group = parser.add_argument_group()
    for name, field in Settings.model_fields.items():
        if name in GROUPS:
            group = parser.add_argument_group(GROUPS[name])
        flag = f"--{name.replace('_', '-')}"
        default = "" if field.default in (None, "") else f" (default: {field.default})"
        text = f"{field.description}{default}".replace("%", "%%")
        if field.annotation is bool:
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=text)
        else:
            group.add_argument(flag, default=argparse.SUPPRESS, help=text, metavar=_metavar(field.annotation))


def _metavar(annotation: Any) -> str:
    kinds = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return {int: "N", float: "X", Path: "FOLDER"}.get(kinds[0], "TEXT")


_BOUNDS = {
    "greater_than_equal": "give {ge:g} or more",
    "greater_than": "give more than {gt:g}",
    "less_than_equal": "give {le:g} or less",
    "int_parsing": "give a whole number",
    "int_from_float": "give a whole number",
    "float_parsing": "give a number",
    "bool_parsing": "give true or false",
}
"""What to do about a value, by pydantic's name for what is wrong with it."""


def read_settings(given: dict[str, Any]) -> Settings:
    """Check the flags and the variables of a run; see `stated` for what is raised."""
    return stated(given).resolved()


def stated(given: dict[str, Any]) -> Settings:
    """Return what flags and variables say, with no word on what is left open.

    Raises:
        SetupError: One is not as it should be; the text is one clear line.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0])
        flag = f"--{name.replace('_', '-')}" if name in given else f"NANOFLUX_{name.upper()}"
        remedy = _BOUNDS.get(fault["type"], "").format(**fault.get("ctx", {}))
        told = remedy or fault["msg"].removeprefix("Value error, ")
        raise SetupError(f"{flag} {fault['input']!r}: {told}") from error


def at_least(least: int) -> Callable[[str], int]:
    """Return an argparse type: a whole number that is not below this."""

    def whole(text: str) -> int:
        if (number := int(text)) < least:
            raise argparse.ArgumentTypeError(f"{text!r}: give {least} or more")
        return number

    whole.__name__ = "whole number"  # what argparse calls it where the text is none
    return whole


def run_folder(runs_dir: Path, told: str) -> Path:
    """Return the folder of the run of that name, or of that path."""
    path = Path(told)
    return path if len(path.parts) > 1 and path.is_dir() else runs_dir / told
