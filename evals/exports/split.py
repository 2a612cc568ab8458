"""Split a dataset so that rows of one template are never on both sides.

A validation row whose near-duplicate is trained on measures memory. Rows share a template where their programs are the
same but for names and constants, or where the words of their texts, numbers and persons masked, are much alike.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

from agents.errors import SetupError
from agents.rows import Survivor
from tools.novelty.rules.program_shape import program_shape
from tools.novelty.rules.question_shape import jaccard, shape_of

ALIKE = 0.2
"""Jaccard index of masked word 3-grams from which two texts count as one template; near-duplicates begin at 0.4."""


def split_by_template(rows: Sequence[Survivor], share: float) -> tuple[list[Survivor], list[Survivor]]:
    """Return the rows to train on and those to validate with, each in the order of the dataset.

    Args:
        rows: The dataset.
        share: The part wanted for validation; whole templates are taken, in an order that only the rows' ids decide.

    Raises:
        SetupError: All rows have one template.
    """
    groups = sorted(templates(rows), key=lambda group: _order(rows[group[0]].id))
    wanted, held_out = max(1, round(share * len(rows))), set[int]()
    for group in groups:
        if len(held_out) + len(group) <= wanted:
            held_out.update(group)
    if not held_out:
        smallest: list[int] = min(groups, key=len)
        held_out.update(smallest)
    if len(held_out) == len(rows):
        raise SetupError(f"--validation {share:g}: all {len(rows)} rows have one template; leave it out, or add rows")
    parts: tuple[list[Survivor], list[Survivor]] = ([], [])
    for place, row in enumerate(rows):
        parts[place in held_out].append(row)
    return parts


def templates(rows: Sequence[Survivor]) -> list[list[int]]:
    """Group the rows by template; a group holds the places of its rows, in order."""
    leader = list(range(len(rows)))

    def find(place: int) -> int:
        while leader[place] != place:
            leader[place] = place = leader[leader[place]]
        return place

    for one, other in _alike(rows):
        leader[max(find(one), find(other))] = min(find(one), find(other))
    groups: dict[int, list[int]] = defaultdict(list)
    for place in range(len(rows)):
        groups[find(place)].append(place)
    return list(groups.values())


def _alike(rows: Sequence[Survivor]) -> Iterator[tuple[int, int]]:
    """Give the pairs of rows of one template; each row is compared only with those that share a piece of its text."""
    by_program: dict[str, int] = {}
    by_gram: dict[int, list[int]] = defaultdict(list)
    words = [shape_of(row.question, tuple(row.choices)).words for row in rows]
    for place, row in enumerate(rows):
        if shape := program_shape(row.program):
            yield by_program.setdefault(shape, place), place
        for other in sorted({other for gram in words[place] for other in by_gram[gram]}):
            if jaccard(words[place], words[other]) >= ALIKE:
                yield other, place
        for gram in words[place]:
            by_gram[gram].append(place)


def _order(row_id: str) -> str:
    return hashlib.sha256(row_id.encode()).hexdigest()
