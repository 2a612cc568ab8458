"""The rules that tell near-duplicates from merely related questions among the neighbours that the vector search found.

A cosine cannot tell a paraphrase from another question on the same story. The verified answer can, since a paraphrase
keeps it, and so can the structure of the text, which a near-duplicate with other numbers or names keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pydantic import BaseModel, ConfigDict

from tools.novelty.port import DEFAULT_EMBEDDER, Decision, NoveltyItem
from tools.novelty.rules.contrast import Changes, changes_between
from tools.novelty.rules.equal_answers import answers_differ, shares_answer
from tools.novelty.rules.plain_text import normal_text
from tools.novelty.rules.program_shape import program_shape
from tools.novelty.rules.question_shape import (
    Shape,
    ask_overlap,
    in_another_language,
    jaccard,
    number_overlap,
    number_share,
    same_numbers,
    shape_of,
)

RULES_VERSION = 4
"""Recorded in every store; raise it when stored items would be judged or read differently."""
NEIGHBOURS = 10
"""How many items the engine returns for the rules to look at."""
_SAME_TEXT = 0.9
"""Least cosine of equal texts; below it, the texts need not be compared."""
_SAME_NUMBERS = 0.8
"""Jaccard index from which two multisets of numbers count as the same."""
_SAME_ASK = 0.5
"""Likeness of two asking sentences below which they ask for different things."""
_COPIED = 0.2
"""Likeness of masked words that no paraphrase has: the story was copied, so its numbers prove nothing."""
_SAME_BUT_NUMBERS = 0.9
"""Likeness of masked words from which only the numbers differ, whatever the answers say."""


class DuplicateLimits(BaseModel):
    """The scores from which an item is a near-duplicate; cosines depend on the embedder, the rest on the text alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    near: float = 0.92
    """Cosine of near-identical text."""
    near_benchmark: float = 0.85
    """The same against benchmark items, where a miss costs more than a question."""
    answer: float = 0.65
    """Cosine from which an equal verified answer means a paraphrase."""
    answer_numbers: float = 0.35
    """The same, where the numbers are the same too."""
    numbers: float = 0.50
    """Cosine from which the same numbers do, where an answer is not known yet."""
    words: float = 0.40
    """Jaccard index of number-masked word 3-grams."""
    shape: float = 0.40
    """Jaccard index of function-word skeleton 4-grams, numeric questions only."""
    replaced_term: float = 0.88
    """Cosine below which a term that was replaced in a nearly equal text is no synonym, whatever the answers."""
    borderline: float = 0.65
    """Cosine from which a question that passed every rule is borderline."""


CALIBRATED: dict[str, DuplicateLimits] = {DEFAULT_EMBEDDER: DuplicateLimits()}
"""Limits by embedder; print a new row with `novelty calibrate`."""
UNCALIBRATED = DuplicateLimits(
    near=0.98, near_benchmark=0.97, answer=0.93, numbers=0.93, replaced_term=0.98, borderline=0.93
)
"""For any other embedder: the text rules decide, and its cosine only where it can hardly be wrong."""


@dataclass(frozen=True)
class Neighbour:
    """A stored item that the search found."""

    item: NoveltyItem
    cosine: float
    benchmark: str = ""
    """The benchmark's name; empty for an accepted question."""
    shape: Shape | None = None
    """As it was stored; None to compute it."""

    @property
    def name(self) -> str:
        """How decisions name it: its owner, after its benchmark where it has one."""
        return f"{self.benchmark}:{self.item.owner}" if self.benchmark else self.item.owner

    @cached_property
    def shapes(self) -> Shape:
        """The shape, computed where it was not stored."""
        return self.shape or shape_of(self.item.question, self.item.choices)


@dataclass(frozen=True)
class RuleMatch:
    """A rule that fired, with its score."""

    rule: str
    score: float


def limits_for(model: str) -> DuplicateLimits:
    """Return the limits calibrated for the embedder, else the careful ones."""
    return CALIBRATED.get(model, UNCALIBRATED)


def decide(
    item: NoveltyItem, neighbours: Sequence[Neighbour], limits: DuplicateLimits, *, strict: bool = False
) -> Decision:
    """Decide about an item; the owner's own entries do not count, benchmarks are compared first.

    Args:
        item: The question to place.
        neighbours: What the search found, nearest first.
        limits: The scores from which an item is a near-duplicate.
        strict: Also refuse an equal program with other names and constants.
    """
    others = [near for near in neighbours if near.benchmark or near.item.owner != item.owner]
    for near in sorted(others, key=lambda near: not near.benchmark):
        near_duplicate = compare(item, near, limits, strict=strict)
        if near_duplicate:
            return Decision(
                verdict="contaminated" if near.benchmark else "duplicate",
                rule=near_duplicate.rule,
                score=round(near_duplicate.score, 4),
                nearest=near.name,
                nearest_text=near.item.question,
            )
    if not others:
        return Decision(verdict="novel")
    nearest = max(others, key=lambda near: near.cosine)
    return Decision(
        verdict="novel",
        score=round(nearest.cosine, 4),
        nearest=nearest.name,
        nearest_text=nearest.item.question,
        borderline=nearest.cosine >= limits.borderline,
    )


