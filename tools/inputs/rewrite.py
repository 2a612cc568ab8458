"""Write a question's text with redrawn inputs in the place of the stated ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from tools.inputs.kinds import Input
from tools.inputs.numerals import Numeral, claims, numerals

_PART = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def rewrite(text: str, inputs: Sequence[Input], texts: Mapping[str, str]) -> str | None:
    """Return the text with these values, None where one of them is stated in a way that cannot be rewritten.

    Args:
        text: The question.
        inputs: As stated in it.
        texts: The value of each input by name, written as its kind is.
    """
    owned, edits = claims(text, inputs), dict[tuple[int, int], str]()
    taken = {one for mine in owned.values() for one in mine}
    for stated in inputs:
        value = texts[stated.name]
        if value == stated.value:
            continue
        made = _numerals_replaced(stated, value, owned[stated.name]) or _letters_replaced(text, stated, value)
        if made is None:
            return None
        edits |= made | _repeats(text, stated, value, taken)
    for (start, end), value in sorted(edits.items(), reverse=True):
        text = text[:start] + value + text[end:]
    return text


def _numerals_replaced(stated: Input, value: str, mine: Sequence[Numeral]) -> dict[tuple[int, int], str] | None:
    """Put each part of a value in the place of the numeral that stated it; None where they do not pair."""
    parts = _PART.findall(value)
    stated_parts = _PART.findall(stated.value)
    if not mine or len(mine) != len(parts) or stated.kind in ("date", "time"):
        return None
    pairs = list(zip_longest(sorted(mine), parts, stated_parts))
    if any(one.text.casefold() != before.casefold() and not one.text.isalpha() for one, _, before in pairs):
        return None  # stated in another form, such as 1 1/2 for 3/2
    return {(one.start, one.end): part for one, part, _ in pairs}


def _letters_replaced(text: str, stated: Input, value: str) -> dict[tuple[int, int], str] | None:
    """Replace a value that stands in its quote letter by letter."""
    start = text.find(stated.quote)
    place = stated.quote.find(stated.value)
    if start < 0 or place < 0:
        return None
    return {(start + place, start + place + len(stated.value)): value}


def _repeats(text: str, stated: Input, value: str, taken: set[Numeral]) -> dict[tuple[int, int], str]:
    """Replace later mentions of a number that the text states once for this input."""
    if len(_PART.findall(value)) != 1:
        return {}
    return {(one.start, one.end): value for one in numerals(text) if one not in taken and one.text == stated.value}
