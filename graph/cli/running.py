"""Carry a command out, and turn every foreseen failure into one line and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
import traceback
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from agents.errors import NanoFluxError, SetupError
from graph.cli.flags import FlagParser
from graph.cli.output import add_output_flags, escape_unprintable, keep_quiet

REACHED, USAGE, SHORT, INTERRUPTED = 0, 2, 3, 130
"""Exit codes: done; a flag, a file or a setting is not as it should be; stopped short; interrupted."""


class Command(NamedTuple):
    """A command that is a module of its own, as `python -m evals.compare`."""

    name: str
    """Of its module."""
    description: str | None
    """Its `--help`: the module's docstring."""
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int | Coroutine[Any, Any, int]]
    """Works, reports, and returns the exit code."""
    interrupted: str = "there is no result"
    """What an interrupt leaves."""


def run_command(command: Command, argv: Sequence[str] | None = None) -> int:
    """Parse and carry out; what is wrong is one line and exit code 2, an interrupt is 130.

    Args:
        command: What is carried out.
        argv: Its arguments; those of the process if not given.
    """
    argv = sys.argv[1:] if argv is None else argv
    escape_unprintable()
    parser = FlagParser(prog=f"python -m {command.name}", description=command.description)
    command.add_arguments(parser)
    add_output_flags(parser)
    try:
        args = parser.parse_args(argv)
    except SetupError as error:
        return fail(error, command.name, verbose="--verbose" in argv)

    def work() -> int:
        done = command.run(args)
        return done if isinstance(done, int) else asyncio.run(done)

    with keep_quiet(quiet=args.quiet):
        ending = f"{command.name}: interrupted; {command.interrupted}"
        return finish(work, command.name, verbose=args.verbose, interrupted=ending)


def finish(work: Callable[[], int], program: str, *, verbose: bool, interrupted: str, resumable: bool = False) -> int:
    """Do the work, and return its exit code, or that of the failure or the interrupt that ended it.

    Args:
        work: Does it, and returns its exit code.
        program: Stands before what is wrong.
        verbose: Whether to show where an error came from.
        interrupted: What is printed after Ctrl-C.
        resumable: Whether a fault of disk or machine stops a run short, which the same command resumes.
    """
    try:
        return work()
    except _foreseen() as error:
        return fail(error, program, verbose=verbose)
    except BrokenPipeError:  # the reader of our output has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SHORT
    except (sqlite3.Error, OSError) as error:
        if not resumable:
            return fail(error, program, verbose=verbose)
        print(f"{program}: {error}; fix that, and the same command resumes: nothing is lost", file=sys.stderr)
        return SHORT
    except (KeyboardInterrupt, asyncio.CancelledError):
        print(interrupted, file=sys.stderr)
        return INTERRUPTED


def fail(error: Exception, program: str, *, verbose: bool = False) -> int:
    """Print what is wrong, on one line, with --verbose after where it came from."""
    if verbose:
        traceback.print_exception(error)
    print(f"{program}: {error}", file=sys.stderr)
    return USAGE


def _foreseen() -> tuple[type[Exception], ...]:
    """Return the errors whose text says what is wrong and what to do."""
    from prompts.domain import DomainError  # noqa: PLC0415  # after --help
    from tools.files.lines import RowFileError  # noqa: PLC0415  # as above
    from tools.novelty.port import NoveltyError  # noqa: PLC0415  # as above
    from tools.sandbox.port import SandboxError  # noqa: PLC0415  # as above
    from tools.tracing import TracingError  # noqa: PLC0415  # as above

    return NanoFluxError, DomainError, SandboxError, NoveltyError, RowFileError, TracingError