def compare(item: NoveltyItem, near: Neighbour, limits: DuplicateLimits, *, strict: bool = False) -> RuleMatch | None:
    """Return the first rule by which the neighbour is a near-duplicate; None where it is merely related."""
    other = near.item
    if near.cosine >= _SAME_TEXT and same_text(item, other):
        return RuleMatch(rule="same_text", score=1.0)
    scores = rule_scores(item, near, min(limits.answer, limits.answer_numbers, limits.numbers))
    by_text = {"near_vector": limits.near, "same_words": limits.words, "same_shape": limits.shape}
    near_duplicate = _first(scores, by_text)
    if near_duplicate and not asks_something_else(item, near):
        return near_duplicate
    rest: dict[str, float] = {}
    if not contradicts_equal_answers(item, near, limits):
        rest |= {"same_answer": limits.answer, "same_answer_and_numbers": limits.answer_numbers, "same_facts": 1.0}
    if near.benchmark:
        rest["near_vector"] = limits.near_benchmark
    if not (item.answer and other.answer) and not _opposed(item, near):
        rest["same_numbers"] = limits.numbers
    if strict:
        rest["same_program"] = 1.0
    return _first(scores, rest)


def _first(scores: dict[str, float], limits: dict[str, float]) -> RuleMatch | None:
    return next((RuleMatch(rule, scores[rule]) for rule, least in limits.items() if scores[rule] >= least), None)


def asks_something_else(item: NoveltyItem, near: Neighbour) -> bool:
    """Return whether two questions with much the same text ask for different things.

    They do where words are swapped or replaced by their opposites, or where their asking sentences differ; and, once
    both answers are known, where the answers differ though the numbers do not, or where they differ in words (another
    finding in the same vignette). Texts that are the same but for their numbers ask the same.
    """
    other, mine, theirs = near.item, shape_of(item.question, item.choices), near.shapes
    changes, differ = _changes(item, near), answers_differ(item, other)
    if changes and (changes.opposed or (differ and changes.spans and _explained_by_words(changes, mine, theirs))):
        return True
    if jaccard(mine.words, theirs.words) >= _SAME_BUT_NUMBERS:
        return False
    if ask_overlap(mine, theirs) < _SAME_ASK:
        return True
    if item.answer_kind in ("choice", "text"):
        return differ
    return differ and number_share(mine, theirs) == 1.0


def contradicts_equal_answers(item: NoveltyItem, near: Neighbour, limits: DuplicateLimits) -> bool:
    """Return whether a nearly equal text shows that an equal answer is a coincidence.

    It is where words are swapped or opposed; where a term was replaced in a question without numbers, and the vectors
    say that it is no synonym; and where other numbers stand in a copied story that is asked about in other words.
    """
    changes, mine, theirs = _changes(item, near), shape_of(item.question, item.choices), near.shapes
    if changes is None:
        return False
    if changes.opposed:
        return True
    if item.answer_kind != "number":
        return not mine.numbers and changes.a_term and near.cosine < limits.replaced_term
    return not same_numbers(mine, theirs) and ask_overlap(mine, theirs) < _SAME_ASK


def _changes(item: NoveltyItem, near: Neighbour) -> Changes | None:
    return changes_between(item.question, near.item.question)


def _opposed(item: NoveltyItem, near: Neighbour) -> bool:
    changes = _changes(item, near)
    return changes is not None and changes.opposed


def _explained_by_words(changes: Changes, mine: Shape, theirs: Shape) -> bool:
    """Return whether words, or the order of the numbers, are why two answers differ: the numbers are the same."""
    return same_numbers(mine, theirs) and (changes.in_words or all(map(all, changes.spans)))


def rule_scores(item: NoveltyItem, near: Neighbour, least_cosine: float = 0.0) -> dict[str, float]:
    """Return the score of each rule but `same_text`; 0.0 where a rule does not apply.

    Rules that need a near vector too are skipped below the least cosine.
    """
    other, mine, theirs = near.item, shape_of(item.question, item.choices), near.shapes
    numeric = item.answer_kind == other.answer_kind == "number"
    close = near.cosine >= least_cosine
    answered = close and shares_answer(item, other)
    program = program_shape(item.program) if item.program and other.program else ""
    return {
        "near_vector": near.cosine,
        "same_words": jaccard(mine.words, theirs.words),
        "same_shape": jaccard(mine.skeleton, theirs.skeleton) if numeric else 0.0,
        "same_answer": near.cosine if answered else 0.0,
        "same_answer_and_numbers": near.cosine if answered and _same_facts(mine, theirs) else 0.0,
        "same_numbers": near.cosine if close and _same_numbers(mine, theirs) else 0.0,
        "same_facts": 1.0 if _translated(item, near) else 0.0,
        "same_program": 1.0 if program and program == program_shape(other.program) else 0.0,
    }


def _translated(item: NoveltyItem, near: Neighbour) -> bool:
    """Return whether two questions in two languages have the same answer and numbers; an English embedder is blind."""
    mine, theirs = shape_of(item.question, item.choices), near.shapes
    if not mine.numbers or not in_another_language(item.question, near.item.question):
        return False
    return same_numbers(mine, theirs) and shares_answer(item, near.item)


def _same_facts(mine: Shape, theirs: Shape) -> bool:
    return number_share(mine, theirs, least=3) >= _SAME_NUMBERS


def _same_numbers(mine: Shape, theirs: Shape) -> bool:
    """Return whether both give the same numbers, and not because one asks something else about the other's story."""
    if number_overlap(mine, theirs) < _SAME_NUMBERS and number_share(mine, theirs, least=4) < 1.0:
        return False
    return jaccard(mine.story, theirs.story) < _COPIED or ask_overlap(mine, theirs) >= _SAME_ASK


def same_text(item: NoveltyItem, other: NoveltyItem) -> bool:
    """Return whether two items are the same question but for spacing, case and order of the options."""
    return normalised(item) == normalised(other)


@lru_cache(maxsize=1024)
def normalised(item: NoveltyItem) -> str:
    """Return the text that identifies the question: its words, then its options in a fixed order."""
    options = sorted(normal_text(choice) for choice in item.choices)
    return "\n".join([normal_text(item.question), *options])
