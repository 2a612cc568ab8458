"""The flags of a run: one for each field of `Settings`, and one clear line for a bad value."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_settings import CliSettingsSource

from agents.errors import SetupError
from graph.setting_faults import fault_of
from graph.setting_values import home_expanded
from graph.settings import Settings
from graph.settings_file import origin_of

GROUPS = {
    "domain": "the run",
    "attacker": "the seats",
    "max_attempts": "what is kept",
    "give_up_after": "bounds, prices and pace",
    "sandbox": "programs and novelty",
}
"""Headings of `--help`, each before the field of `Settings` that it begins with."""


class FlagParser(argparse.ArgumentParser):
    """A parser that takes no shortened flag, and reports what is wrong as one line: a `SetupError`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter, **options}, allow_abbrev=False)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse, and refuse what is unknown; argparse would collect it, and lose which command it was meant for."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            flag, flags = unknown[0].partition("=")[0], list(self._option_string_actions)
            near = [known for known in flags if known.startswith(flag)] or get_close_matches(flag, flags, 1)
            remedy = f"did you mean {' or '.join(near[:3])}?" if near and flag != "-" else "--help lists what there is"
            self.error(f"{flag!r} is not known; {remedy}")
        return parsed, []

    def error(self, message: str) -> NoReturn:
        """Raise the message."""
        raise SetupError(message.removeprefix("argument "))


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags; one that is not given leaves no attribute in what is parsed."""
    groups = {name: parser.add_argument_group(title) for name, title in GROUPS.items()}
    group = parser.add_argument_group()

    def add_to_group(_: argparse.ArgumentParser, *names: str, **options: Any) -> None:
        nonlocal group
        group = groups.get(options["dest"], group)
        options["help"] = options["help"].removesuffix(" (default: )").removesuffix(" (default: null)")
        group.add_argument(*names, **options)

    CliSettingsSource(
        Settings,
        root_parser=parser,
        add_argument_method=add_to_group,
        cli_parse_none_str="null",
        cli_hide_none_type=True,
        cli_implicit_flags=True,
        cli_kebab_case=True,
    )


def read_settings(given: dict[str, Any]) -> Settings:
    """Check the flags and the variables of a run; see `stated` for what is raised."""
    return stated(given).resolved()


def stated(given: dict[str, Any]) -> Settings:
    """Return what flags, variables and the settings file say, and leave open what they leave open.

    Raises:
        SetupError: One is not as it should be; the text is one clear line.
    """
    for name, value in given.items():
        if value == "" and Settings.model_fields[name].default != "":
            raise SetupError(f"{_flag(name)} is empty; give a value, or leave the flag out")
    try:
        return Settings(**given)
    except ValidationError as error:
        name, value, remedy = fault_of(error)
        raise SetupError(f"{_flag(name) if name in given else origin_of(name)} {value!r}: {remedy}") from error


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def at_least(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return an argparse type: a whole number that is not below this, nor above the most."""

    def whole(text: str) -> int:
        if (number := int(text)) < least or (most is not None and number > most):
            span = f"{least} or more" if most is None else f"{least} to {most}"
            raise argparse.ArgumentTypeError(f"{text!r}: give {span}")
        return number

    whole.__name__ = "whole number"  # argparse puts it into "invalid ... value"
    return whole


def path(text: str) -> Path:
    """Read an argument that is a path: `~` is the home folder, as in the settings."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    try:
        return Path(home_expanded(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def rows_path(text: str) -> Path:
    """Read an argument that is a file of rows, or a run: its folder, or its name in the folder of the runs."""
    found = path(text)
    if found.exists() or len(found.parts) > 1:
        return found
    folder = stated({}).runs_dir / found
    return folder if folder.is_dir() else found


def new_file(text: str) -> Path:
    """Read an argument that is a file to write; its folder must be there before any work is done."""
    file = path(text)
    if file.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder; name a file in it")
    if not file.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: there is no folder {str(file.parent)!r}; make it first")
    return file


def run_folder(runs_dir: Path, run: str) -> Path:
    """Return the folder of the run of that name, or of that path."""
    folder = Path(home_expanded(run))
    return folder if len(folder.parts) > 1 and folder.is_dir() else runs_dir / run
