"""Rows of a file: JSON Lines, or one JSON array; every command that reads rows reads them here.

A byte order mark is skipped, a last line may lack its newline, and no line is read further than `MOST_BYTES`. What
cannot be read is named at once: a folder, UTF-16, an archive, CSV, a line without end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

MOST_BYTES = 16 * 1024**2
"""Of one line; no row is as long."""
MOST_ARRAY_BYTES = 64 * 1024**2
"""Of a JSON array, which is read whole."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PARQUET = b"PAR1"
_FORMS = {
    b"\x1f\x8b": "compressed with gzip; unpack it first",
    b"BZh": "compressed with bzip2; unpack it first",
    b"\xfd7zXZ": "compressed with xz; unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; unpack it first",
    b"PK\x03\x04": "a ZIP archive or a spreadsheet; unpack it, or export it as CSV or JSON Lines",
    b"SQLite format 3": "an SQLite database; export its rows as JSON Lines",
    b"ARROW1": "an Arrow file; write it as Parquet or JSON Lines",
    b"%PDF": "a PDF; write its rows as JSON Lines",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}
"""What a file is that begins so, and the remedy."""
SEPARATED = {".csv", ".tsv"}


class RowFileError(ValueError):
    """A file cannot be read as rows; the message names the file, the line and the remedy."""


class Line(NamedTuple):
    """One row as it stands in its file."""

    where: str
    """Such as "line 3", or "row 3" in an array."""
    text: bytes


def named(path: Path) -> str:
    """Quote a path, so that it stays on one line and can be printed whatever its bytes."""
    return repr(str(path))


def writable(text: str) -> str:
    """Replace what UTF-8 cannot write: half a character of an escape, or a byte of a path that is no text."""
    return text.encode("utf-8", "replace").decode()


def dataset_file(path: Path) -> Path:
    """Return the file, or the dataset of a run's folder."""
    return path / "dataset.jsonl" if path.is_dir() else path


@contextmanager
def open_rows(path: Path) -> Iterator[BufferedReader]:
    """Open a file, or the dataset of a run's folder, behind its byte order mark.

    Raises:
        RowFileError: It cannot be opened or read, or it is of a form that holds no rows.
    """
    file = dataset_file(path)
    try:
        with file.open("rb") as stream:
            if stream.peek(3).startswith(BYTE_ORDER_MARK):
                stream.read(3)
            _refuse_other_forms(file, stream.peek(16)[:4096])
            yield stream
    except FileNotFoundError as error:
        raise RowFileError(
            f"{named(path)} is a folder without a dataset.jsonl; name a file, or a run that has kept something"
            if path.is_dir()
            else f"cannot read {named(path)}: no such file"
        ) from error
    except OSError as error:
        raise RowFileError(f"cannot read {named(file)}: {error.strerror or error}") from error


def _refuse_other_forms(file: Path, head: bytes) -> None:
    for mark, form in _FORMS.items():
        if head.startswith(mark):
            raise RowFileError(f"{named(file)} is {form}")
    if b"\0" in head[:4]:
        raise RowFileError(f"{named(file)} is UTF-16 text, or no text at all; save it as UTF-8")


def read_lines(path: Path) -> Iterator[Line]:
    """Give the rows of a JSON Lines file, blank lines included, or the elements of a JSON array.

    Raises:
        RowFileError: The file is of another form, empty, or has a line without end.
    """
    file = dataset_file(path)
    with open_rows(path) as stream:
        if stream.peek(4)[:4] == PARQUET or file.suffix.lower() in SEPARATED:
            form = "CSV" if file.suffix.lower() in SEPARATED else "Parquet"
            raise RowFileError(
                f"{named(file)} is {form}, and rows are read as JSON Lines, such as a run's dataset.jsonl"
            )
        if not stream.peek(4096)[:4096].strip():
            raise RowFileError(f"{named(file)} is empty; name the dataset.jsonl of a run that has kept something")
        yield from lines_of(file, stream)


def lines_of(file: Path, stream: BufferedReader) -> Iterator[Line]:
    """Give the rows of an opened file that is not empty; see `read_lines`."""
    begins = stream.peek(4096)[:4096].lstrip()
    if begins[:1] == b"{" and begins.splitlines()[0].strip() == b"{":
        raise RowFileError(
            f"{named(file)} is JSON over several lines; put each object on one line, or all into an array"
        )
    if begins[:1] not in (b"{", b"["):
        shown = begins.splitlines()[0][:60].decode(errors="replace")
        remedy = "put one object on each line (CSV is read where questions are wanted, from a file called .csv)"
        raise RowFileError(f"{named(file)} is neither JSON Lines nor a JSON array: it begins with {shown!r}; {remedy}")
    yield from _array(file, stream) if begins[:1] == b"[" else numbered_lines(file, stream)


def numbered_lines(file: Path, stream: BufferedReader) -> Iterator[Line]:
    """Give the lines without their ends.

    Raises:
        RowFileError: A line is longer than any row.
    """
    number = 0
    while line := stream.readline(MOST_BYTES + 1):
        number += 1
        if len(line) > MOST_BYTES:
            raise RowFileError(
                f"{named(file)}, line {number}, is longer than {MOST_BYTES // 1024**2} MiB, and no row is"
            )
        yield Line(f"line {number}", line.rstrip(b"\r\n"))


def _array(file: Path, stream: BufferedReader) -> Iterator[Line]:
    """Give the elements of an array, each as it is written, so that a hash of it still holds."""
    content = stream.read(MOST_ARRAY_BYTES + 1)
    if len(content) > MOST_ARRAY_BYTES:
        most = MOST_ARRAY_BYTES // 1024**2
        raise RowFileError(f"{named(file)} is a JSON array of more than {most} MiB; write it as JSON Lines")
    number = 0
    try:
        text = content.decode()
        decoder, at = json.JSONDecoder(), _after_space(text, text.index("[") + 1)
        while text[at : at + 1] != "]":
            if number:
                at = _after_space(text, at + 1) if text[at : at + 1] == "," else _missing(text, at)
            number += 1
            end = decoder.raw_decode(text, at)[1]
            yield Line(f"row {number}", text[at:end].encode())
            at = _after_space(text, end)
        if text[at + 1 :].strip():
            raise RowFileError(
                f"{named(file)}: more follows the end of its JSON array; put one object on each line instead"
            )
    except json.JSONDecodeError as error:
        raise RowFileError(
            f"{named(file)} is no JSON array: {error.msg} at line {error.lineno}, after {number} rows"
        ) from error
    except UnicodeDecodeError as error:
        raise RowFileError(f"{named(file)} is not UTF-8 text (at byte {error.start}); save it as UTF-8") from error
    except RecursionError as error:
        raise RowFileError(f"{named(file)}, row {number}, is nested too deep") from error


def _after_space(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\n", "\r", "\t"):
        at += 1
    return at


def _missing(text: str, at: int) -> int:
    raise json.JSONDecodeError("a comma or the closing bracket is missing", text, at)
