"""The command line: generate a dataset, resume the run of that name, or carry out one of `COMMANDS`.

    python -m graph.run --domain math --target 200 --name math-1
    python -m graph.run doctor

Exit codes: 0 target reached, 1 a check found something, 2 wrong usage, 3 stopped short by a bound or a fault (the
reason is on the last line), 130 interrupted (the same command resumes).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
from collections.abc import Coroutine, Sequence
from difflib import get_close_matches
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from dotenv import load_dotenv

from graph.own_packages import require_own_packages

require_own_packages()  # before anything is imported from what may be another's package

from agents.errors import SetupError
from graph.commands.flags import FlagParser, add_flags, read_settings
from graph.commands.interrupts import on_interrupt
from graph.commands.output import escape_unprintable
from graph.settings import Settings

CALLERS = "NANOFLUX_CALLERS_"
"""Variables that begin so are the server's (docs/serving.md)."""

REACHED, FOUND, USAGE, SHORT, INTERRUPTED = 0, 1, 2, 3, 130

COMMANDS: dict[str, tuple[str, str]] = {
    "doctor": (
        "graph.commands.doctor",
        "show what works on this machine, and whether a run with the same flags could start",
    ),
    "verify": (
        "graph.commands.verify",
        "check a dataset from its file alone: fields, programs, answers, near-duplicates",
    ),
    "novelty": ("graph.commands.novelty", "measure the novelty rules, audit any dataset, list what is near a text"),
    "review": ("graph.commands.review", "list the questions that wait for a person; approve, edit or reject them"),
    "explain": ("graph.commands.explain", "show what happened to one candidate of a run, or to a survivor"),
    "export": ("evals.export", "convert survivors to a trainer's format, or to a package for RL or evaluation"),
    "push": ("evals.push", "publish a run's dataset and its data card on the Hugging Face Hub"),
}
"""Name: its module, and one line of help. A module's docstring is its `--help`; it has `add_arguments(parser)` and
`async run(args) -> int`, and is imported only when it is asked for."""

DESCRIPTION = """\
Find questions that a model gets wrong, prove the answers, keep what is new and well explained.

commands, each with its own --help; without a command, a run starts or resumes:"""
EPILOG = """\
With no key and no seat named, everything runs offline: a procedural attacker, a small local model as defender, a
program as judge. A seat is provider:name as in LangChain's init_chat_model (openai:gpt-5-mini, anthropic:...), or any
OpenAI-compatible server: --defender openai:my-model --defender-base-url http://localhost:8000/v1

Ctrl-C lets the steps in flight finish; a second Ctrl-C stops at once. Either way nothing is lost: the same command
resumes the run. Every flag can also be set as a variable, in the environment or in the current folder's .env:
--max-attempts is NANOFLUX_MAX_ATTEMPTS. A flag beats a variable; an empty variable counts as unset.
"""


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of a run's own flags."""
    parser = FlagParser(
        prog="python -m graph.run",
        usage="%(prog)s [--flag VALUE ...] | COMMAND [--help]",
        description=DESCRIPTION + "".join(f"\n  {name:<10}{text}" for name, (_, text) in COMMANDS.items()),
        epilog=EPILOG,
    )
    add_flags(parser)
    parser.add_argument("--force", action="store_true", help="resume a run although its settings differ")
    return parser


async def generate(settings: Settings, *, force: bool) -> int:
    """Run the campaign under signals and a progress display; return the exit code."""
    from graph.campaign.campaign import INTERRUPTED as INTERRUPTED_ENDING  # noqa: PLC0415  # LangGraph loads after --help
    from graph.campaign.campaign import TARGET_REACHED, Campaign  # noqa: PLC0415  # as above
    from graph.question.resources import Resources  # noqa: PLC0415  # as above
    from graph.reports.card import remarks  # noqa: PLC0415  # as above
    from graph.reports.progress import one_line, open_progress  # noqa: PLC0415  # as above
    from tools.tracing import start_tracing  # noqa: PLC0415  # as above

    start_tracing()
    async with Resources() as resources:

        async def source() -> Resources:
            return resources

        campaign = Campaign(settings, source, force=force)
        task, interrupts = asyncio.current_task(), count(1)

        def interrupt() -> None:
            campaign.drain(INTERRUPTED_ENDING)
            if next(interrupts) == 1:
                print("finishing the steps in flight; once more stops at once", file=sys.stderr, flush=True)
            elif task is not None:
                task.cancel()

        on_interrupt(interrupt)
        with open_progress(settings) as progress:
            async for event in campaign.events():
                progress.show(event)
        for line in [*campaign.funnel.lines(), *remarks(settings, campaign.rows)]:
            print(line)
        print(f"{settings.folder / 'dataset.jsonl'}: {len(campaign.rows)} rows, {one_line(campaign.ending)}")
        if campaign.ending == TARGET_REACHED:
            return REACHED
        return INTERRUPTED if campaign.ending == INTERRUPTED_ENDING else SHORT


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
        return fail(str(error))
    return finish(work)


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
    given = vars(build_parser().parse_args(argv))
    force = given.pop("force")
    return generate(read_settings(given), force=force)


def begin_command(name: str, argv: Sequence[str]) -> Coroutine[Any, Any, int]:
    """Return the work of one of `COMMANDS`; see `begin` for what is raised."""
    command = import_module(COMMANDS[name][0])
    parser = FlagParser(prog=f"python -m graph.run {name}", description=command.__doc__)
    command.add_arguments(parser)
    work: Coroutine[Any, Any, int] = command.run(parser.parse_args(argv))
    return work


def finish(work: Coroutine[Any, Any, int]) -> int:
    """Do the work; a foreseen failure is one line, an interrupt loses nothing."""
    from prompts.domain import DomainError  # noqa: PLC0415  # after --help
    from tools.files.lines import RowFileError  # noqa: PLC0415  # as above
    from tools.novelty.port import NoveltyError  # noqa: PLC0415  # as above
    from tools.sandbox.port import SandboxError  # noqa: PLC0415  # as above
    from tools.tracing import TracingError  # noqa: PLC0415  # as above

    try:
        return asyncio.run(work)
    except (SetupError, DomainError, SandboxError, NoveltyError, RowFileError, TracingError) as error:
        return fail(str(error))
    except BrokenPipeError:  # the reader of our output has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SHORT
    except (sqlite3.Error, OSError) as error:
        print(f"graph.run: {error}; fix that, and the same command resumes: nothing is lost", file=sys.stderr)
        return SHORT
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stopped at once; the same command resumes", file=sys.stderr)
        return INTERRUPTED


def fail(line: str, program: str = "graph.run") -> int:
    """Print what is wrong, on one line."""
    print(f"{program}: {line}", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
