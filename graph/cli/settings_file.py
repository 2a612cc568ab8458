"""`nanoflux.toml` of the current folder: settings below flags and variables, above the defaults."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from agents.errors import SetupError
from graph.settings import Settings

FILE = Path("nanoflux.toml")


def read_settings_file(file: Path = FILE) -> dict[str, Any]:
    """Return the settings that the file states, by name; nothing where there is no such file.

    Raises:
        SetupError: It cannot be read, or states what is no setting.
    """
    try:
        stated = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{file}: not valid TOML: {error}") from error
    except OSError as error:
        raise SetupError(f"cannot read {file}: {error.strerror}; mend or remove it") from error
    named = {name.replace("-", "_"): value for name, value in stated.items()}
    for name in named:
        if name not in Settings.model_fields:
            near = get_close_matches(name, Settings.model_fields, 1)
            remedy = f"did you mean {near[0]}?" if near else "`init` writes a file with all of them"
            raise SetupError(f"{file}: {name!r} is no setting; {remedy}")
    return {name: _value(value) for name, value in named.items()}


def _value(value: Any) -> Any:
    """Return a value as a flag would give it: a list is a text with commas."""
    return ",".join(map(str, value)) if isinstance(value, list) else value
