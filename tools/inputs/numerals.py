"""Whether the inputs account for every number of a text, and the text for every input.

Numerals and number words are quantities, unless they are glued to letters (CO2, p53), ordinals (3rd), primes (5'),
exponents of units (m^2), or say how to round. What is left over belongs to no input, and a program that uses it hides a
number from the redraws.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from tools.inputs.kinds import MONTHS, WEEKDAYS, Input, InputError, read_input

_UNITS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
WORDS: dict[str, Fraction] = {
    **{word: Fraction(number) for number, word in enumerate(_UNITS, start=2)},
    **{word: Fraction(10 * number) for number, word in enumerate(_TENS, start=2)},
    "one": Fraction(1),
    "dozen": Fraction(12),
    "half": Fraction(1, 2),
    "twice": Fraction(2),
    "double": Fraction(2),
    "doubles": Fraction(2),
    "doubled": Fraction(2),
    "doubling": Fraction(2),
    "triple": Fraction(3),
    "triples": Fraction(3),
    "tripled": Fraction(3),
    "tripling": Fraction(3),
    "thrice": Fraction(3),
}
"""Number words; `one` counts where an input claims it, and is no fault where none does."""
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}

_NUMERAL = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_WORD = re.compile(r"[A-Za-z]+")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b|['\u2032\u2019](?!s)")
_ROUNDING = re.compile(r"[ -](?:decimals?|decimal places?|significant (?:figures|digits))\b")


class Numeral(NamedTuple):
    """A number as the text writes it."""

    start: int
    end: int
    value: Fraction
    text: str


def numerals(text: str) -> list[Numeral]:
    """Return the quantities that a text writes in digits or words, in their order."""
    return sorted([*_digits(text), *_words(text)])


def _digits(text: str) -> Iterator[Numeral]:
    for found in _NUMERAL.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        if re.search(r"[A-Za-z_]-?$", before) and not re.search(r"(?:^|\s|[(\[])-$", before):
            continue  # glued to letters: a name, such as CO2 or IL-6
        if re.search(r"[A-Za-z)]\s?\^-?$", before) or _ORDINAL.match(after) or _ROUNDING.match(after):
            continue
        yield Numeral(found.start(), found.end(), Fraction(found[0].replace(",", "")), found[0])


def _words(text: str) -> Iterator[Numeral]:
    words = [found for found in _WORD.finditer(text) if found[0].casefold() in WORDS or found[0].casefold() in SCALES]
    groups: list[list[re.Match[str]]] = []
    for found in words:
        joined = groups and text[groups[-1][-1].end() : found.start()] in (" ", "-", " and ")
        if joined and _continues(groups[-1][-1][0].casefold(), found[0].casefold()):
            groups[-1].append(found)
        else:
            groups.append([found])
    for group in groups:
        start, end = group[0].start(), group[-1].end()
        scales_digits = group[0][0].casefold() in SCALES and re.search(r"\d\s?$", text[:start])
        if scales_digits or _ROUNDING.match(text[end:]):
            continue  # "10 billion" is the numeral 10 with a unit
        yield Numeral(start, end, _value([found[0].casefold() for found in group]), text[start:end])


def _continues(left: str, right: str) -> bool:
    """Whether two number words in a row make one number: twenty five, two hundred, a hundred and six."""
    if right in SCALES or right == "dozen":
        return left in WORDS or left in SCALES
    return ((left in _TENS and right in _UNITS[:8]) or left in SCALES) and WORDS[right].denominator == 1


def _value(words: Sequence[str]) -> Fraction:
    total, current = Fraction(0), Fraction(0)
    for word in words:
        if word in SCALES:
            current = (current or Fraction(1)) * SCALES[word]
            if SCALES[word] >= 1000:
                total, current = total + current, Fraction(0)
        elif word == "dozen":
            current = (current or Fraction(1)) * 12
        else:
            current += WORDS[word]
    return total + current


def input_faults(text: str, inputs: Sequence[Input]) -> list[str]:
    """Say what is wrong between a text and the inputs; an empty list where each accounts for the other.

    Checked are: names used once, values written as their kind wants, quotes that stand in the text and state the
    value, and numbers of the text that no input claims.
    """
    faults = [f"two inputs are called {a!r}" for a, b in pairwise(sorted(one.name for one in inputs)) if a == b]
    found, claimed = numerals(text), set[Numeral]()
    for stated in inputs:
        mine, fault = _claim(text, stated, found, claimed)
        claimed.update(mine)
        faults += [fault] if fault else []
    values = {one.value for one in claimed}
    for one in found:
        if one not in claimed and one.value not in values and one.text.casefold() != "one":
            place = text[max(0, one.start - 20) : one.end + 20].strip()
            faults.append(f"the number {one.text!r} in {place!r} belongs to no input; declare it, as constant if fixed")
    return faults


def claims(text: str, inputs: Sequence[Input]) -> dict[str, list[Numeral]]:
    """Return the numerals by which the text states each input; none for inputs that it states in letters."""
    found, claimed = numerals(text), set[Numeral]()
    owned: dict[str, list[Numeral]] = {}
    for stated in inputs:
        owned[stated.name], _ = _claim(text, stated, found, claimed)
        claimed.update(owned[stated.name])
    return owned


def _claim(text: str, stated: Input, found: Sequence[Numeral], claimed: set[Numeral]) -> tuple[list[Numeral], str]:
    """Return the numerals that state the value, in the first quote where all are free, or what is wrong."""
    try:
        read_input(stated)
    except InputError as error:
        return [], str(error)
    spans = [match.span() for match in re.finditer(re.escape(stated.quote), text)] if stated.quote else []
    if not spans:
        lacking = bool(stated.quote) or stated.kind != "constant"
        return [], f"input {stated.name!r}: its quote {stated.quote!r} does not stand in the question" * lacking
    inside = [[one for one in found if start <= one.start and one.end <= end] for start, end in spans]
    for here in inside:
        mine = _stating(stated, [one for one in here if one not in claimed])
        if mine is not None:
            return mine, ""
    repeated = any(_stating(stated, here) is not None for here in inside)
    fault = f"input {stated.name!r}: the quote {stated.quote!r} does not state {stated.value!r}"
    return [], "" if repeated else fault


def _stating(stated: Input, here: Sequence[Numeral]) -> list[Numeral] | None:
    """Return the numerals that together state the value, None where some are missing."""
    mine: list[Numeral] = []
    for way in _spellings(stated):
        mine = []
        for value in way:
            one = next((one for one in here if one.value == value and one not in mine), None)
            if one is None:
                break
            mine.append(one)
        else:
            return mine
    return None


def _spellings(stated: Input) -> Iterator[tuple[Fraction, ...]]:
    """Give the sets of numerals that may state the value; the empty one where it is stated in letters."""
    text = stated.value
    if stated.kind in ("dna", "rna", "protein", "one_of", "weekday"):
        yield ()
        return
    parts = tuple(Fraction(part.replace(",", "")) for part in _NUMERAL.findall(text))
    if stated.kind == "date":
        year, month, day = parts
        yield from ((year, month, day), (year, day), (month, day), (day,), (year,))
        return
    if stated.kind == "month" or text in WEEKDAYS or text in MONTHS:
        yield ()
        return
    yield parts
    if stated.kind in ("fraction", "percent", "decimal", "money", "integer", "constant"):
        try:
            value = read_input(stated)
        except InputError:
            return
        if isinstance(value, int | Fraction):
            yield (Fraction(value),)
    if stated.kind == "duration":
        yield tuple(part for part in parts if part)
    if stated.kind == "time":
        hours, minutes = parts[0], parts[1]
        yield from ((hours % 12 or Fraction(12), minutes), (hours,), (hours % 12 or Fraction(12),))
    if stated.kind == "constant":
        yield ()
