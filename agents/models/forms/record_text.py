"""Find the record in a model's reply: the JSON object that validates, wherever it stands.

Models think aloud before it, put it in a fence, add remarks, repeat it, wrap it, or break its JSON a little. What is
harmless is mended here, for replies only: files are read strictly. Whatever is mended must still validate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from json_repair import repair_json
from pydantic import ValidationError

from agents.models.forms.binding import storable
from agents.records import Record

R = TypeVar("R", bound=Record)

MOST_OBJECTS = 64
"""Objects of one reply that are tried."""
MOST_REPAIRED = 200_000
"""Characters of a reply that are repaired at most: the repair takes time."""
_DECODER = json.JSONDecoder(strict=False)  # a line end within a string is no reason to pay again


def read_record(text: str, record: type[R], *, whole: bool = True) -> R:
    """Return the record that a reply holds; of several the last, which is what the model settled on.

    Args:
        text: The reply.
        record: What it should hold.
        whole: False for a reply that was cut: it is not mended, since what is missing may be half a number.

    Raises:
        ValidationError: None of its objects validates; the error is that of the likeliest one.
    """
    first: ValidationError | None = None
    for found in _candidates(text, record, mended=whole):
        try:
            return _lenient(found, record)
        except ValidationError as error:
            if first is None or _distance(error) < _distance(first):
                first = error
    if first is None:
        return record.model_validate_json(text)  # raises what is wrong with it
    raise first


def _candidates(text: str, record: type[Record], *, mended: bool) -> Iterator[Any]:
    """Give the objects of a reply, the likeliest first: those after the thoughts, the last first, then mended ones."""
    after = text.rpartition("</think>")[2]
    for part in dict.fromkeys((after, text)):
        for found in reversed(list(_objects(part))):
            yield from _unwrapped(found, record)
    if not mended:
        return
    for part in dict.fromkeys((_from_brace(after), _from_brace(text))):
        if part and len(part) <= MOST_REPAIRED and not _breaks_off(part):
            repaired = repair_json(part, return_objects=True)
            for found in reversed(repaired if isinstance(repaired, list) else [repaired]):
                yield from _unwrapped(found, record)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Give the outermost JSON objects of a text, in their order."""
    place = number = 0
    while number < MOST_OBJECTS and (place := text.find("{", place)) >= 0:
        number += 1
        try:
            found, place = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            place += 1
            continue
        yield found


def _from_brace(text: str) -> str:
    start = text.find("{")
    return "" if start < 0 else text[start:]


def _breaks_off(text: str) -> bool:
    """Whether a text ends within a string or a number: what is missing may be the rest of the answer."""
    return len(re.findall(r'(?<!\\)"', text)) % 2 == 1 or text.rstrip()[-1:].isalnum()


def _unwrapped(found: Any, record: type[Record]) -> Iterator[Any]:
    """Give an object, and what it may be a wrapping of: `{"Question": {...}}`, `{"name": ..., "arguments": {...}}`."""
    if not isinstance(found, dict):
        return
    yield found
    inner = [found.get(name) for name in ("arguments", "parameters", record.__name__)]
    if len(found) == 1:
        inner += found.values()
    for value in inner:
        if isinstance(value, str):
            value = next(iter(_objects(value)), None)  # noqa: PLW2901  # arguments are often JSON within JSON
        if isinstance(value, dict) and not set(record.model_fields) <= set(found):
            yield value


def _lenient(found: dict[str, Any], record: type[R]) -> R:
    """Validate; fields that nobody asked for are left out, and numbers become the text that was asked for."""
    found = storable(found)
    try:
        return record.model_validate(found, extra="ignore")
    except ValidationError as error:
        faults = error.errors(include_url=False)
        if not all(_harmless(fault) for fault in faults):
            raise
        mended = json.loads(json.dumps(found))
        for fault in faults:
            _replace(mended, fault["loc"], fault["input"])
        return record.model_validate(mended, extra="ignore")


def _harmless(fault: Any) -> bool:
    number = isinstance(fault["input"], int | float) and not isinstance(fault["input"], bool)
    return (fault["type"] == "string_type" and number) or (fault["type"] == "list_type" and fault["input"] is None)


def _replace(found: Any, where: tuple[int | str, ...], given: Any) -> None:
    """Put text where a number stands, and an empty list where null does."""
    for step in where[:-1]:
        found = found[step]
    found[where[-1]] = [] if given is None else json.dumps(given)


def _distance(error: ValidationError) -> int:
    """Say how far an object is from the record: missing fields weigh more than wrong ones."""
    return sum(3 if fault["type"] == "missing" else 1 for fault in error.errors(include_url=False))
