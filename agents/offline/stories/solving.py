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
    for sentence, here in zip(reading.sentences, names, strict=True):
        body += sentence.line.check.format(**here).splitlines()
        changed = [name for name in _assigned(sentence.line.check) if name in _quantities(reading.family)]
        if changed and "return " not in sentence.line.check:
            body.append(f"confirm({', '.join(changed)})")
    head = f"def solve({', '.join(given.name for given in inputs)}):"
    lines = ["from fractions import Fraction", "", head, *(INDENT + line for line in body)]
    return "\n".join([*lines, "", "", *_confirm(reading.family)])


def _confirm(family: Family) -> list[str]:
    wrong = "amount < 0 or amount % 1" if family.digits == 0 else "amount < 0"
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


def _quantities(family: Family) -> set[str]:
    return {name for line in (family.opening, *family.moves, family.closing) for name in line.sets}
