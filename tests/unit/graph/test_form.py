"""What is refused before a program runs: off the brief, or inputs and program that do not fit together."""

from __future__ import annotations

from typing import Any

import pytest

from agents.records import Brief
from graph.question.form import form_faults, off_brief, same_again
from prompts.domain import load_domain
from tests.unit.graph.test_proof import question
from tests.unit.tools.test_inputs import stated

BRIEF = Brief(domain="math", topic="sums", skill="adding", hops=2, seed=1)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"topic": "Sums"}, ""),
        ({"steps": ["4 * 6 = 24", "24 - 5 = 19", "So 19 pens are left."]}, ""),
        ({"steps": ["4 * 6 - 5 = 19"]}, ""),
        ({"steps": ["19"] * 4}, "asked for 2 reasoning steps, and 4 came"),
        ({"topic": "dates"}, "asked for the topic 'sums', and 'dates' came"),
        ({"answer_kind": "text"}, "and 'text' came"),
    ],
)
def test_what_came_is_what_was_asked_for(changes: dict[str, Any], fault: str) -> None:
    found = off_brief(question(**changes), BRIEF, load_domain("math"))
    assert fault in found
    assert bool(found) == bool(fault)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"inputs": []}, "no inputs that it could take"),
        ({"program": "", "answer_kind": "text"}, "no program that takes them"),
        ({"program": "", "inputs": [], "answer_kind": "text"}, ""),
        ({"program": "print(19)"}, "defines no function solve"),
        ({"inputs": [stated("integer", "4", "boxes", "4 boxes")]}, "the number '6'"),
    ],
)
def test_inputs_and_program_fit_together(changes: dict[str, Any], fault: str) -> None:
    found = form_faults(question(**changes))
    assert any(fault in one for one in found) or not fault
    assert bool(found) == bool(fault)


TEXT = "Read this with care. A box holds 12 pens. How many pens do 3 boxes hold?"


@pytest.mark.parametrize(
    ("text", "answer", "same"),
    [
        ("A box holds 12 pens.  How many pens do 3 boxes hold?", "36", False),
        ("A box holds 12 pens. How many pens do 3 boxes hold?", "35", True),
        (TEXT.upper(), "36", True),
        (f"{TEXT} All boxes are full.", "36", False),
        (f"{TEXT} All boxes are full.", "35", True),
        ("A box holds 13 pens. How many pens do 3 boxes hold?", "39", False),
    ],
)
def test_a_refused_question_comes_again_only_to_be_made_clear(text: str, answer: str, same: bool) -> None:
    before = question(question=TEXT, answer="36")
    assert same_again(question(question=text, answer=answer), before) is same
