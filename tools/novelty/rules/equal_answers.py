"""Compare the answers of two items; of a choice only the option's text counts, and abbreviations count as equal."""

from __future__ import annotations

from functools import lru_cache

from tools.answers import normalise_question, read_number, same_answer
from tools.novelty.port import NoveltyItem
from tools.novelty.rules.contrast import abbreviates
from tools.novelty.rules.plain_text import words_of

_COMMON = frozenset({"0", "1", "yes", "no", "true", "false", "none", "none of the above", "all of the above"})
"""Answers that questions share by chance."""


def shares_answer(item: NoveltyItem, other: NoveltyItem) -> bool:
    """Return whether both have the same answer, and not one that many questions share."""
    if not (item.answer and other.answer) or item.answer_kind != other.answer_kind:
        return False
    return normalise_question(item.answer).strip(" .") not in _COMMON and _equal_answers(item, other)


def answers_differ(item: NoveltyItem, other: NoveltyItem) -> bool:
    """Return whether both answers are known, of one kind, and different."""
    if not (item.answer and other.answer) or item.answer_kind != other.answer_kind:
        return False
    return not _equal_answers(item, other)


@lru_cache(maxsize=8192)
def _magnitude(answer: str) -> float | None:
    number = read_number(answer)
    try:
        return None if number is None else float(number)
    except OverflowError:
        return None


def _far_apart(item: NoveltyItem, other: NoveltyItem) -> bool:
    """Return whether two numbers differ so much that the exact comparison is needless."""
    a, b = _magnitude(item.answer), _magnitude(other.answer)
    return a is not None and b is not None and abs(a - b) > 0.01 + 0.02 * abs(b)


@lru_cache(maxsize=8192)
def _equal_texts(one: str, other: str) -> bool:
    """Return whether two answers in words are the same, or one abbreviates the other."""
    mine, theirs = words_of(one), words_of(other)
    if mine and theirs:
        return mine == theirs or abbreviates(mine, theirs) or same_answer(one, other, "text")
    return same_answer(one, other, "text")


def _equal_answers(item: NoveltyItem, other: NoveltyItem) -> bool:
    """Return whether two answers of one kind are equal; of a choice only the option's text counts, not its letter."""
    if item.answer_kind == "number":
        return not _far_apart(item, other) and same_answer(item.answer, other.answer, "number")
    if item.answer_kind == "expression":
        return same_answer(item.answer, other.answer, "expression")
    return _equal_texts(item.answer, other.answer)
