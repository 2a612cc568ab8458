"""Write a file so that a reader sees the old one or the new one, whatever stops the writer."""

from __future__ import annotations

from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step.

    Raises:
        OSError: The disk is full, or the folder cannot be written to; the old file stays.
    """
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", errors="backslashreplace")  # paths may hold bytes that are no UTF-8
    partial.replace(path)
