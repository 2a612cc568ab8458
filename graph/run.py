"""The command line: generate a dataset, resume the run of that name, or carry out one of `COMMANDS`.

    python -m graph.run --domain math --target 200 --name math-1
    python -m graph.run doctor

Exit codes: 0 target reached, 1 a check found something, 2 wrong usage, 3 stopped short by a bound or a fault (the
reason is on the last line), 130 interrupted (the same command resumes).
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dotenv import load_dotenv

from graph.own_packages import require_own_packages

require_own_packages("graph.run")  # before anything is imported from what may be another's package

from agents.errors import SetupError
from graph.cli.flags import read_settings
from graph.cli.output import OUTPUT_FLAGS, escape_unprintable, keep_quiet
from graph.cli.parsers import COMMANDS, build_command_parser, build_parser, command_module
from graph.cli.running import fail, finish
from graph.commands.generate import generate
from graph.settings import Settings

CALLERS = "NANOFLUX_CALLERS_"
"""Variables that begin so are the server's (docs/serving.md)."""


def read_dotenv() -> None:
    """Read `.env` of the current folder, and of no other.

    Raises:
        SetupError: It cannot be read.
    """
    file = Path(".env")
    try:
        load_dotenv(file)
    except (OSError, ValueError) as error:
        raise SetupError(f"cannot read {file.absolute()}: {error}; save it as UTF-8 text, or remove it") from error


def warn_of_strange_variables() -> None:
    """Name the variables that look like settings and set nothing."""
    known = {f"NANOFLUX_{name.upper()}" for name in Settings.model_fields}
    strange = (name for name in os.environ if name.startswith("NANOFLUX_") and name not in known)
    for name in sorted(name for name in strange if not name.startswith(CALLERS)):
        near = get_close_matches(name, known, 1)
        print(f"graph.run: {name} sets nothing{f'; did you mean {near[0]}?' if near else ''}", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, run, and turn every foreseen failure into one line and an exit code."""
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    argv = sys.argv[1:] if argv is None else argv
    escape_unprintable()
    try:
        read_dotenv()
        warn_of_strange_variables()
        work = begin(argv)
    except SetupError as error:
        return fail(error, "graph.run", verbose="--verbose" in argv)
    with keep_quiet(quiet="--quiet" in argv):
        return finish(
            lambda: asyncio.run(work),
            "graph.run",
            verbose="--verbose" in argv,
            interrupted="stopped at once; the same command resumes",
            resumable=True,
        )


def begin(argv: Sequence[str]) -> Coroutine[Any, Any, int]:
    """Return the work that the arguments ask for: one of `COMMANDS`, or a run.

    Raises:
        SetupError: A flag or a variable is not as it should be.
    """
    if argv and argv[0] in COMMANDS:
        return begin_command(argv[0], argv[1:])
    if argv and not argv[0].startswith("-"):
        near = get_close_matches(argv[0], COMMANDS, 1)
        remedy = (
            f"did you mean {near[0]}?" if near else f"choose from {', '.join(COMMANDS)}, or give flags to start a run"
        )
        raise SetupError(f"there is no command {argv[0]!r}; {remedy}")
    args = build_parser().parse_args(argv)
    own = ("force", *OUTPUT_FLAGS)
    given = {name: value for name, value in vars(args).items() if name not in own}
    return generate(read_settings(given), args)


def begin_command(name: str, argv: Sequence[str]) -> Coroutine[Any, Any, int]:
    """Return the work of one of `COMMANDS`; see `begin` for what is raised."""
    args = build_command_parser(name).parse_args(argv)
    work: Coroutine[Any, Any, int] = command_module(name).run(args)
    return work


if __name__ == "__main__":
    sys.exit(main())
