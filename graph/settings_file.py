"""`nanoflux.toml` of the current folder: settings below what is given and variables, above the defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from agents.errors import SetupError

FILE = Path("nanoflux.toml")


class FromFile(BaseSettings):
    """Settings that the file states where neither the caller nor a variable does; for servers, too."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic's names; `read_dotenv` reads that file
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where values come from, the strongest first."""
        stated = read_settings_file(settings_cls.model_fields)
        return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=stated)


def read_settings_file(known: Collection[str], file: Path = FILE) -> dict[str, Any]:
    """Return the settings that the file states, by name; nothing where there is no such file.

    Args:
        known: Names of all settings.
        file: The file; that of the current folder if not given.

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
        if name not in known:
            near = get_close_matches(name, known, 1)
            remedy = f"did you mean {near[0]}?" if near else "`init` writes a file with all of them"
            raise SetupError(f"{file}: {name!r} is no setting; {remedy}")
    return {name: _value(value) for name, value in named.items()}


def origin_of(name: str) -> str:
    """Say where a setting stands that nobody gave: in its variable, or else in the file."""
    variable = f"NANOFLUX_{name.upper()}"
    return variable if os.environ.get(variable) else f"{FILE}: {name}"


def _value(value: Any) -> Any:
    """Return a value as a flag would give it: a list is a text with commas."""
    return ",".join(map(str, value)) if isinstance(value, list) else value
