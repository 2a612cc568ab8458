"""What a caller over HTTP may name: its settings are the run's only where no key and no file can leave by them.

A value that the server's own environment or settings file sets is always allowed. Beyond that a seat may be played by a
vendor's own server with that vendor's key, by any server on loopback without a key, and by what `Allowed` lists. Files
lie in the server's folders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr, ValidationError

from agents.errors import SetupError
from agents.records import SEATS, SeatName
from graph.callers.addresses import is_loopback, parts
from graph.callers.allowed import PREFIX, VENDORS, Allowed
from graph.setting_faults import fault_of
from graph.setting_values import split
from graph.settings import Settings
from graph.settings_file import origin_of

MODEL_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)


class CallerSettings(Settings):
    """Settings that came over HTTP, and the keys that may be sent with them."""

    _keys: dict[SeatName, str] = PrivateAttr(default_factory=dict)
    """By seat, the variable that is to be used; empty for no key at all. A seat that is not here needs no care."""

    _stated: dict[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def stated(self) -> Mapping[str, Any]:
        """What the caller stated, as far as anything was."""
        return self._stated

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Self:
        """Check what a caller stated; blocks on the file system.

        Raises:
            SetupError: A value is not as it should be, or is not the caller's to name; the text is one clear line.
        """
        own, allowed = _own(), Allowed()
        # a key that the server has for its own servers must not follow the caller to another
        named = [seat for seat in SEATS if (url := f"{seat}_base_url") in stated and stated[url] != getattr(own, url)]
        try:
            settings = cls(**{f"{seat}_key_env": None for seat in named} | dict(stated))
        except ValidationError as error:
            name, value, remedy = fault_of(error)
            source = name if name in stated else f"the server's {origin_of(name)}"
            raise SetupError(f"{source} {value!r}: {remedy}") from error
        settings._stated.update(stated)
        for seat in SEATS:
            settings._check_server(seat, own, allowed)
        settings._check_places(own, allowed)
        return settings

    def key_env(self, seat: SeatName) -> str | None:
        """Return the variable that holds the seat's key: empty for no key, None for the provider's own."""
        return self._keys.get(seat, super().key_env(seat))

    def _check_server(self, seat: SeatName, own: Settings, allowed: Allowed) -> None:
        """Refuse a server and key that do not belong together, and note which key to use."""
        url, key = getattr(self, f"{seat}_base_url"), getattr(self, f"{seat}_key_env")
        provider = _provider(getattr(self, seat))
        if (not url and not key) or (provider, url, key) in _routes(own):
            return
        host, keys = VENDORS.get(provider, ("", ()))
        if not url:
            if key not in keys:
                raise SetupError(_not_yours(f"{seat}_key_env", key, "this key is not of the model's own vendor"))
            return
        try:
            address = parts(url)
        except ValueError as error:
            raise SetupError(f"{seat}_base_url {url!r}: {error}") from error
        listed = allowed.keys.get(url.rstrip("/"))
        if address.scheme == "https" and address.hostname == host and (key in keys or not key):
            self._keys[seat] = key or keys[0]
            return
        if listed is None and not is_loopback(address.hostname or ""):
            raise SetupError(_not_yours(f"{seat}_base_url", url, "a caller may name servers on loopback only"))
        if key and key != listed:
            raise SetupError(_not_yours(f"{seat}_key_env", key, "no key of this server is sent there"))
        if provider != "openai":  # its package would send the key it finds
            raise SetupError(f"{seat} {getattr(self, seat)!r}: with a base URL, write it as openai:NAME")
        self._keys[seat] = key or ""

    def _check_places(self, own: Settings, allowed: Allowed) -> None:
        """Refuse paths outside of the server's folders, and a Qdrant server that would get the server's key."""
        roots = [Path.cwd(), own.runs_dir.resolve(), *(Path(name).resolve() for name in split(allowed.folders))]
        files = {"mix": [] if self.mix in ("balanced", "natural") else [self.mix], "protect": split(self.protect)}
        for name, paths in files.items():
            for path in paths:
                if getattr(own, name) != getattr(self, name):
                    _require_inside(name, Path(path), roots)
                    if Path(path).suffix not in (".json", ".jsonl"):
                        raise SetupError(f"{name} {path!r}: name a file that ends in .json or .jsonl")
        if self.runs_dir != own.runs_dir:
            _require_inside("runs_dir", self.runs_dir, roots)
            _require_a_runs(self.folder)
        if self.novelty_store not in ("edge", own.novelty_store):
            raise SetupError(
                _not_yours("novelty_store", self.novelty_store, "a caller may name 'edge' only", variable="")
            )
        if self.embedder != own.embedder and not MODEL_NAME.fullmatch(self.embedder):
            raise SetupError(f"embedder {self.embedder!r}: give a model's name, such as {own.embedder!r}")


def _own() -> Settings:
    """Return what the server's environment and its settings file set."""
    try:
        return Settings()
    except ValidationError as error:
        name, value, remedy = fault_of(error)
        raise SetupError(f"the server's {origin_of(name)} {value!r}: {remedy}") from error


def _provider(model: str) -> str:
    """Return the provider of a model; one that is not named is offline's or OpenAI's."""
    return model.partition(":")[0] if model else "openai"


def _routes(own: Settings) -> set[tuple[str, str | None, str | None]]:
    """Return the server's own ways to a model: provider, base URL and key variable."""
    return {
        (_provider(getattr(own, seat)), getattr(own, f"{seat}_base_url"), getattr(own, f"{seat}_key_env"))
        for seat in SEATS
    }


def _not_yours(name: str, value: Any, why: str, *, variable: str = "SERVERS") -> str:
    owner = f"{PREFIX}{variable}" if variable else f"NANOFLUX_{name.upper()}"
    return f"{name} {value!r}: {why}; the server's owner allows others with {owner}"


def _require_inside(name: str, path: Path, roots: list[Path]) -> None:
    """Refuse a path outside of the folders, and what is hidden in them, such as `.env`."""
    place = path.resolve()
    for root in roots:
        if place.is_relative_to(root) and not any(part.startswith(".") for part in place.relative_to(root).parts):
            return
    raise SetupError(_not_yours(name, str(path), "it is not in the server's folders", variable="FOLDERS"))


def _require_a_runs(folder: Path) -> None:
    """Refuse a folder that holds something else than a run, which the run's files would overwrite."""
    if not folder.exists() or (folder / "lock").exists():
        return
    if any(entry.name != "novelty" for entry in folder.iterdir()):  # which is all that single candidates leave
        raise SetupError(
            f"runs_dir {str(folder.parent)!r}: its folder {folder.name!r} holds no run; choose another name"
        )
