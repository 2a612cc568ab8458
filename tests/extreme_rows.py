"""Rows in which all is empty or absent that may be, and rows in which nothing is: made from the types of the fields."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from agents.rows import Message, Survivor

HOSTILE = 'two\nlines, "quoted"'
DATE = "2031-05-09"
ROLES: tuple[Literal["system", "user", "assistant"], ...] = ("system", "user", "assistant")


def sparse_row() -> Survivor:
    """Return a row in which every list is empty that may be, and all is absent that may be."""
    return _row("", 0)


def full_row(text: str = HOSTILE) -> Survivor:
    """Return a row in which every text is this one, no list is empty, and nothing is absent."""
    return _row(text, 2)


def _row(text: str, many: int) -> Survivor:
    messages = [Message(role=role, content=text) for role in ROLES]
    fields = _value(Survivor, (), text, many)
    fixed = {"messages": messages, "answer_kind": "text", "easy": False}
    return Survivor.model_validate(fields | fixed)


def _value(annotation: Any, metadata: Sequence[Any], text: str, many: int) -> Any:
    """Make a value of a type: as little as it may be, or with so many entries in each list."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType) and not many:
        return None
    if origin in (Annotated, Union, UnionType):
        [kind, *rest] = [one for one in arguments if one is not NoneType]
        return _value(kind, rest, text, many)
    if origin is Literal:
        return arguments[0]
    least = max((getattr(one, "min_length", 0) or 0 for one in metadata), default=0)
    if origin in (list, tuple):
        return [_value(arguments[0], (), text, many) for _ in range(max(least, many))]
    fields: Any = None
    if origin is dict:
        fields = {key: _value(arguments[1], (), text, many) for key in get_args(arguments[0])}
    elif issubclass(annotation, BaseModel):
        of = annotation.model_fields
        fields = {name: _value(one.annotation, one.metadata, text, many) for name, one in of.items()}
    if fields is not None:
        return fields
    return {str: text or "a" * least, int: 1, float: 0.25 * many, bool: bool(many)}[annotation]
