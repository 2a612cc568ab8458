"""Name the inputs of a problem and tell their kinds, from how the text goes on after each number."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from agents.offline.stories.grammar import Line
from agents.offline.stories.texts import Days, Strands
from tools.inputs.kinds import MONTHS, WEEKDAYS, Input, KindName

_SLOT = re.compile(r"\{(\w+)\}")
_SKIPPED = frozenset(
    ("more", "further", "new", "equal", "late", "extra", "other", "healthy", "raffle", "long", "thin", "round")
)
"""Words between a number and what it counts."""
_UNNAMING = re.compile(
    "aa|among|an|and|apiece|are|around|at|become|becomes|becoming|breeding|broken|do|each|every|fall|for|from|goes|has|"
    "have|in|is|it|less|move|not|of|on|or|out|people|reduces|rescue|reverts|slip|some|stands|stay|stays|that|the|there|"
    "these|this|through|to|treated|turns|were|with|without|worth|by"
)
"""Words after a number that do not say what it counts."""


def line_inputs(
    line: Line, form: str, slots: Mapping[str, str], sentence: str, taken: Collection[str]
) -> tuple[list[Input], dict[str, str]]:
    """Return the inputs that a sentence states, in its order, and the name of the input for each slot.

    Args:
        line: What is said.
        form: The wording.
        slots: The text of every slot.
        sentence: The sentence as it stands in the problem.
        taken: Names of the inputs before it; its constants among them are not declared again.
    """
    inputs: list[Input] = []
    names: dict[str, str] = {}
    for found in _SLOT.finditer(form):
        slot = found[1]
        if slot in names or not (slot in line.draws or slot in line.texts):
            continue
        after = form[found.end() :]
        stem = (slot in line.draws and _noun(after, slots)) or slot
        names[slot] = _unique(stem, {*taken, *names.values()})
        kind = _text_kind(line.texts[slot]) if slot in line.texts else _number_kind(after)
        inputs.append(Input(name=names[slot], value=slots[slot], kind=kind, quote=sentence, options=[]))
    for name, value in line.constants.items():
        names[name] = name
        if name not in taken:
            inputs.append(Input(name=name, value=str(value), kind="constant", quote=sentence, options=[]))
    return inputs, names


def _noun(after: str, slots: Mapping[str, str]) -> str:
    """Return the word that says what a number counts; empty where none does."""
    for word in after.split()[:3]:
        filled = _SLOT.sub(lambda found: slots[found[1]] if not slots[found[1]][0].isdigit() else "", word)
        bare = filled.strip(".,;:?)").casefold()
        if not re.fullmatch(r"[a-z]{2,}", bare) or _UNNAMING.fullmatch(bare):
            return ""
        if bare not in _SKIPPED:
            return bare
    return ""


def _unique(stem: str, taken: Collection[str]) -> str:
    """Number a name, which keeps it apart from the programs' own variables as well."""
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def _number_kind(after: str) -> KindName:
    if after.startswith(" percent"):
        return "percent"
    return "money" if after.startswith(" dollars") else "integer"


def _text_kind(options: Sequence[str]) -> KindName:
    if isinstance(options, Strands):
        return "dna"
    if isinstance(options, Days):
        return "date"
    for kind, names in (("weekday", WEEKDAYS), ("month", MONTHS)):
        if tuple(options) == names:
            return kind  # type: ignore[return-value]  # the pairs above name kinds
    raise ValueError(f"no kind of input is known for the texts {list(options[:3])!r}")
