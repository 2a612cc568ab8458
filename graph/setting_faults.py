"""What to do about a value that a setting does not take, in words of one line."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

_REMEDIES = {
    "greater_than_equal": "give {ge:g} or more",
    "greater_than": "give more than {gt:g}",
    "less_than": "give less than {lt:.0f}",
    "less_than_equal": "give {le:g} or less",
    "finite_number": "give a finite number",
    "int_parsing": "give a whole number",
    "int_type": "give a whole number",
    "int_parsing_size": "give a smaller number",
    "int_from_float": "give a whole number",
    "float_parsing": "give a number",
    "float_type": "give a number",
    "bool_parsing": "give true or false",
    "bool_type": "give true or false",
    "string_type": "give a text",
    "path_type": "give a path",
    "literal_error": "choose from {expected}",
}
"""By pydantic's name for what is wrong with a value."""


def fault_of(error: ValidationError) -> tuple[str, Any, str]:
    """Return the setting that is wrong, its value, and what to give instead."""
    fault = error.errors()[0]
    remedy = _REMEDIES.get(fault["type"], "").format(**fault.get("ctx", {}))
    return str(fault["loc"][0]), fault["input"], remedy or fault["msg"].removeprefix("Value error, ")
