from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.offline.families import all_families
from agents.offline.stories.composing import compose
from agents.offline.stories.grammar import Family
from prompts.domain import domain_names, load_domain
from tools.answers import AnswerKind
from tools.steps.faults import step_faults

DAYS = ("Monday", "Sunday")


def test_a_wrong_equation_is_named_with_its_step_and_value() -> None:
    faults = step_faults(["There are 3 + 4 = 7 hats.", "They cost 7 * 6 = 43 dollars."], "43", "number")
    assert faults == ["step 2: 7 * 6 = 43 does not hold, the left side is 42"]


@pytest.mark.parametrize(
    ("last", "answer", "kind", "choices"),
    [
        ("So there are 6 + 7 = 13 hats.", "42", "number", ()),
        ("So there are 17 - 4 = 13 hats.", "17", "number", ()),
        ("The share is 371 / 560 = 53/80.", "7/80", "choice", ("53/80", "7/80")),
        ("Which is Sunday.", "Monday", "choice", DAYS),
        ("The rate is 7 / 4 = 1.75.", "1.76", "expression", ()),
    ],
)
def test_a_last_step_that_ends_elsewhere_is_a_fault(
    last: str, answer: str, kind: AnswerKind, choices: tuple[str, ...]
) -> None:
    faults = step_faults(["It starts with 2 + 2 = 4.", last], answer, kind, choices)
    assert len(faults) == 1
    assert faults[0].startswith("step 2: it ends in ")


@pytest.mark.parametrize(
    ("last", "answer", "kind", "choices"),
    [
        ("So there are 6 + 7 = 13 hats in 4 boxes.", "13", "number", ()),
        ("The volume is 369.375 / 10 = 36.9375 mL, rounded 36.9 mL.", "36.9", "number", ()),
        ("The volume is 369.375 / 10 = 36.9375 mL.", "36.9 mL", "number", ()),
        ("The share is 1 / 4 = 0.25.", "25%", "number", ()),
        ("She comes in 7 - 1 = 6th.", "6", "number", ()),
        ("So it takes twelve days.", "12", "number", ()),
        ("So the box is full.", "12", "number", ()),
        ("The total is 1,200 + 34 = 1,234.", "$1234", "number", ()),
        ("Hence a(n) = 3**(n + 1) + 2.", "2 + 3**(n+1)", "expression", ()),
        ("From Monday on, (3 + 444) % 7 = 6, which is Sunday.", "Sunday", "choice", DAYS),
        ("It cannot be Sunday.", "Monday", "choice", DAYS),
        ("The strand reads ATG.", "GCC", "text", ()),
    ],
)
def test_an_answer_that_is_reached_or_cannot_be_read_is_no_fault(
    last: str, answer: str, kind: AnswerKind, choices: tuple[str, ...]
) -> None:
    assert step_faults([last], answer, kind, choices) == []


def test_no_steps_have_no_faults() -> None:
    assert step_faults([], "4", "number") == []


@pytest.mark.parametrize("family", all_families(), ids=lambda family: family.name)
def test_the_offline_families_have_no_faults_and_a_changed_digit_is_one(family: Family) -> None:
    for hops in {family.hops[0], family.hops[-1]}:
        problem = compose(family, hops, Random(f"steps {hops}"))
        steps = list(problem.steps)
        assert step_faults(steps, problem.answer, family.kind, family.choices) == []
        equations = [place for place, step in enumerate(steps) if re.search(r"[=≈] \d", step)]
        if not equations:  # some questions of one step only compare two numbers
            continue
        place = equations[0]
        steps[place] = re.sub(
            r"([=≈]) (\d)", lambda found: f"{found[1]} {int(found[2]) % 8 + 2}", steps[place], count=1
        )
        assert step_faults(steps, problem.answer, family.kind, family.choices)


@pytest.mark.parametrize("domain", domain_names())
def test_the_exemplars_have_no_faults(domain: str) -> None:
    for shown in load_domain(domain).exemplars:
        assert step_faults(shown["steps"], shown["answer"], shown["answer_kind"], shown["choices"]) == []


@given(st.lists(st.text(), max_size=4), st.text(), st.sampled_from(["number", "choice", "expression", "text"]))
def test_no_steps_and_no_answer_raise(steps: list[str], answer: str, kind: AnswerKind) -> None:
    assert isinstance(step_faults(steps, answer, kind, [answer, *steps]), list)


@pytest.mark.parametrize(
    ("step", "holds"),
    [
        ("The gap has 5 + 4 = 3 bases.", False),
        ("The gap has 5 + 4 = 1 bases.", False),
        ("That is 9 bases = 3 codons.", True),
        ("It takes 2 weeks = 14 days.", True),
        ("It takes 2 * 1 = 14 days.", False),
        ("It takes 2 * 1 = 120 minutes.", True),
        ("The plot has 2 * 1 = 20000 square cm.", True),
    ],
)
def test_a_change_of_units_is_no_fault_and_a_small_slip_is_no_change_of_units(step: str, holds: bool) -> None:
    faults = step_faults([step, "So it is 42."], "42", "number")
    assert (faults == []) is holds, faults
