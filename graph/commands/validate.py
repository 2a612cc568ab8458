"""Check settings, domain packs and datasets without running anything: no model, no sandbox, no network.

    validate                         flags, variables and nanoflux.toml of this folder; every domain pack
    validate chemistry.toml a.jsonl runs/math-1    these files: packs, settings files, datasets, run folders

`verify` goes further with a dataset: it runs the programs again. Exit code 0 if all is as it should be, 1 if not.
"""

from __future__ import annotations

import argparse
import asyncio
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from agents.errors import SetupError
from agents.row_versions import read_dataset
from graph.cli.flags import add_flags, read_settings, rows_path
from graph.cli.output import report
from graph.curriculum.bandit import Steering
from graph.question.pass_rate import Band
from graph.settings import Settings
from graph.settings_file import FILE, read_settings_file
from prompts.domain import DomainError, domain_files, load_domain, read_pack
from tools.files.lines import RowFileError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the files, and the flags of a run."""
    parser.usage = "%(prog)s [FILE ...] [--flag VALUE ...], with the flags of the run in question"
    parser.add_argument(
        "files", type=rows_path, nargs="*", metavar="FILE", help="packs, settings files, datasets, runs"
    )
    add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    """Check everything, and say of each whether it is as it should be."""
    given = {name: value for name, value in vars(args).items() if name in Settings.model_fields}
    checks: dict[str, Callable[[], str]] = {}
    if args.files:
        checks = {str(file): partial(check_file, file) for file in args.files}
    else:
        checks["settings"] = partial(check_settings, given)
        checks |= {str(file): partial(check_pack, file) for file in domain_files().values()}
    results = [(what, *await asyncio.to_thread(_outcome, check)) for what, check in checks.items()]
    lines = [f"{'ok   ' if ok else 'WRONG'}  {what}: {text}" for what, ok, text in results]
    wrong = sum(not ok for _, ok, _ in results)
    lines.append(f"{len(results)} checked, {wrong} wrong" if wrong else f"{len(results)} checked, all good")
    checked = [{"what": what, "ok": ok, "details": details} for what, ok, details in results]
    report(args, {"ok": not wrong, "checked": checked}, lines)
    return 1 if wrong else 0


def check_settings(given: dict[str, object]) -> str:
    """Check the settings of a run, its domain, and what the two make of each other."""
    settings = read_settings(given)
    Steering.of(load_domain(settings.domain), settings)
    if not Band.of(settings).holds_some(settings.defender_samples):
        raise SetupError(f"--pass-rate {settings.pass_rate} holds no share of {settings.defender_samples} samples")
    where = f"{FILE} and " if FILE.exists() else ""
    return f"{where}flags make a run {settings.run_name!r} of {settings.target} rows in the domain {settings.domain!r}"


def check_pack(file: Path) -> str:
    """Check a domain pack."""
    pack = read_pack(file)
    return f"domain pack with {len(pack.topics)} topics and {len(pack.exemplars)} worked questions"


def check_file(file: Path) -> str:
    """Check a file as what it is: a pack, a settings file, else a dataset.

    Raises:
        SetupError: It is no settings file, or not as it should be; as the others do for theirs.
    """
    if file.suffix != ".toml":
        return f"{len(read_dataset(file))} rows, each complete; `verify` proves them"
    try:
        is_pack = {"topics", "rubric", "guidance"} & set(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SetupError(f"no TOML that can be read: {error}") from error
    if is_pack:
        return check_pack(file)
    stated = read_settings_file(Settings.model_fields, file)
    read_settings(stated)
    return f"{len(stated)} settings"


def _outcome(check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, check()
    except (SetupError, DomainError, RowFileError) as error:
        return False, str(error)
