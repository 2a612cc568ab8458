"""Read a problem back from its text: the forms that write it become patterns, its numbers the Judge's own program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from agents.offline.stories.grammar import Family, Line
from agents.offline.stories.linking import LINKS, SMALL
from agents.offline.stories.wording import COUNTED, MANNERS, SLOT, WORDINGS, plural, singular
from tools.answers import plain
from tools.inputs.kinds import Input

LONGEST_STORY = 6000
"""Characters of a text that the Judge still reads."""


class Slot(NamedTuple):
    """What stands in a slot of a sentence, and where."""

    name: str
    start: int
    end: int
    value: str


class Sentence(NamedTuple):
    """A line of a family as the text has it."""

    line: Line
    end: int
    slots: tuple[Slot, ...]


class Reading(NamedTuple):
    """A text's family and its sentences in order: the opening, moves, the closing, and nothing else."""

    text: str
    family: Family
    sentences: tuple[Sentence, ...]


def read(text: str, families: Sequence[Family]) -> Reading | None:
    """Read a text by the forms of the families; None where it fits no family."""
    story = plain(text)
    if len(story) > LONGEST_STORY:
        return None
    for family in families:
        sentences = _read_lines(story, family)
        if sentences is not None:
            return Reading(story, family, tuple(sentences))
    return None


def match_inputs(reading: Reading, inputs: Sequence[Input]) -> list[dict[str, str]] | None:
    """Return, for each sentence, the input that each slot so far, and each constant, is; None where one is missing.

    An input belongs to a slot if its quote stands around the slot and its value is the slot's; where several do, they
    are taken in their order. What is fixed by the family's rules needs no input: its number stands for itself.
    """
    free = [given for given in inputs if given.kind != "constant"]
    spans = {given.name: _places(reading.text, given.quote) for given in inputs}
    fixed = {_bare(given.value): given.name for given in reversed(inputs) if given.kind == "constant"}
    constants = {name: _bare(str(value)) for line in reading.family.lines for name, value in line.constants.items()}
    here = {name: fixed.get(value, _literal(value)) for name, value in constants.items()}
    names: list[dict[str, str]] = []
    for sentence in reading.sentences:
        for slot in sentence.slots:
            if slot.name in reading.family.named:
                continue
            for given in free:
                around = any(start <= slot.start and slot.end <= end for start, end in spans[given.name])
                if around and _bare(given.value) == _bare(slot.value):
                    here[slot.name] = given.name
                    free.remove(given)
                    break
            else:
                return None
        names.append(dict(here))
    return names


def _literal(value: str) -> str:
    return f"Fraction('{value}')" if "." in value else value


def _places(text: str, quote: str) -> list[tuple[int, int]]:
    wanted = plain(quote)
    return [found.span() for found in re.finditer(re.escape(wanted), text)] if wanted else []


def _bare(value: str) -> str:
    return value.replace(",", "")


def _read_lines(text: str, family: Family) -> list[Sentence] | None:
    """Read the opening's lines in any order, moves and distractors, and at the very end a closing."""
    words: dict[str, str] = {}
    sentences: list[Sentence] = []
    opening, place = list(family.opening), 0
    while True:
        between = (*family.moves, *family.distractors) if not opening else family.distractors if sentences else ()
        found = _match(text, place, family, (*opening, *between), words)
        if found is None and not opening:
            closing = _match(text, place, family, family.closings, words)
            return [*sentences, closing] if closing is not None and closing.end == len(text) else None
        if found is None:
            return None
        words.update({slot.name: slot.value for slot in found.slots if slot.name in family.named})
        sentences.append(found)
        opening = [line for line in opening if line is not found.line]
        place = found.end


def _match(text: str, place: int, family: Family, lines: Sequence[Line], words: Mapping[str, str]) -> Sentence | None:
    """Match the longest form at this place whose words for things are those of the lines before."""
    best: Sentence | None = None
    for line in lines:
        for pattern in _patterns(family, line):
            found = pattern.match(text, place)
            if not found or (best is not None and found.end() <= best.end):
                continue
            if all(words.get(name, value) == value for name, value in found.groupdict().items()):
                slots = [Slot(name, *found.span(name), value) for name, value in found.groupdict().items()]
                best = Sentence(line, found.end(), tuple(slots))
    return best


@cache
def _patterns(family: Family, line: Line) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(plain(form), family, line) for form in line.forms)


def _options(family: Family, line: Line, slot: str, manner: str) -> str:
    """Return the pattern of a slot; of one in another manner, it has no name."""
    if slot in line.draws:
        return rf"(?P<{slot}>\d[\d,]*(?:\.\d+)?)"
    texts = line.texts.get(slot)
    if texts and not texts.options:
        return rf"(?P<{slot}>[A-Za-z0-9-]+)"
    options = texts.options if texts else family.named[slot]
    if not manner:
        return f"(?P<{slot}>{_any_of(options)})"
    if manner in MANNERS:
        return f"(?:{_any_of([MANNERS[manner](option) for option in options])})"
    return f"(?:{_any_of([*options, *map(plural, options)])})"


def _any_of(options: Sequence[str]) -> str:
    return "|".join(re.escape(plain(option)) for option in sorted(options, key=len, reverse=True))


def _literal_text(text: str, counting: bool) -> str:
    """Return the pattern of what stands between slots; right after a number, a noun may be in the singular."""
    noun = COUNTED.match(text) if counting else None
    if noun and (one := singular(noun[1])) != noun[1]:
        return rf"\ (?:{_any_of([noun[1], one])}){_literal_text(text[noun.end() :], False)}"
    parts = WORDINGS.split(text)
    return "".join(f"(?:{_any_of(part.split('|'))})" if at % 2 else re.escape(part) for at, part in enumerate(parts))


def _pattern(form: str, family: Family, line: Line) -> re.Pattern[str]:
    """Turn a form into a pattern; a slot that occurs twice must have the same text both times."""
    parts, used, end, counting = [], set[str](), 0, False
    for found in SLOT.finditer(form):
        parts.append(_literal_text(form[end : found.start()], counting))
        counting = found[1] in line.draws
        slot, manner, end = found[1], found[2] or "", found.end()
        parts.append(f"(?P={slot})" if slot in used and not manner else _options(family, line, slot, manner))
        if not manner:
            used.add(slot)
    parts.append(_literal_text(form[end:], counting))
    if form.split(maxsplit=1)[0] in SMALL:
        parts[0] = f"[{form[0]}{form[0].lower()}]{parts[0][1:]}"
    if first := WORDINGS.match(form):  # whichever wording it is, a link makes its capital small
        options = first[1].split("|")
        small = [f"{one[0].lower()}{one[1:]}" for one in options if one.split(maxsplit=1)[0] in SMALL]
        parts[0] = f"(?:{_any_of([*options, *small])}){parts[0].partition(')')[2]}"
    links = "|".join(re.escape(link) for link in LINKS)
    return re.compile(rf"(?:(?:{links}) )?" + "".join(parts) + r"(?:\s+|$)")
