"""What a slot can be: numbers within bounds that may depend on other slots, and texts (strands, dates, names)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.offline.stories.arithmetic import evaluate
from tools.inputs.kinds import MONTHS, WEEKDAYS, KindName

BASES = "ACGT"
Bound = int | str
"""A number, or a formula over slots drawn before, quantities, and numbers of the cast."""


class Span(BaseModel):
    """Numbers from low to high, both included, in steps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: Bound
    high: Bound
    step: Bound = 1

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, data: Any) -> Any:
        if isinstance(data, list | tuple):
            if not 2 <= len(data) <= 3:
                raise ValueError("write a span as [low, high] or [low, high, step]")
            return dict(zip(("low", "high", "step"), data, strict=False))
        return data

    @property
    def decimals(self) -> int:
        """Decimals with which its numbers are written."""
        return len(str(self.step).partition(".")[2])

    def draw(self, rng: Random, known: Mapping[str, Fraction]) -> Fraction | None:
        """Return one of the numbers; None where the bounds leave none."""
        low, high, step = (evaluate(str(bound), known) for bound in (self.low, self.high, self.step))
        first, last = math.ceil(low / step), math.floor(high / step)
        return step * rng.randint(first, last) if first <= last else None


class Draw(BaseModel):
    """A number slot: a span, or a list to choose from; for other sizes of numbers, other spans."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    school: Span | None = None
    small: Span | None = None
    large: Span | None = None
    one_of: tuple[Bound, ...] = ()
    kind: Literal["", "percent", "money", "constant"] = Field("", description="where the words after it do not tell")

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, data: Any) -> Any:
        return {"school": data} if isinstance(data, list | tuple) else data

    @model_validator(mode="after")
    def _something(self) -> Draw:
        if (self.school is None) == (not self.one_of):
            raise ValueError("a draw is a span [low, high] or [low, high, step], or has one_of")
        return self

    def draw(self, rng: Random, known: Mapping[str, Fraction], size: str) -> tuple[Fraction, str] | None:
        """Return a number and its text; None where the bounds leave none."""
        if self.one_of:
            text = str(rng.choice(self.one_of))
            return Fraction(text), text
        span: Span | None = getattr(self, size) or self.school
        value = span.draw(rng, known) if span else None
        return (value, number_text(value, span.decimals)) if span and value is not None else None


def number_text(value: Fraction, decimals: int) -> str:
    """Write a number with as many decimals, and with commas from ten thousand on."""
    digits = f"{int(value * 10**decimals):0{decimals + 1}d}"
    whole, rest = (digits[:-decimals], f".{digits[-decimals:]}") if decimals else (digits, "")
    return f"{int(whole):,}{rest}" if value >= 10_000 else f"{int(whole)}{rest}"


class Texts(BaseModel):
    """A text slot: strands of a length, days of some years, or names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dna: Annotated[int, Field(ge=1, le=60)] | None = None
    days: tuple[int, int] | None = Field(None, description="first and last year")
    names: Literal["weekday", "month", ""] = ""
    one_of: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_thing(self) -> Texts:
        if sum((self.dna is not None, self.days is not None, bool(self.names), bool(self.one_of))) != 1:
            raise ValueError("a text is one of dna, days, names, one_of")
        return self

    @property
    def kind(self) -> KindName:
        """The kind of input that it is."""
        if self.dna is not None:
            return "dna"
        return "date" if self.days is not None else self.names or "one_of"

    @property
    def options(self) -> Sequence[str]:
        """What it can be, where that is a list."""
        return {"weekday": WEEKDAYS, "month": MONTHS}.get(self.names, self.one_of)

    def draw(self, rng: Random) -> str:
        """Return one of the texts."""
        if self.dna is not None:
            return "".join(rng.choice(BASES) for _ in range(self.dna))
        if self.days is not None:
            first, last = date(self.days[0], 1, 1), date(self.days[1], 12, 31)
            return (first + timedelta(days=rng.randint(0, (last - first).days))).isoformat()
        return rng.choice(self.options)
