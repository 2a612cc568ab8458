"""A run folder's `settings.json`: what the run was begun with, and by which version of this program.

A run goes on only with the version that began it, since its journal hangs on that version's prompts and records.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from agents.errors import SetupError
from agents.rows import SCHEMA_VERSION
from graph.settings import Settings
from prompts.domain import load_domain
from tools.files.small_json import read_small_json

FINISH_IT = "finish it with that version, or choose another --name"
READ_IT = "read it with that version"


def program_version() -> str:
    """Return the version of this program; "unknown" where it runs from a folder without being installed."""
    try:
        return version("nanoflux")
    except PackageNotFoundError:
        return "unknown"


PACKAGES = ("numpy", "sympy", "scipy", "biopython")
"""What programs in the sandbox compute with; another version may compute otherwise."""


def made_with(settings: Settings) -> dict[str, str]:
    """Return what rows depend on beside the settings: the prompts with the domain pack, and what programs run with.

    Raises:
        DomainError: There is no such domain pack, or it is malformed.
    """
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return {"prompts and domain pack": load_domain(settings.domain).fingerprint, **versions}


def recorded_text(settings: Settings, forced: Sequence[str] = ()) -> str:
    """Return what `settings.json` holds: the versions, what rows depend on, every setting.

    Args:
        settings: Of the run.
        forced: Differences over which the run went on by `--force`.
    """
    versions = {"schema_version": SCHEMA_VERSION, "nanoflux_version": program_version()}
    basis = {"made_with": made_with(settings), "forced": list(forced)}
    return json.dumps({**versions, **basis, **settings.model_dump(mode="json")}, indent=2) + "\n"


def differences(settings: Settings, record: Mapping[str, Any]) -> list[str]:
    """Say in what a run differs from its record: settings that may not change, prompts, packages."""
    before, now = record.get("made_with", {}), made_with(settings)
    changed = [f"{name}: was {before.get(name)}, now {now[name]}" for name in now if before.get(name) != now[name]]
    return settings.differences(record) + changed


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
        record = read_small_json(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SetupError(f"cannot read {file}: {error.strerror}; choose another --runs-dir") from error
    except ValueError as error:
        raise SetupError(f"{file} is not valid JSON; restore it, or choose another --name") from error
    if not (
        isinstance(record, dict)
        and isinstance(record.get("made_with", {}), dict)
        and isinstance(record.get("forced", []), list)
    ):
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
