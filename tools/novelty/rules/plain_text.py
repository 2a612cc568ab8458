"""Reduce a text to the words that two equal questions share: case, spacing, look-alike letters and spelled numbers.

A Latin word with Cyrillic or Greek letters that look the same is the Latin word, and "two hundred" is 200.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tools.answers import normalise_question

_LOOK_ALIKES = str.maketrans("АВЕЅІЈКМНОРСТХаеіјосрѕухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABESIJKMHOPCTXaeijocpsyxABEZHIKMNOPTYXo")
_MIXED_WORD = re.compile(r"[A-Za-z][\u0370-\u052f]|[\u0370-\u052f][A-Za-z]")
_UNSPACED = re.compile(r"([\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff])")
_TOKEN = re.compile(r"\^-?\d+|\d+(?:,\d{3})*(?:\.\d+)?|[^\W\d_]\w*(?:['’]\w+)?")
_UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
_SMALL = {word: value for value, word in enumerate(_UNITS.split())}
_TENS_TEXT = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * place for place, word in enumerate(_TENS_TEXT.split(), 2)}
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}


_OPEN = frozenset({0, 100, 1000, 10**6, 10**9})
"""Units after which a smaller number may follow."""


def normal_text(text: str) -> str:
    """Return the text in one case and spacing, without look-alike letters of other scripts in Latin text."""
    latin = sum(char.isascii() and char.isalpha() for char in text)
    if _MIXED_WORD.search(text) and 2 * latin > sum(map(str.isalpha, text)):
        text = text.translate(_LOOK_ALIKES)
    return normalise_question(text)


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text; numbers in words become digits, save a lone "one", mostly a pronoun."""
    found = _TOKEN.findall(_UNSPACED.sub(r" \1 ", normal_text(text)))
    words: list[str] = []
    place = 0
    while place < len(found):
        value, end = _spelled(found, place)
        words.append(found[place] if value is None else str(value))
        place = end
    return tuple(words)


def _spelled(found: list[str], start: int) -> tuple[int | None, int]:
    """Read the number in words that starts here, such as `two hundred and five` or `3 million`, and where it ends."""
    total, part, unit, place = 0, 0, 0, start
    while place < len(found):
        word, after = found[place], found[place + 1] if place + 1 < len(found) else ""
        if word in _SCALES and (unit or word == "dozen"):
            part = (part or 1) * _SCALES[word]
            if _SCALES[word] > 100:
                total, part = total + part, 0
            unit = _SCALES[word]
        elif unit in _OPEN and word in _TENS:
            part, unit = part + _TENS[word], 10
        elif word in _SMALL and (unit in _OPEN or (unit == 10 and 0 < _SMALL[word] < 10)):
            part, unit = part + _SMALL[word], 1
        elif place == start and after in _SCALES and word.replace(",", "").isdecimal():
            part, unit = int(word.replace(",", "")), 1
        elif not (word == "and" and unit >= 100 and (after in _SMALL or after in _TENS)):
            break
        place += 1
    if place == start or found[start:place] == ["one"]:
        return None, start + 1
    return total + part, place
