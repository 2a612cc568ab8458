"""Write the Judge's program: `solve` over the names of the inputs, from its own lines for each sentence of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from agents.offline.stories.grammar import Family
from agents.offline.stories.reading import Reading, match_inputs
from tools.inputs.kinds import Input

INDENT = "    "


def own_program(reading: Reading, inputs: Sequence[Input]) -> str | None:
    """Return a program for the text as it was read; None where the inputs do not state what the text does.

    It is undefined where the story cannot be: it asserts that no quantity falls below zero, and that what is counted
    in whole things stays whole.
    """
    names = match_inputs(reading, inputs)
    if names is None:
        return None
    body: list[str] = []
    quantities = {name for line in reading.family.lines for name in line.quantities}
    slots = [slot for sentence in reading.sentences for slot in sentence.slots]
    words = {slot.name: slot.value for slot in slots if slot.name in reading.family.named}
    for sentence, here in zip(reading.sentences, names, strict=True):
        body += sentence.line.check.format(**(words | here)).splitlines()
        changed = [name for name in _assigned(sentence.line.check) if name in quantities]
        if changed and "return " not in sentence.line.check:
            body.append(f"confirm({', '.join(changed)})")
    head = f"def solve({', '.join(given.name for given in inputs)}):"
    lines = ["from fractions import Fraction", "", head, *(INDENT + line for line in body)]
    helpers = ["", "", *_HALF_UP] if any("half_up(" in line for line in body) else []
    return "\n".join([*lines, "", "", *_confirm(reading.family), *helpers])


_HALF_UP = """
def half_up(value, decimals=0):
    whole, rest = divmod(value * 10**decimals, 1)
    return Fraction(int(whole) + (2 * rest >= 1), 10**decimals)
""".strip().splitlines()
"""The Judge's own rounding, for lines that call it."""


def _confirm(family: Family) -> list[str]:
    wrong = "amount < 0 or amount % 1" if family.whole else "amount < 0"
    return [
        "def confirm(*amounts):",
        f"{INDENT}for amount in amounts:",
        f"{INDENT * 2}if {'amount < 0 or amount > 1' if family.largest == 1 else wrong}:",
        f"{INDENT * 3}raise ValueError(f'there can be no {{amount}} here')",
    ]


@cache
def _assigned(check: str) -> tuple[str, ...]:
    """Return the variables that lines of Python set, each once."""
    targets = re.findall(r"^\s*([A-Za-z_]\w*(?:, [A-Za-z_]\w*)*) (?:[-+*/]|//)?= ", check, re.MULTILINE)
    return tuple(dict.fromkeys(name for target in targets for name in target.split(", ")))
