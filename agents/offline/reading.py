"""Read a problem back from its text: the forms that write it become patterns, its numbers the Judge's own program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from agents.offline.grammar import LINKS, SMALL, Family, Line
from tools.answers import plain

LONGEST_STORY = 6000
"""Characters of a text that the Judge still reads."""
HEADER = "from fractions import Fraction"


class _Match(NamedTuple):
    end: int
    check: str
    slots: dict[str, str]


def read(text: str, families: Sequence[Family]) -> tuple[Family, str] | None:
    """Return a text's family and the Judge's own program for it; None where it fits no family."""
    story = plain(text)
    if len(story) > LONGEST_STORY:
        return None
    for family in families:
        checks = _read_lines(story, family)
        if checks is not None:
            header = [HEADER, family.imports] if family.imports else [HEADER]
            return family, "\n".join([*header, *checks])
    return None


def _read_lines(text: str, family: Family) -> list[str] | None:
    """Return the checks of the story's lines: one opening, moves, one closing, and nothing else."""
    found = _match(text, 0, (family.opening,), {})
    words: dict[str, str] = {}
    checks: list[str] = []
    while found is not None:
        words.update({name: word for name, word in found.slots.items() if name in family.words})
        checks.append(found.check)
        place = found.end
        closing = _match(text, place, (family.closing,), words)
        if closing is not None and closing.end == len(text):
            return [*checks, closing.check]
        found = _match(text, place, family.moves, words)
    return None


def _match(text: str, place: int, lines: Sequence[Line], words: Mapping[str, str]) -> _Match | None:
    """Match the longest form at this place whose words for things are those of the lines before."""
    best: _Match | None = None
    for line in lines:
        for form in line.forms:
            found = _pattern(form, frozenset(line.draws)).match(text, place)
            if not found or (best is not None and found.end() <= best.end):
                continue
            slots = found.groupdict()
            if all(words.get(name, value) == value for name, value in slots.items()):
                safe = {**words, **slots}
                check = line.check.format(**{name: _safe(value) for name, value in safe.items()})
                best = _Match(found.end(), check, slots)
    return best


def _safe(value: str) -> str:
    """Make a slot fit for a program: no thousands separators, and nothing that could end a string."""
    return value.replace(",", "").replace("'", "")


@cache
def _pattern(form: str, numbers: frozenset[str]) -> re.Pattern[str]:
    """Turn a form into a pattern; a slot that occurs twice must have the same text both times."""
    parts, used = [], set()
    for literal, slot in re.findall(r"([^{}]+)|\{(\w+)\}", form):
        if literal:
            parts.append(re.escape(literal))
        elif slot in used:
            parts.append(f"(?P={slot})")
        else:
            parts.append(rf"(?P<{slot}>\d[\d,]*(?:\.\d+)?)" if slot in numbers else rf"(?P<{slot}>[\w' -]+?)")
            used.add(slot)
    if form.split(maxsplit=1)[0] in SMALL:
        parts[0] = f"[{form[0]}{form[0].lower()}]{re.escape(form[1 : form.index('{')] if '{' in form else form[1:])}"
    links = "|".join(re.escape(link) for link in LINKS)
    return re.compile(rf"(?:(?:{links}) )?" + "".join(parts) + r"(?:\s+|$)")
