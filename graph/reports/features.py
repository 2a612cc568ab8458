"""The declared schema of the dataset's rows, as the `datasets` library reads it from the head of a data card.

Without it the library infers types from each file, and a field that is null or empty throughout one run fits no other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agents.rows import Survivor

Feature = dict[str, Any]
"""What follows the name: `dtype`, `list` or `struct`."""

DTYPES = {"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}


def row_features() -> list[Feature]:
    """Return the features of a row, in the order of its fields."""
    schema = Survivor.model_json_schema(mode="serialization")
    return _fields(schema["properties"], schema["$defs"])


def features_lines() -> str:
    """Write them as YAML, one field a line."""
    return "\n".join(f"  - {json.dumps(feature)}" for feature in row_features())


def _fields(properties: Mapping[str, Any], defs: Mapping[str, Any]) -> list[Feature]:
    return [{"name": name, **_feature(schema, defs)} for name, schema in properties.items()]


def _feature(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Feature:
    """Translate one field of a JSON schema; whether it may be null is not said, since every feature may."""
    if "$ref" in schema:
        return _feature(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        [kind] = [kind for kind in schema["anyOf"] if kind.get("type") != "null"]
        return _feature(kind, defs)
    if schema["type"] == "array":
        item = _feature(schema["items"], defs)
        return {"list": item.get("dtype") or item.get("struct") or item}
    if schema["type"] == "object":
        named = schema.get("properties") or dict.fromkeys(
            schema["propertyNames"]["enum"], schema["additionalProperties"]
        )
        return {"struct": _fields(named, defs)}
    return {"dtype": DTYPES[schema["type"]]}
