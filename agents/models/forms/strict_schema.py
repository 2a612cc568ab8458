"""A record's JSON schema as strict structured output takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from agents.records import Record


@dataclass(frozen=True)
class Caps:
    """Limits put into the schema for a small model that would run on; a server with a grammar enforces them.

    Such a model is also held to the shape of each field that the caller knows one for.
    """

    items: int
    characters: int


@cache
def strict_schema(record: type[Record], caps: Caps | None = None) -> dict[str, Any]:
    """Return the JSON schema that strict structured output accepts: no lengths of strings, no defaults.

    With `caps`, every list and string is bounded instead. It is made once, and not to be changed.
    """
    schema: dict[str, Any] = _strict(record.model_json_schema(), caps)
    return schema


_UNSUPPORTED = ("minLength", "maxLength", "default")


def shaped(schema: dict[str, Any], shapes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema with these fields held to a shape: `{"answer": {"enum": [...]}}`."""
    properties = {
        name: {**node, **shapes[name]} if name in shapes else node for name, node in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def _strict(node: Any, caps: Caps | None) -> Any:
    if isinstance(node, list):
        return [_strict(item, caps) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _strict(value, caps) for key, value in node.items() if key not in _UNSUPPORTED}
    if caps and node.get("type") == "array":
        kept["maxItems"] = min(caps.items, node.get("maxItems", caps.items))
    if caps and node.get("type") == "string" and "enum" not in node:
        kept |= {"minLength": 1, "maxLength": caps.characters}
    return kept
