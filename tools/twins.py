"""Tell a twin from a cousin: the rules that decide about the neighbours which the vector search found.

A cosine cannot tell a paraphrase from another question on the same story; what can is the verified answer, which a
paraphrase keeps, and the build of the text, which a twin with other numbers or other names keeps.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from tools.answers import AnswerKind, normalise_question, same_answer
from tools.novelty import DEFAULT_EMBEDDER, Decision, Offer
from tools.program_shape import program_shape
from tools.question_shape import Shape, jaccard, number_overlap, shape_of

RULES_VERSION = 1
"""Recorded in every store; raise it when a stored item would be judged in another way."""
NEIGHBOURS = 10
"""How many items the engine returns for the rules to look at."""


class TwinLimits(BaseModel):
    """From where on a score means a twin; cosines belong to one embedder, the rest to the text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    near: float = 0.92
    """Cosine of near-identical text."""
    near_benchmark: float = 0.85
    """The same against benchmark items, where a miss costs more than a question."""
    answer: float = 0.65
    """Cosine from which an equal verified answer means a paraphrase."""
    numbers: float = 0.65
    """Cosine from which the same numbers do, where an answer is not known yet."""
    words: float = 0.40
    """Jaccard index of number-masked word 3-grams."""
    shape: float = 0.40
    """Jaccard index of function-word skeleton 4-grams, numeric questions only."""
    grey: float = 0.65
    """Cosine from which a question that passed every rule is grey."""


CALIBRATED: dict[str, TwinLimits] = {DEFAULT_EMBEDDER: TwinLimits()}
"""Limits by embedder; print a new row with `novelty calibrate`."""
UNCALIBRATED = TwinLimits(near=0.98, near_benchmark=0.97, answer=0.93, numbers=0.93, grey=0.93)
"""For any other embedder: the text rules decide, and its cosine only where it can hardly be wrong."""


class Neighbour(BaseModel):
    """A stored item that the search found."""

    model_config = ConfigDict(frozen=True)

    offer: Offer
    cosine: float
    benchmark: str = ""
    """The benchmark's name; empty for an accepted question."""

    @property
    def name(self) -> str:
        """How decisions name it: its owner, after its benchmark where it has one."""
        return f"{self.benchmark}:{self.offer.owner}" if self.benchmark else self.offer.owner


class Twin(BaseModel):
    """A rule that fired, with its score."""

    model_config = ConfigDict(frozen=True)

    rule: str
    score: float


def limits_for(model: str) -> TwinLimits:
    """Return the limits calibrated for the embedder, else the careful ones."""
    return CALIBRATED.get(model, UNCALIBRATED)


def decide(offer: Offer, neighbours: Sequence[Neighbour], limits: TwinLimits, *, strict: bool = False) -> Decision:
    """Decide about the offer; the owner's own entries do not count, benchmarks are looked at first.

    Args:
        offer: The question to place.
        neighbours: What the search found, nearest first.
        limits: From where on a score means a twin.
        strict: Also refuse the same program in other clothes.
    """
    others = [near for near in neighbours if near.benchmark or near.offer.owner != offer.owner]
    for near in sorted(others, key=lambda near: not near.benchmark):
        twin = compare(offer, near, limits, strict=strict)
        if twin:
            return Decision(
                verdict="contaminated" if near.benchmark else "duplicate",
                rule=twin.rule,
                score=round(twin.score, 4),
                nearest=near.name,
                nearest_text=near.offer.question,
            )
    if not others:
        return Decision(verdict="novel")
    nearest = max(others, key=lambda near: near.cosine)
    return Decision(
        verdict="novel",
        score=round(nearest.cosine, 4),
        nearest=nearest.name,
        nearest_text=nearest.offer.question,
        grey=nearest.cosine >= limits.grey,
    )


def compare(offer: Offer, near: Neighbour, limits: TwinLimits, *, strict: bool = False) -> Twin | None:
    """Return the first rule by which the neighbour is a twin, cheapest and surest first; None for a cousin."""
    other = near.offer
    if same_text(offer, other):
        return Twin(rule="same_text", score=1.0)
    if near.cosine >= (limits.near_benchmark if near.benchmark else limits.near):
        return Twin(rule="near_vector", score=near.cosine)
    mine, theirs = shape_of(offer.question, offer.choices), shape_of(other.question, other.choices)
    return _by_words(offer, other, mine, theirs, limits) or _by_content(
        offer, near, number_overlap(mine, theirs), limits, strict=strict
    )


def _by_words(offer: Offer, other: Offer, mine: Shape, theirs: Shape, limits: TwinLimits) -> Twin | None:
    words = jaccard(mine.words, theirs.words)
    if words >= limits.words:
        return Twin(rule="same_words", score=words)
    if offer.answer_kind == other.answer_kind == "number":
        skeleton = jaccard(mine.skeleton, theirs.skeleton)
        if skeleton >= limits.shape:
            return Twin(rule="same_shape", score=skeleton)
    return None


def _by_content(offer: Offer, near: Neighbour, numbers: float, limits: TwinLimits, *, strict: bool) -> Twin | None:
    other = near.offer
    if offer.answer and other.answer:
        if near.cosine >= limits.answer and shares_answer(offer, other):
            return Twin(rule="same_answer", score=near.cosine)
    elif numbers >= 0.8 and near.cosine >= limits.numbers:
        return Twin(rule="same_numbers", score=near.cosine)
    if strict and offer.program and other.program:
        shape = program_shape(offer.program)
        if shape and shape == program_shape(other.program):
            return Twin(rule="same_program", score=1.0)
    return None


def same_text(offer: Offer, other: Offer) -> bool:
    """Whether two offers are the same question, spacing, case and order of the options aside."""
    return normalised(offer) == normalised(other)


def normalised(offer: Offer) -> str:
    """Return the text that makes the question this question: its words, then its options in a fixed order."""
    options = sorted(normalise_question(choice) for choice in offer.choices)
    return "\n".join([normalise_question(offer.question), *options])


_COMMON = frozenset({"0", "1", "yes", "no", "true", "false", "none", "none of the above", "all of the above"})
"""Answers that questions share by chance."""


def shares_answer(offer: Offer, other: Offer) -> bool:
    """Whether both have the same answer, and one that says something."""
    if offer.answer_kind != other.answer_kind or normalise_question(offer.answer).strip(" .") in _COMMON:
        return False
    kind: AnswerKind = "text"  # of a choice, too, only the option's text counts, not its letter
    if offer.answer_kind == "number":
        kind = "number"
    elif offer.answer_kind == "expression":
        kind = "expression"
    return same_answer(offer.answer, other.answer, kind)
