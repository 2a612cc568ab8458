"""What commands print, on any terminal and in any locale: as text, as one JSON object, or not at all."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from rich.console import Console, RenderableType

OUTPUT_FLAGS = ("json", "quiet", "verbose")

_quiet = ContextVar("quiet", default=False)


def add_output_flags(parser: argparse.ArgumentParser, *, inherited: bool = False) -> None:
    """Add --json, --quiet and --verbose.

    Args:
        parser: Of a command, or of one of its actions.
        inherited: Whether the parser above has them too, so that one that is not given here leaves what it said.
    """
    group = parser.add_argument_group("output")
    chosen = group.add_mutually_exclusive_group()
    default: dict[str, Any] = {"action": "store_true", "default": argparse.SUPPRESS if inherited else False}
    chosen.add_argument("--json", help="print the result as one JSON object, and nothing else", **default)
    chosen.add_argument("--quiet", help="print nothing but errors and a run's last line", **default)
    chosen.add_argument("--verbose", help="print more: calls and attempts of a run, the trace of an error", **default)


def report(args: argparse.Namespace, result: Mapping[str, Any], lines: Iterable[RenderableType]) -> None:
    """Print a command's result: as JSON with --json, not at all with --quiet, else as lines and tables."""
    if args.json:
        print_data(json.dumps(result, ensure_ascii=False, indent=2, default=str) + "\n")
    elif not args.quiet:
        console = Console()
        for line in lines:  # text is the terminal's to break; what has a frame would be cut off at its edge
            console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=isinstance(line, str))


@contextmanager
def keep_quiet(*, quiet: bool) -> Iterator[None]:
    """Let `tell` print nothing within, where a command is asked to be quiet."""
    before = _quiet.set(quiet)
    try:
        yield
    finally:
        _quiet.reset(before)


def tell(line: str) -> None:
    """Say on standard error how far a long work is, unless --quiet is given; results go to standard output."""
    if not _quiet.get():
        print(line, file=sys.stderr, flush=True)


def escape_unprintable() -> None:
    """Let standard output escape what its encoding lacks, as standard error does: no text ends a command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def print_data(text: str) -> None:
    """Write rows to standard output as UTF-8, as they would stand in a file, whatever the locale says."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(text)
