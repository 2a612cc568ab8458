"""The form that starts a run: the settings, as widgets in groups, and what a browser sent, as settings again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from agents.errors import SetupError
from agents.records import SEATS
from graph.callers.form import properties
from graph.service.running.runs import offered
from graph.settings import Settings

GROUPS: dict[str, tuple[str, ...]] = {
    "What to make": ("domain", "target", "name", "max_usd", "max_minutes"),
    "Who plays": SEATS,
}
"""Settings that everybody looks at; the others are folded away, under the headings below."""
FOLDED: dict[str, tuple[str, ...]] = {
    "Servers and keys of the models": tuple(f"{seat}_{knob}" for seat in SEATS for knob in ("base_url", "key_env")),
    "All other settings": (),
}


class Field(NamedTuple):
    """One widget."""

    name: str
    title: str
    hint: str
    kind: str
    """`number`, `choice`, `choices`, `switch` or `text`."""
    bounds: dict[str, Any]
    options: list[str]
    placeholder: str
    value: Any


class Group(NamedTuple):
    """Widgets under one heading."""

    title: str
    folded: bool
    fields: list[Field]


def groups(sent: Mapping[str, Any]) -> list[Group]:
    """Return the form, filled with what was sent already."""
    described, own = properties(offered()), Settings()
    resolved = own.resolved()
    named = {name for names in (*GROUPS.values(), *FOLDED.values()) for name in names}

    def field(name: str) -> Field:
        shown = getattr(resolved if name in SEATS else own, name, None)
        return _field(name, described[name], shown, sent.get(name))

    return [
        *(Group(title, False, [field(name) for name in names]) for title, names in GROUPS.items()),
        *(
            Group(title, True, [field(name) for name in names or described if name in names or name not in named])
            for title, names in FOLDED.items()
        ),
    ]


def _field(name: str, described: Mapping[str, Any], own: Any, value: Any) -> Field:
    options, kind = described.get("enum", []), _kind(described)
    types = [described, *described.get("anyOf", [])]
    found = {key: one[key] for one in types for key in ("minimum", "maximum") if key in one}
    bounds = {"min" if key == "minimum" else "max": bound for key, bound in found.items()}
    if kind == "number":
        bounds["step"] = 1 if any("integer" in str(one.get("type")) for one in types) else "any"
    if kind == "choices":
        options = described["items"]["enum"]
    default = described.get("default") if own is None else own
    shown = "" if default in (None, "", []) or name.endswith("_base_url") else str(default)
    if kind == "choice" and value is None:
        value = shown
    return Field(name, described["title"], described["description"], kind, bounds, list(options), shown, value)


def _kind(described: Mapping[str, Any]) -> str:
    if "enum" in described:
        return "choice"
    text = str([described.get("type"), described.get("anyOf")])
    kinds = {"array": "choices", "boolean": "switch", "integer": "number", "number": "number"}
    return next((kind for name, kind in kinds.items() if f"'{name}'" in text), "text")


def read_form(sent: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the settings that a browser sent; what was left empty, or as it is anyway, is not stated.

    Raises:
        SetupError: A number is none.
    """
    fields = {one.name: one for group in groups({}) for one in group.fields}
    settings: dict[str, Any] = {}
    for name, values in sent.items():
        text = values[-1].strip()
        if not text or name not in fields:
            continue
        field = fields[name]
        if field.kind == "choices":
            settings[name] = values
        elif field.kind == "switch":
            settings[name] = True
        elif field.kind == "number":
            settings[name] = _number(field, text)
        elif field.kind == "text" or text != field.value:
            settings[name] = text
    return settings


def _number(field: Field, text: str) -> float:
    try:
        return int(text) if field.bounds["step"] == 1 else float(text)
    except ValueError as error:
        kind = "whole number" if field.bounds["step"] == 1 else "number"
        raise SetupError(f"{field.title} {text[:40]!r}: give a {kind}") from error
