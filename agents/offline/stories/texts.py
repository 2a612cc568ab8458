"""Texts to draw from (DNA strands, dates): sequences too long to list, indexed as if they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import overload

BASES = "ACGT"


class Strands(Sequence[str]):
    """All DNA strands of one length, in base-4 order; of at most 31 bases, so that the count fits a machine word."""

    def __init__(self, length: int) -> None:
        if not 1 <= length <= 31:
            raise ValueError(f"a strand has 1 to 31 bases here, not {length}")
        self.length = length

    def __len__(self) -> int:
        return 1 << 2 * self.length

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        return "".join(BASES[place >> 2 * position & 3] for position in range(self.length))


class Days(Sequence[str]):
    """All days from the first to the last year, written as `2031-05-09`."""

    def __init__(self, first_year: int, last_year: int) -> None:
        self.first = date(first_year, 1, 1)
        self.days = (date(last_year, 12, 31) - self.first).days + 1

    def __len__(self) -> int:
        return self.days

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(self.days))]
        if not 0 <= place < self.days:
            raise IndexError(place)
        return (self.first + timedelta(days=place)).isoformat()
