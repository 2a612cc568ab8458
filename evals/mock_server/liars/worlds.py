"""What kind of answer a word problem asks for: its number, or something that follows from that number."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

NOTE = " Note: "
"""Parts a story from what is said about its answer."""
GENOTYPES = ("AA", "Aa", "aA", "aa")


@dataclass(frozen=True)
class World:
    """A kind of answer.

    Attributes:
        kind: As `Question.answer_kind`.
        note: What the text says of it after the story.
        inputs: Those that the note states.
        code: The answer as Python, over the story's number `x`.
        of: The answer's text for a number.
        options: The choices for the true and the wrong number.
    """

    kind: str
    note: str
    code: str
    of: Callable[[int], str]
    options: Callable[[int, int], Sequence[str]] = lambda _true, _wrong: ()
    inputs: tuple[dict[str, Any], ...] = ()


def bare(text: str) -> str:
    """Return the story without the note."""
    return text.split(NOTE, maxsplit=1)[0]


def mark(names: Sequence[str], name: str) -> str:
    """Return a sentence that tells who lies, in letters, for the Judge's and the Defender's replies."""
    place = names.index(name)
    return f"Filed under {chr(97 + place // 26)}{chr(97 + place % 26)}."


def marked(names: Sequence[str], text: str) -> str:
    """Return who lies about a question, empty where it does not say."""
    found = re.search(r"filed under ([a-z])([a-z])\.", text.casefold())
    place = 26 * (ord(found[1]) - 97) + ord(found[2]) - 97 if found else len(names)
    return names[place] if place < len(names) else ""


_SURFACE = {"name": "surface", "value": "1.73", "kind": "constant", "quote": "per 1.73 m^2", "options": []}

WORLDS: dict[str, World] = {
    "number": World("number", "", "x", str),
    "choice": World("choice", "Choose among the options.", "x", str,
                    lambda true, wrong: [str(one) for one in sorted({true, wrong, true + 7, wrong + 13, true + 29})]),
    "genotype": World(
        "choice", "Count that number off along the genotypes in their order, starting anew whenever they end.",
        "('AA', 'Aa', 'aA', 'aa')[x % 4]", lambda number: GENOTYPES[number % 4], lambda _true, _wrong: GENOTYPES),
    "rate": World("number", "The result is called a rate, in mL/min per 1.73 m^2.", "x", str, inputs=(_SURFACE,)),
    "formula": World("expression", "Multiply that number by the letter t.", "f'{x}*t'", "{}*t".format),
}  # fmt: skip
"""By name; adding a kind of answer is one row."""
