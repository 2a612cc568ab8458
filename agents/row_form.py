"""How a record's fields are written where files of different runs must load together: each has one JSON type.

Readers such as `datasets` infer a column's type from the first file they meet. So nothing is null, missing or an empty
list, and the type of a field in Python alone decides how it is written:

- a list of texts that is never empty (`min_length=1`) is a list, any other one is a text with an entry a line
  (`tools.files.entries`);
- a record that may be absent is then the blank one, with every text empty, every number zero and every flag false, and
  an empty list of records holds that one;
- a number that may be unknown is a text, empty where it is unknown, as a number would look like a known one;
- a text that reads as a date has a line break behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from tools.files.entries import entries_of, entry_lines, guarded, unguarded

Feature = dict[str, Any]
"""A type as the head of a data card names it: `dtype`, `list` or `struct`."""
Change = Callable[[Any], Any]


class Form(NamedTuple):
    """How a type is written; what is not of the type passes `write` and `read` unchanged, for validation to refuse."""

    feature: Feature
    blank: Any
    """Stands for a value in a record that is absent."""
    write: Change
    """Takes what pydantic dumps as JSON."""
    read: Change
    """Gives what pydantic validates; takes what was never written, too."""


def _same(value: Any) -> Any:
    return value


def _where(kind: type | tuple[type, ...], change: Change) -> Change:
    return lambda value: change(value) if isinstance(value, kind) else value


_TEXT: Feature = {"dtype": "string"}
_SCALARS: dict[Any, Form] = {
    str: Form(_TEXT, "", _where(str, guarded), _where(str, unguarded)),
    int: Form({"dtype": "int64"}, 0, _same, _same),
    float: Form({"dtype": "float64"}, 0.0, _same, _same),
    bool: Form({"dtype": "bool"}, False, _same, _same),
}
_WORD = Form(_TEXT, "", _same, _same)
_KNOWN_OR_NOT = Form(
    _TEXT,
    "",
    lambda value: "" if value is None else repr(value),
    _where(str, lambda text: float(text) if text else None),
)


@lru_cache
def form_of(record: type[BaseModel]) -> Form:
    """Return how a record is written."""
    return _record({name: _form(field.annotation, field.metadata) for name, field in record.model_fields.items()})


def _form(annotation: Any, metadata: Sequence[Any] = ()) -> Form:
    """Return how a type is written; `metadata` is what stands beside it, such as the length of a list.

    Raises:
        TypeError: Nothing is said of such a type.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _form(arguments[0], arguments[1:])
    if origin in _GENERIC:
        return _GENERIC[origin](arguments, metadata)
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return form_of(annotation)
    raise TypeError(f"{annotation!r} has no written form")


def _record(forms: Mapping[str, Form]) -> Form:
    def change(fields: Mapping[str, Any], way: Literal["write", "read"]) -> dict[str, Any]:
        return {name: getattr(forms.get(name, _WORD), way)(value) for name, value in fields.items()}

    return Form(
        {"struct": [{"name": name, **form.feature} for name, form in forms.items()]},
        {name: form.blank for name, form in forms.items()},
        _where(dict, lambda fields: change(fields, "write")),
        _where(dict, lambda fields: change(fields, "read")),
    )


def _absent_or_not(arguments: Sequence[Any], _: Sequence[Any]) -> Form:
    [kind] = [one for one in arguments if one is not NoneType]
    if kind is float:
        return _KNOWN_OR_NOT
    form = _form(kind)
    if "struct" not in form.feature:
        raise TypeError(f"{kind!r} may not be absent: let it be empty")
    return Form(
        form.feature,
        form.blank,
        lambda value: deepcopy(form.blank) if value is None else form.write(value),
        lambda value: None if value == form.blank else form.read(value),
    )


def _list(arguments: Sequence[Any], metadata: Sequence[Any]) -> Form:
    item = _form(arguments[0])
    if "struct" in item.feature:
        return Form(
            {"list": item.feature["struct"]},
            [item.blank],
            _where(list, lambda items: list(map(item.write, items)) or [deepcopy(item.blank)]),
            _where(list, lambda items: [] if items == [item.blank] else list(map(item.read, items))),
        )
    if any(getattr(one, "min_length", 0) for one in metadata):
        each = _where(list, lambda items: list(map(item.write, items)))
        return Form(
            {"list": item.feature["dtype"]}, [item.blank], each, _where(list, lambda items: list(map(item.read, items)))
        )
    return Form(_TEXT, "", _where(list, entry_lines), _where(str, entries_of))


def _tuple(arguments: Sequence[Any], metadata: Sequence[Any]) -> Form:
    """Written as a list is; read as a tuple, which strict validation asks for."""
    form = _list(arguments, metadata)
    return form._replace(read=lambda value: tuple(form.read(value)) if isinstance(value, str | list) else value)


_GENERIC: dict[Any, Callable[[Sequence[Any], Sequence[Any]], Form]] = {
    Union: _absent_or_not,
    UnionType: _absent_or_not,
    Literal: lambda words, _: _SCALARS[int] if isinstance(words[0], int) else _WORD,
    list: _list,
    tuple: _tuple,
    dict: lambda kinds, _: _record(dict.fromkeys(get_args(kinds[0]), _form(kinds[1]))),
}
"""How a type that is made of others is written, by what it is made with."""
