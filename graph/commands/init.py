"""Write `nanoflux.toml`, with every setting commented out at its default, or a domain pack to be filled in.

    init                     nanoflux.toml in the current folder
    init --domain chemistry  domains/chemistry.toml, from a template

A file that is there already is left alone, with exit code 2, unless --force is given.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from textwrap import wrap

from agents.errors import SetupError
from graph.cli.flags import GROUPS
from graph.cli.output import report
from graph.setting_values import folder_name
from graph.settings import Settings
from graph.settings_file import FILE
from prompts.domain import FOLDER, OWN_FOLDER

HEAD = """\
# Settings of the runs that are started in this folder. A flag beats a variable, and a variable beats this file.
# Take the `#` away from what you want to change; what stays commented out has the default that is shown.
"""
TEMPLATE = FOLDER.parent / "pack_template.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what to write."""
    parser.add_argument("--domain", type=_name, metavar="NAME", help="write a domain pack of this name instead")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


async def run(args: argparse.Namespace) -> int:
    """Write the file, and say what to do with it."""
    if args.domain:
        file, text = OWN_FOLDER / f"{args.domain}.toml", await asyncio.to_thread(pack_text)
        then = f"change its texts, check it with `validate {file}`, and use it with --domain {args.domain}"
    else:
        file, text, then = FILE, settings_text(), "take the `#` away from what you want to change"
    await asyncio.to_thread(_write, file, text, force=args.force)
    report(args, {"written": str(file)}, [f"{file} written; {then}"])
    return 0


def settings_text() -> str:
    """Write every setting with its description and its default, all commented out."""
    lines = [HEAD]
    for name, field in Settings.model_fields.items():
        if name in GROUPS:
            lines.append(f"\n# ---- {GROUPS[name]}\n")
        lines += [f"# {line}" for line in wrap(str(field.description), 116)]
        value = "   # unset by default" if field.default is None else _toml(field.default)
        lines.append(f"#{name} = {value}\n")
    return "\n".join(lines)


def pack_text() -> str:
    """Write the template's head, then the rubric and the first worked question of the mathematics pack."""
    math = (FOLDER / "math.toml").read_text(encoding="utf-8")
    rubric = math[math.index("[rubric.correctness]") :]
    first = rubric.index("[[exemplars]]")
    return TEMPLATE.read_text(encoding="utf-8") + rubric[: rubric.index("[[exemplars]]", first + 1)].rstrip() + "\n"


def _toml(value: object) -> str:
    """Write a default as TOML."""
    return json.dumps(value if isinstance(value, bool | int | float) else str(value))


def _write(file: Path, text: str, *, force: bool) -> None:
    """Write a file that is not there, or any by force.

    Raises:
        SetupError: It is there, or cannot be written.
    """
    try:
        file.parent.mkdir(exist_ok=True)
        with file.open("w" if force else "x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise SetupError(f"{file} is there already; --force writes over it") from error
    except OSError as error:
        raise SetupError(f"cannot write {file}: {error.strerror}") from error


def _name(text: str) -> str:
    try:
        return folder_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from error
