"""Rows as Parquet, in their declared schema: files of any runs load together, and every text stays a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.errors import SetupError
from agents.row_form import Feature
from graph.reports.features import row_features
from tools.extras import install_command

DTYPES = {"string": "string", "int64": "int64", "float64": "float64", "bool": "bool_"}


def require_pyarrow() -> None:
    """Raise where Parquet cannot be written here.

    Raises:
        SetupError: pyarrow is not installed.
    """
    try:
        import pyarrow  # noqa: F401, PLC0415  # an extra
    except ImportError as error:
        raise SetupError(f"writing Parquet takes pyarrow: {install_command('parquet')}") from error


def write_parquet(rows: Sequence[Mapping[str, Any]], file: Path, *, declared: bool) -> None:
    """Write rows; `declared` says that their fields are those of a dataset's row, or some of them."""
    import pyarrow as pa  # noqa: PLC0415  # see require_pyarrow
    from pyarrow import parquet  # noqa: PLC0415  # as above

    features = [feature for feature in row_features() if feature["name"] in rows[0]]
    schema = pa.schema([(feature["name"], _arrow_type(pa, feature)) for feature in features]) if declared else None
    parquet.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), file)


def _arrow_type(pa: Any, feature: Feature) -> Any:
    if "struct" in feature:
        return pa.struct([(part["name"], _arrow_type(pa, part)) for part in feature["struct"]])
    if "list" in feature:
        item = feature["list"]
        return pa.list_(_arrow_type(pa, {"struct": item} if isinstance(item, list) else {"dtype": item}))
    return getattr(pa, DTYPES[feature["dtype"]])()
