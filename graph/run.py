"""The command line: generate a dataset, or go on with the run of that name; or one of `COMMANDS`.

    python -m graph.run --domain math --target 200 --name math-1
    python -m graph.run doctor

Exit codes: 0 target reached, 1 a check found something, 2 wrong usage, 3 stopped short by a bound or a fault (the
reason is on the last line), 130 interrupted (the same command goes on).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Coroutine, Sequence
from difflib import get_close_matches
from importlib import import_module
from itertools import count
from typing import Any

from dotenv import load_dotenv

from agents.errors import SetupError
from graph.commands.flags import add_flags, read_settings
from graph.settings import Settings

REACHED, FOUND, USAGE, SHORT, INTERRUPTED = 0, 1, 2, 3, 130

COMMANDS: dict[str, tuple[str, str]] = {
    "doctor": (
        "graph.commands.doctor",
        "say what works on this machine, and whether a run with the same flags could start",
    ),
    "verify": ("graph.commands.verify", "check a dataset again from its file alone: fields, programs, answers, twins"),
    "novelty": ("graph.commands.novelty", "measure the novelty rules, audit any dataset, list what is near a text"),
    "explain": ("graph.commands.explain", "tell the story of one candidate of a run, or of a survivor"),
}
"""Name: its module, and one line of help. A module's docstring is its `--help`; it has `add_arguments(parser)` and
`async run(args) -> int`, and is imported only when it is asked for."""

DESCRIPTION = """\
Find questions that a model gets wrong, prove the answers, keep what is new and well explained.

commands, each with a --help of its own; without one, a run is begun or goes on:"""
EPILOG = """\
With no key and no seat named, everything runs offline: a procedural attacker, a small local model as defender, a
program as judge. A seat is provider:name as in LangChain's init_chat_model (openai:gpt-5-mini, anthropic:...), or any
OpenAI-compatible server: --defender openai:my-model --defender-base-url http://localhost:8000/v1

Ctrl-C lets what is in flight finish its step; a second one stops at once. Either way nothing is lost: the same
command goes on. Every flag can also be set as a variable: --max-attempts is NANOFLUX_MAX_ATTEMPTS.
"""


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of a run's own flags."""
    parser = argparse.ArgumentParser(
        prog="python -m graph.run",
        usage="%(prog)s [--flag VALUE ...] | COMMAND [--help]",
        description=DESCRIPTION + "".join(f"\n  {name:<10}{text}" for name, (_, text) in COMMANDS.items()),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_flags(parser)
    parser.add_argument("--force", action="store_true", help="go on with a run although its settings differ")
    return parser


async def generate(settings: Settings, *, force: bool) -> int:
    """Run the campaign under signals and a progress display; return the exit code."""
    from graph.campaign.campaign import INTERRUPTED as INTERRUPTED_ENDING  # noqa: PLC0415  # LangGraph loads after --help
    from graph.campaign.campaign import TARGET_REACHED, Campaign  # noqa: PLC0415  # as above
    from graph.question.resources import Resources  # noqa: PLC0415  # as above
    from graph.reports.card import remarks  # noqa: PLC0415  # as above
    from graph.reports.progress import one_line, open_progress  # noqa: PLC0415  # as above

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

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, interrupt)
        with open_progress(settings) as progress:
            async for event in campaign.events():
                progress.show(event)
        for line in [*campaign.funnel.lines(), *remarks(settings, campaign.rows)]:
            print(line)
        print(f"{settings.folder / 'dataset.jsonl'}: {len(campaign.rows)} rows, {one_line(campaign.ending)}")
        if campaign.ending == TARGET_REACHED:
            return REACHED
        return INTERRUPTED if campaign.ending == INTERRUPTED_ENDING else SHORT


def warn_of_strange_variables() -> None:
    """Name the variables that look like settings and are none."""
    known = {f"NANOFLUX_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(name for name in os.environ if name.startswith("NANOFLUX_") and name not in known):
        near = get_close_matches(name, known, 1)
        print(f"graph.run: {name} sets nothing{f'; did you mean {near[0]}?' if near else ''}", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, run, and turn every foreseen failure into one line and an exit code."""
    load_dotenv()
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    argv = sys.argv[1:] if argv is None else argv
    warn_of_strange_variables()
    if argv and argv[0] in COMMANDS:
        return carry_out(argv[0], argv[1:])
    if argv and not argv[0].startswith("-"):
        return fail(f"there is no command {argv[0]!r}; there is {', '.join(COMMANDS)}, and without one a run is begun")
    given = vars(build_parser().parse_args(argv))
    force = given.pop("force")
    try:
        settings = read_settings(given)
    except SetupError as error:
        return fail(str(error))
    return finish(generate(settings, force=force))


def carry_out(name: str, argv: Sequence[str]) -> int:
    """Run one of `COMMANDS`."""
    command = import_module(COMMANDS[name][0])
    parser = argparse.ArgumentParser(
        prog=f"python -m graph.run {name}",
        description=command.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    try:
        command.add_arguments(parser)
    except SetupError as error:
        return fail(str(error))
    return finish(command.run(parser.parse_args(argv)))


def finish(work: Coroutine[Any, Any, int]) -> int:
    """Do the work; a foreseen failure is one line, an interrupt loses nothing."""
    from prompts.domain import DomainError  # noqa: PLC0415  # after --help
    from tools.novelty.port import NoveltyError  # noqa: PLC0415  # as above
    from tools.sandbox.port import SandboxError  # noqa: PLC0415  # as above

    try:
        return asyncio.run(work)
    except (SetupError, DomainError, SandboxError, NoveltyError) as error:
        return fail(str(error))
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SHORT
    except (sqlite3.Error, OSError) as error:
        print(f"graph.run: {error}; mend that, and the same command goes on: nothing is lost", file=sys.stderr)
        return SHORT
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stopped at once; the same command goes on", file=sys.stderr)
        return INTERRUPTED


def fail(line: str) -> int:
    """Say what is wrong, on one line."""
    print(f"graph.run: {line}", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
