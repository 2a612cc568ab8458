"""The kinds of a question's inputs: how each is written, read, passed to `solve`, and redrawn.

A redrawn value is of the same kind, sign, magnitude and number of decimals. Adding a kind means one row of
`INPUT_KINDS`. Numbers reach `solve` exact: whole ones as `int`, all others as `fractions.Fraction`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from fractions import Fraction
from random import Random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.inputs.redraw import (
    another,
    redraw_date,
    redraw_number,
    redraw_percent,
    redraw_sequence,
    redraw_time,
    shuffle_codons,
)

KindName = Literal[
    "integer",
    "decimal",
    "fraction",
    "percent",
    "money",
    "ratio",
    "range",
    "date",
    "time",
    "weekday",
    "month",
    "duration",
    "dna",
    "rna",
    "protein",
    "one_of",
    "constant",
]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Input(BaseModel):
    """A named quantity of a question, with the words that state it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="the parameter of solve that takes it")
    value: str = Field(description="as its kind is written: 46, 19.20, 3/4, 40, 2031-05-09, ATGGCC")
    kind: KindName = Field(description="decides how it is redrawn; constant: never redrawn (a label, days of a week)")
    quote: str = Field(description="the words of the question that state it, exactly; may be empty for a constant")
    options: list[str] = Field(description="what it could be instead, for kind one_of; else empty")


class InputError(ValueError):
    """An input's value is not written as its kind wants it."""


Wire = tuple[str, Any]
"""A type that the harness knows, and the value as JSON holds it."""


@dataclass(frozen=True)
class InputKind:
    """What a kind can do.

    Attributes:
        form: How a value is written, for messages.
        read: Turns the text into the Python value; raises ValueError for another form.
        redraw: Returns another value's text; None where the kind is never redrawn.
    """

    form: str
    read: Callable[[str], Any]
    redraw: Callable[[Random, Input], str] | None


_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


def _number(text: str) -> Fraction:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Fraction(text.replace(",", ""))


def _integer(text: str) -> int:
    if "." in text or not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text.replace(",", ""))


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def _fraction(text: str) -> int | Fraction:
    found = re.fullmatch(r"(?:(\d+) )?([-+]?\d+)\s*/\s*(\d+)", text)
    if not found:
        return _plain(_number(text))
    if int(found[3]) == 0:
        raise ValueError(text)
    return _plain(Fraction(int(found[2]), int(found[3])) + int(found[1] or 0))


def _parts(separator: str) -> Callable[[str], tuple[int | Fraction, ...]]:
    def read(text: str) -> tuple[int | Fraction, ...]:
        parts = tuple(_plain(_number(part.strip())) for part in re.split(separator, text))
        if len(parts) < 2:
            raise ValueError(text)
        return parts

    return read


