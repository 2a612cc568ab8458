"""Name the inputs of a problem and tell their kinds, from their slots and from how the text goes on after each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from agents.offline.stories.draws import Draw
from agents.offline.stories.grammar import Line
from agents.offline.stories.wording import SLOT
from tools.inputs.kinds import Input, KindName

_SKIPPED = frozenset(
    ("more", "further", "new", "equal", "late", "extra", "other", "healthy", "raffle", "long", "thin", "round")
)
"""Words between a number and what it counts."""
_UNNAMING = re.compile(
    "aa|among|an|and|apiece|are|around|at|become|becomes|becoming|breeding|broken|do|each|every|fall|for|from|goes|has|"
    "have|in|is|it|less|move|not|of|on|or|out|people|reduces|rescue|reverts|slip|some|stands|stay|stays|that|the|there|"
    "these|this|through|to|treated|turns|were|with|without|worth|by|percent|than|when|as|if|per|but|so|while"
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
    for found in SLOT.finditer(form):
        slot = found[1]
        if slot in names or not (slot in line.draws or slot in line.texts):
            continue
        after = form[found.end() :]
        stem = slot if len(slot) > 2 else (slot in line.draws and _noun(after, slots)) or slot
        names[slot] = _unique(stem, {*taken, *names.values()})
        texts = line.texts.get(slot)
        kind = texts.kind if texts else _number_kind(line.draws[slot], slots[slot], after)
        options = list(texts.options) if texts and kind == "one_of" else []
        inputs.append(Input(name=names[slot], value=slots[slot], kind=kind, quote=sentence, options=options))
    for name, value in line.constants.items():
        names[name] = name
        if name not in taken:
            inputs.append(Input(name=name, value=str(value), kind="constant", quote=sentence, options=[]))
    return inputs, names


def _noun(after: str, slots: Mapping[str, str]) -> str:
    """Return the word that says what a number counts; empty where none does."""
    for word in after.split()[:3]:
        filled = SLOT.sub(lambda found: slots[found[1]] if not slots[found[1]][0].isdigit() else "", word)
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


def _number_kind(draw: Draw, text: str, after: str) -> KindName:
    if draw.kind:
        return draw.kind
    if after.startswith(" percent"):
        return "percent"
    if after.startswith(" dollars"):
        return "money"
    return "decimal" if "." in text else "integer"
