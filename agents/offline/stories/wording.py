"""Put words into a form: `{thing}` as it is, `{thing|a}` with its article, `{thing|n}` in the number of slot n, ...

A form may offer wordings, `[buys|picks up]`, of which one is taken; and a plural right after a slot, as in `{t} hours`,
becomes singular where the slot's number is 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from random import Random
from typing import Any

_SLOT = re.compile(r"\{(\w+)(?:\|(\w+))?\}")
SLOT = _SLOT
"""A slot, and after a bar how its word is written: one of `MANNERS`, or the number slot whose number it takes."""


WORDINGS = re.compile(r"\[([^\[\]{}]*)\]")
"""Wordings of a part of a form; no slot stands in them."""
_COUNTED = re.compile(r"(\{(\w+)\} )([a-z]+)")
COUNTED = re.compile(r" ([a-z]+)")
"""The word right after a number, which may be what it counts."""
_NO_NOUNS = frozenset(("less", "plus", "times", "this", "is", "was", "has", "as", "its", "does", "takes", "gives"))


def varied(form: str, rng: Random) -> str:
    """Choose the wordings of a form."""
    return WORDINGS.sub(lambda found: rng.choice(found[1].split("|")), form)


def worded(form: str, slots: Mapping[str, str]) -> str:
    """Fill a form's slots.

    Raises:
        KeyError: The form has a slot that is not filled.
    """

    def agreeing(found: re.Match[str]) -> str:
        return found[1] + (singular(found[3]) if re.search(r"(?:^|[=≈o] )1$", slots[found[2]]) else found[3])

    return _SLOT.sub(lambda found: written(slots[found[1]], found[2], slots), _COUNTED.sub(agreeing, form))


def written(word: str, manner: str | None, slots: Mapping[str, str]) -> str:
    """Write a word in the manner that its slot asks for."""
    if not manner:
        return word
    if manner in MANNERS:
        return MANNERS[manner](word)
    return word if slots[manner] == "1" else plural(word)


@cache
def _engine() -> Any:
    import inflect  # noqa: PLC0415  # takes longer to import than all else that a run with hosted models needs

    return inflect.engine()


@lru_cache(maxsize=4096)
def with_article(word: str) -> str:
    """Put `a` or `an` before a word."""
    return str(_engine().a(word))


@lru_cache(maxsize=4096)
def plural(word: str) -> str:
    """Return the plural of a noun."""
    return str(_engine().plural_noun(word) or word)


@lru_cache(maxsize=4096)
def singular(word: str) -> str:
    """Return the singular of a plural noun, and any other word as it is."""
    if word in _NO_NOUNS:
        return word
    found = str(_engine().singular_noun(word) or word)
    return found if plural(found) == word else word


@lru_cache(maxsize=4096)
def ordinal(number: str) -> str:
    """Write a number as 1st, 2nd, 3rd."""
    return str(_engine().ordinal(number))


def capitalised(text: str) -> str:
    """Begin a text with a capital, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


MANNERS: dict[str, Callable[[str], str]] = {
    "a": with_article,
    "A": lambda word: capitalised(with_article(word)),
    "s": plural,
    "S": lambda word: capitalised(plural(word)),
    "cap": capitalised,
    "ordinal": ordinal,
}
"""How a slot's word can be written."""
