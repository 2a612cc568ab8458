"""What commands print, on any terminal and in any locale."""

from __future__ import annotations

import io
import sys


def escape_unprintable() -> None:
    """Let standard output escape what its encoding lacks, as standard error does: no text ends a command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def print_data(text: str) -> None:
    """Write rows to standard output as UTF-8, as they would stand in a file, whatever the locale says."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(text)
