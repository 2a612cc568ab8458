"""Put a link such as "Then" before a sentence, seldom, and only where the sentence can take one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from random import Random

LINKS = ("Then", "After that,", "Later")
"""What may stand before a move."""
LINKED = 0.15
"""Share of the moves that get one; never two in a row, and never the first."""
SMALL = frozenset(("A", "An", "The", "One", "Half", "Each", "Every", "What", "This", "That", "All", "Another", "Only"))
"""First words of a move that are written in lower case after a link."""


def linked(sentence: str, before: Sequence[str], names: Collection[str], rng: Random) -> str:
    """Return the sentence, with a link or without."""
    link, first = rng.choice(LINKS), sentence.split(maxsplit=1)[0]
    wanted = rng.random() < LINKED and len(before) > 1 and not before[-1].startswith(LINKS)
    if not wanted or not (first in SMALL or first in names):
        return sentence
    if any(" " in name and sentence.startswith(name) for name in names):
        return sentence  # the Judge knows a name such as "An uncle" by its capital
    return f"{link} {sentence[0].lower() if first in SMALL else sentence[0]}{sentence[1:]}"
