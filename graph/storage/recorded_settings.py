"""A run folder's `settings.json`: what the run was begun with, and by which version of this program.

A run goes on only with the version that began it, since its journal hangs on that version's prompts and records.
"""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from agents.errors import SetupError
from agents.records import SCHEMA_VERSION
from graph.settings import Settings

FINISH_IT = "finish it with that version, or choose another --name"
READ_IT = "read it with that version"


def program_version() -> str:
    """Return the version of this program; "unknown" where it runs from a folder without being installed."""
    try:
        return version("nanoflux")
    except PackageNotFoundError:
        return "unknown"


def recorded_text(settings: Settings) -> str:
    """Return what `settings.json` holds: the versions, then every setting."""
    versions = {"schema_version": SCHEMA_VERSION, "nanoflux_version": program_version()}
    return json.dumps({**versions, **settings.model_dump(mode="json")}, indent=2) + "\n"


def read_recorded(folder: Path, *, remedy: str = FINISH_IT) -> dict[str, Any] | None:
    """Return what a run's folder records; None where nothing is recorded yet.

    Args:
        folder: The run's folder.
        remedy: What the error tells the user of another version's run to do.

    Raises:
        SetupError: It cannot be read, holds no settings, or another version began the run.
    """
    file = folder / "settings.json"
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SetupError(f"cannot read {file}: {error.strerror}; choose another --runs-dir") from error
    except ValueError as error:
        raise SetupError(f"{file} is not valid JSON; restore it, or choose another --name") from error
    if not isinstance(record, dict):
        raise SetupError(f"{file} holds no JSON object with the run's settings; restore it, or choose another --name")
    schema = record.get("schema_version", 1)  # the first version recorded none
    if schema != SCHEMA_VERSION:
        began = record.get("nanoflux_version")
        raise SetupError(
            f"run {folder.name!r} was begun by {f'NanoFlux {began}' if began else 'an earlier version of NanoFlux'} "
            f"(schema version {schema!r}, and this program has {SCHEMA_VERSION}); {remedy}; "
            "verify and export still read its dataset"
        )
    return record