def _member(names: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError(text)
        return text

    return read


_UNITS = {"w": 604_800, "d": 86_400, "h": 3600, "min": 60, "s": 1}


def _duration(text: str) -> timedelta:
    parts = re.fullmatch(r"(?:\d+(?:\.\d+)?\s*(?:w|d|h|min|s)\s*)+", text)
    if not parts:
        raise ValueError(text)
    found = re.findall(r"(\d+(?:\.\d+)?)\s*(w|d|h|min|s)", text)
    return timedelta(seconds=float(sum(Fraction(number) * _UNITS[unit] for number, unit in found)))


def _letters(alphabet: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text or set(text.upper()) - set(alphabet):
            raise ValueError(text)
        return text

    return read


def _constant(text: str) -> Any:
    try:
        return _fraction(text)
    except ValueError:
        return text


def _redraw_parts(rng: Random, stated: Input) -> str:
    """Redraw each number; a range stays in order."""
    while True:
        text = re.sub(r"\d+(?:\.\d+)?", lambda found: redraw_number(rng, found[0]), stated.value)
        parts = _parts(r":|\.\.|\s*-\s*")(text)
        if stated.kind != "range" or list(parts) == sorted(parts):
            return text


def _redraw_fraction(rng: Random, stated: Input) -> str:
    """Redraw numerator and denominator; a proper fraction stays one, and is never 0 or 1."""
    found = re.fullmatch(r"((?:\d+ )?)([-+]?)(\d+)\s*/\s*(\d+)", stated.value)
    if not found:
        return redraw_number(rng, stated.value)
    top, bottom = int(found[3]), int(found[4])
    new_bottom = rng.randint(2, max(6, 2 * bottom))
    new_top = rng.randint(1, new_bottom - 1) if top < bottom else rng.randint(new_bottom + 1, 3 * new_bottom)
    return f"{found[1]}{found[2]}{new_top}/{new_bottom}"


def _redraw_duration(rng: Random, stated: Input) -> str:
    return re.sub(r"\d+(?:\.\d+)?", lambda found: redraw_number(rng, found[0]), stated.value)


def _numbers(rng: Random, stated: Input) -> str:
    return redraw_number(rng, stated.value)


INPUT_KINDS: dict[KindName, InputKind] = {
    "integer": InputKind("46 or 1,200", _integer, _numbers),
    "decimal": InputKind("19.20", lambda text: _plain(_number(text)), _numbers),
    "fraction": InputKind("3/4 or 1 1/2", _fraction, _redraw_fraction),
    "percent": InputKind(
        "40 or 2.5, without the sign",
        lambda text: _plain(_number(text)),
        lambda rng, stated: redraw_percent(rng, stated.value),
    ),
    "money": InputKind("19.20, without the currency", lambda text: _plain(_number(text)), _numbers),
    "ratio": InputKind("3:2 or 2:3:5", _parts(":"), _redraw_parts),
    "range": InputKind("3..5", _parts(r"\.\."), _redraw_parts),
    "date": InputKind("2031-05-09", date.fromisoformat, lambda rng, stated: redraw_date(rng, stated.value)),
    "time": InputKind("14:30", time.fromisoformat, lambda rng, stated: redraw_time(rng, stated.value)),
    "weekday": InputKind("Monday", _member(WEEKDAYS), lambda rng, stated: another(rng, stated.value, WEEKDAYS)),
    "month": InputKind("March", _member(MONTHS), lambda rng, stated: another(rng, stated.value, MONTHS)),
    "duration": InputKind("2 h 30 min, in w, d, h, min, s", _duration, _redraw_duration),
    "dna": InputKind("ATGGCC", _letters("ACGTN"), lambda rng, stated: shuffle_codons(rng, stated.value)),
    "rna": InputKind("AUGGCC", _letters("ACGUN"), lambda rng, stated: shuffle_codons(rng, stated.value)),
    "protein": InputKind(
        "MKV", _letters("ACDEFGHIKLMNPQRSTVWYX*"), lambda rng, stated: redraw_sequence(rng, stated.value)
    ),
    "one_of": InputKind("one of its options", str, lambda rng, stated: another(rng, stated.value, stated.options)),
    "constant": InputKind("a number, or a label", _constant, None),
}
"""How each kind is written, read and redrawn."""


def read_input(stated: Input) -> Any:
    """Return the Python value that `solve` is called with.

    Raises:
        InputError: It is not written as its kind wants it.
    """
    kind = INPUT_KINDS[stated.kind]
    if stated.kind == "one_of" and (stated.value not in stated.options or len(set(stated.options)) < 2):
        raise InputError(f"input {stated.name!r}: {stated.value!r} must be one of at least two options")
    try:
        return kind.read(stated.value)
    except ValueError as error:
        raise InputError(
            f"input {stated.name!r}: {stated.value!r} is no {stated.kind}; write it like {kind.form}"
        ) from error


def redrawable(stated: Input) -> bool:
    """Whether the input's kind can be redrawn."""
    return INPUT_KINDS[stated.kind].redraw is not None


def wire(value: Any) -> Wire:
    """Write a Python value of an input as JSON that the harness in the sandbox reads back."""
    if isinstance(value, tuple):
        return "tuple", [wire(part) for part in value]
    for kind, (name, write) in _WIRES.items():
        if isinstance(value, kind):
            return name, write(value)
    raise TypeError(f"no input has a {type(value).__name__}")


_WIRES: dict[type, tuple[str, Callable[[Any], Any]]] = {
    str: ("str", str),
    int: ("int", str),
    Fraction: ("fraction", lambda value: f"{value.numerator}/{value.denominator}"),
    date: ("date", date.isoformat),
    time: ("time", time.isoformat),
    timedelta: ("duration", timedelta.total_seconds),
}
