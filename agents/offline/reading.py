"""Read a story back: the forms that told it become patterns, and its numbers the Judge's own program."""

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
    """Read a story back: its family, and the Judge's own program; None where no family tells it."""
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
    told: dict[str, str] = {}
    checks: list[str] = []
    while found is not None:
        told.update({name: word for name, word in found.slots.items() if name in family.words})
        checks.append(found.check)
        place = found.end
        closing = _match(text, place, (family.closing,), told)
        if closing is not None and closing.end == len(text):
            return [*checks, closing.check]
        found = _match(text, place, family.moves, told)
    return None


def _match(text: str, place: int, lines: Sequence[Line], told: Mapping[str, str]) -> _Match | None:
    """Match the longest form at this place that calls things as they were called before."""
    best: _Match | None = None
    for line in lines:
        for form in line.forms:
            found = _pattern(form, frozenset(line.draws)).match(text, place)
            if not found or (best is not None and found.end() <= best.end):
                continue
            slots = found.groupdict()
            if all(told.get(name, said) == said for name, said in slots.items()):
                safe = {**told, **slots}
                check = line.check.format(**{name: _safe(said) for name, said in safe.items()})
                best = _Match(found.end(), check, slots)
    return best


def _safe(said: str) -> str:
    """Make a slot fit for a program: no thousands separators, and nothing that could end a string."""
    return said.replace(",", "").replace("'", "")


@cache
def _pattern(form: str, numbers: frozenset[str]) -> re.Pattern[str]:
    """Turn a form into a pattern; a slot said twice must read the same both times."""
    parts, seen = [], set()
    for literal, slot in re.findall(r"([^{}]+)|\{(\w+)\}", form):
        if literal:
            parts.append(re.escape(literal))
        elif slot in seen:
            parts.append(f"(?P={slot})")
        else:
            parts.append(rf"(?P<{slot}>\d[\d,]*(?:\.\d+)?)" if slot in numbers else rf"(?P<{slot}>[\w' -]+?)")
            seen.add(slot)
    if form.split(maxsplit=1)[0] in SMALL:
        parts[0] = f"[{form[0]}{form[0].lower()}]{re.escape(form[1 : form.index('{')] if '{' in form else form[1:])}"
    links = "|".join(re.escape(link) for link in LINKS)
    return re.compile(rf"(?:(?:{links}) )?" + "".join(parts) + r"(?:\s+|$)")
