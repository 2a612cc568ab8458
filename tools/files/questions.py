"""Objects of a file wherever questions are wanted: JSON Lines, a JSON array, CSV, TSV, or Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

from tools.extras import install_command
from tools.files.lines import (
    PARQUET,
    SEPARATED,
    RowFileError,
    dataset_file,
    lines_of,
    named,
    numbered_lines,
    open_rows,
    writable,
)

_ESCAPED_HALF = rb"\ud"
"""How an escaped half of a surrogate pair begins, which alone is no character."""

Object = tuple[str, dict[str, Any]]
"""Where it stands, such as "data.jsonl, line 3", and its fields."""


def read_objects(path: Path) -> Iterator[Object]:
    """Give the objects of a file in any of the forms; the name of the file says which is CSV.

    Raises:
        RowFileError: The file or one of its rows cannot be read, or there is none.
    """
    file, many = dataset_file(path), 0
    for many, found in enumerate(_objects(path, file), start=1):  # noqa: B007  # the last number is looked at
        yield found
    if not many:
        raise RowFileError(f"{named(file)} holds no questions")


def _objects(path: Path, file: Path) -> Iterator[Object]:
    with open_rows(path) as stream:
        head = stream.peek(4096)[:4096]
        if head.startswith(PARQUET):
            yield from _parquet(file)
        elif file.suffix.lower() in SEPARATED:
            yield from _separated(file, stream)
        elif head.strip():
            for line in lines_of(file, stream):
                if line.text.strip():
                    where = f"{named(file)}, {line.where},"
                    yield where, _object(where, line.text)


def _object(where: str, text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text.decode())
        if _ESCAPED_HALF in text.lower():
            found = json.loads(writable(json.dumps(found, ensure_ascii=False)))
    except json.JSONDecodeError as error:
        raise RowFileError(f"{where} is not JSON: {error.msg} at column {error.colno}") from error
    except UnicodeDecodeError as error:
        raise RowFileError(f"{where} is not UTF-8 text (at byte {error.start}); save the file as UTF-8") from error
    except RecursionError as error:
        raise RowFileError(f"{where} is nested too deep") from error
    except ValueError as error:  # a number of thousands of digits
        raise RowFileError(f"{where} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise RowFileError(f"{where} is {type(found).__name__}, not an object")
    return found


def _separated(file: Path, stream: BufferedReader) -> Iterator[Object]:
    """Read CSV: the first row names the fields, and every value is text."""
    header = stream.peek(4096).partition(b"\n")[0]
    delimiter = "\t" if file.suffix.lower() == ".tsv" else max(",;\t", key=lambda mark: header.count(mark.encode()))
    rows = csv.reader(_decoded(file, stream), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        if len(set(names)) != len(names):
            raise RowFileError(f"{named(file)}, line 1, names a field twice: {names}")
        for cells in rows:
            where = f"{named(file)}, line {rows.line_num},"
            if len(cells) > len(names):
                raise RowFileError(f"{where} has {len(cells)} values, and line 1 names {len(names)} fields")
            if any(cells):
                yield where, dict(zip(names, cells, strict=False))
    except csv.Error as error:
        raise RowFileError(f"{named(file)}, line {rows.line_num}, is not CSV: {error}") from error


def _decoded(file: Path, stream: BufferedReader) -> Iterator[str]:
    for line in numbered_lines(file, stream):
        try:
            yield line.text.decode() + "\n"
        except UnicodeDecodeError as error:
            raise RowFileError(f"{named(file)}, {line.where}, is not UTF-8 text; save the file as UTF-8") from error


def _parquet(file: Path) -> Iterator[Object]:
    try:
        import pyarrow as pa  # noqa: PLC0415  # an extra
        from pyarrow import parquet  # noqa: PLC0415  # as above
    except ImportError as error:
        raise RowFileError(
            f"{named(file)} is Parquet, and reading it takes pyarrow ({install_command('parquet')}); "
            "or write it as JSON Lines"
        ) from error
    try:
        number = 0
        for batch in parquet.ParquetFile(file).iter_batches(batch_size=256):
            for row in batch.to_pylist():
                number += 1
                yield f"{named(file)}, row {number},", row
    except pa.ArrowException as error:
        raise RowFileError(f"{named(file)} is no whole Parquet file: {str(error).splitlines()[0]}") from error
