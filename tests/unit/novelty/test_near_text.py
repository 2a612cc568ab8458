"""Pairs whose texts are nearly equal: which of them ask the same, by kind; texts that differ in form alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import DATA, SHARED
from tools.novelty.embedder import Embedder
from tools.novelty.port import NoveltyItem
from tools.novelty.rules.contrast import abbreviates, changes_between
from tools.novelty.rules.decision import Neighbour, compare, limits_for
from tools.novelty.rules.plain_text import normal_text, words_of
from tools.novelty.stores.stored_item import fit_text

OWN = DATA / "novelty_near_text.jsonl"
OUTSIDE = SHARED / "cases" / "novelty_near_text.jsonl"


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def item(side: dict[str, Any], kind: str) -> NoveltyItem:
    choices = tuple(side.get("choices", ()))
    return NoveltyItem(question=side["question"], owner="x", answer=side["answer"], answer_kind=kind, choices=choices)


def refused_by(left: NoveltyItem, right: NoveltyItem, embedder: Embedder) -> Iterator[str]:
    """Yield the rule that refuses each after the other, empty where none does."""
    vectors = embedder.embed([fit_text(left), fit_text(right)])
    cosine = float(vectors[0] @ vectors[1])
    for offered, stored in ((left, right), (right, left)):
        match = compare(offered, Neighbour(item=stored, cosine=cosine), limits_for(embedder.model))
        yield match.rule if match else ""


@pytest.mark.parametrize("row", rows(OWN), ids=lambda row: row["kind"])
def test_a_nearly_equal_text_is_refused_only_where_it_asks_the_same(row: dict[str, Any], embedder: Embedder) -> None:
    left, right = (item(row[side], row["answer_kind"]) for side in ("left", "right"))
    assert [bool(rule) for rule in refused_by(left, right, embedder)] == [row["duplicate"]] * 2


@pytest.mark.skipif(not OUTSIDE.is_file(), reason=f"needs the pairs in {OUTSIDE.name} beside the checkout, in shared/")
def test_the_pairs_from_outside_are_decided_as_labelled(embedder: Embedder) -> None:
    wrong = []
    for row in rows(OUTSIDE):
        left, right = (item(row[side], row["kind"]) for side in ("left", "right"))
        if {bool(rule) for rule in refused_by(left, right, embedder)} != {bool(row["twin"])}:
            wrong.append(row["id"])
    assert wrong == []


def test_a_swap_is_opposed_and_a_renaming_or_a_converse_is_not() -> None:
    text = "Rosa gives 6 pens to Piet and Piet lends 2 to Rosa. How many has {}?"
    swapped = "Piet gives 6 pens to Rosa and Rosa lends 2 to Piet. How many has {}?"
    for other, opposed in ((swapped.format("Rosa"), True), (swapped.format("Piet"), False)):
        changes = changes_between(text.format("Rosa"), other)
        assert changes is not None
        assert changes.opposed is opposed
    older = changes_between(
        "Ann is 4 years older than Ben. How old is she?", "Ben is 4 years younger than Ann. How old is she?"
    )
    assert older is not None
    assert not older.opposed


def test_names_that_recur_by_chance_among_other_numbers_are_no_swap() -> None:
    text = "Rosa has {} pens and Piet has 18. {} gives {} to {}, who then sells half of his pens. How many are left?"
    redrawn = changes_between(text.format(30, "Rosa", 6, "Piet"), text.format(41, "Piet", 3, "Rosa"))
    assert redrawn is not None
    assert not redrawn.opposed
    swapped = changes_between(text.format(30, "Rosa", 6, "Piet"), text.format(30, "Piet", 6, "Rosa"))
    assert swapped is not None
    assert swapped.opposed


def test_texts_that_share_little_or_are_very_long_are_not_compared_word_by_word() -> None:
    assert changes_between("How many pens are left?", "Which organ makes insulin?") is None
    assert changes_between("word " * 500, "word " * 500) is None


@pytest.mark.parametrize(
    ("short", "long", "stands"),
    [
        ("RCA", "right coronary artery", True),
        ("TB", "tuberculosis", True),
        ("lab", "laboratory", True),
        ("LAD", "right coronary artery", False),
        ("with", "without", False),
        ("in", "insulin", False),
    ],
)
def test_abbreviations_are_read_by_their_initials_or_consonants(short: str, long: str, stands: bool) -> None:
    assert abbreviates(words_of(short), words_of(long)) is stands
    assert abbreviates(words_of(long), words_of(short)) is stands


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("two hundred and five pens", "205 pens"),
        ("3 million", "3000000"),
        ("two dozen eggs, a dozen rolls", "24 eggs a 12 rolls"),
        ("four hundred thousand two hundred", "400200"),
        ("one of them, five and six", "one of them 5 and 6"),
        ("twenty-five or 1,200", "25 or 1,200"),
        ("2.5 million years, a hundred days", "2.5 million years a hundred days"),
    ],
)
def test_numbers_in_words_are_read_as_digits(text: str, words: str) -> None:
    assert " ".join(words_of(text)) == words


def test_look_alike_letters_are_folded_in_latin_text_only() -> None:
    assert normal_text("А gаrdеn оf roses") == "a garden of roses"
    assert normal_text("Сколько роз в саду?") == "сколько роз в саду?"
