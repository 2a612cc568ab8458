from __future__ import annotations

import asyncio
import re
from random import Random
from typing import NamedTuple

import pytest

from agents.offline.families import ALL_FAMILIES, FAMILIES, topics
from agents.offline.rubric import Solution, grade, shown_work
from agents.offline.stories.arithmetic import FormulaError
from agents.offline.stories.composing import Problem, compose
from agents.offline.stories.grammar import Family
from agents.offline.stories.reading import Reading, read
from agents.offline.stories.solving import own_program
from agents.records import Proof, Question
from graph.question.proof import prove
from prompts.domain import domain_names, load_domain
from tests.unit.offline.offline_programs import LIMITS, SameProcess, returned
from tools.inputs.numerals import input_faults, numerals
from tools.programs.values import Value

HOPS = range(2, 9)
SEEDS = range(2)
MATH_TOPICS = {
    "arithmetic",
    "rates",
    "percent",
    "mixtures",
    "number theory",
    "dates",
    "sequences",
    "probability",
    "geometry",
    "unit conversion",
}

by_family = pytest.mark.parametrize("family", ALL_FAMILIES, ids=lambda family: family.name)


class Played(NamedTuple):
    """A composed problem, how the Judge reads it, and the Judge's own program."""

    problem: Problem
    hops: int
    reading: Reading | None
    judge: str


def question(problem: Problem) -> Question:
    return Question(
        question=problem.text,
        steps=list(problem.steps),
        answer=problem.answer,
        answer_kind=problem.family.kind,
        choices=list(problem.family.choices),
        inputs=list(problem.inputs),
        program=problem.program,
        topic=problem.family.topic,
        skills=[problem.family.skill],
    )


def same(given: Value | str, problem: Problem) -> bool:
    return isinstance(given, Value) and question(problem).accepts(given.text)


def play(family: Family, hops: int, seed: str) -> Played:
    problem = compose(family, hops, Random(seed))
    reading = read(problem.text, ALL_FAMILIES)
    return Played(problem, hops, reading, (reading and own_program(reading, problem.inputs)) or "")


@pytest.fixture(scope="module")
def played() -> dict[str, list[Played]]:
    """Every family at every number of hops."""
    return {
        family.name: [play(family, hops, f"{seed}/{hops}") for hops in HOPS for seed in SEEDS]
        for family in ALL_FAMILIES
    }


@by_family
def test_a_problem_has_as_many_steps_as_asked(family: Family, played: dict[str, list[Played]]) -> None:
    assert [len(row.problem.steps) for row in played[family.name]] == [row.hops for row in played[family.name]]


@by_family
def test_the_inputs_account_for_every_number_of_the_text(family: Family, played: dict[str, list[Played]]) -> None:
    for row in played[family.name]:
        assert input_faults(row.problem.text, row.problem.inputs) == []


@by_family
def test_both_programs_return_the_stated_answer(family: Family, played: dict[str, list[Played]]) -> None:
    for row in played[family.name]:
        assert row.reading, row.problem.text
        assert row.reading.family is family
        for program in (row.problem.program, row.judge):
            assert same(returned(program, row.problem.inputs), row.problem), program


@by_family
def test_the_judge_goes_by_another_program(family: Family, played: dict[str, list[Played]]) -> None:
    for row in played[family.name]:
        assert [line for line in row.judge.splitlines() if line not in row.problem.program.splitlines()][2:]


@by_family
def test_every_answer_is_proved_on_redrawn_inputs(family: Family, played: dict[str, list[Played]]) -> None:
    for row in played[family.name][:: 2 * len(SEEDS)]:
        proof = asyncio.run(prove(question(row.problem), row.judge, SameProcess(), LIMITS, wanted=16, seed=row.hops))
        assert isinstance(proof, Proof), (proof, row.problem, row.judge)
        assert proof.grade == "perturbed"
        assert proof.agreed == proof.counted >= 8


@by_family
def test_a_changed_number_in_the_text_is_noticed(family: Family) -> None:
    rng = Random(family.name)
    noticed = []
    for seed in range(6):
        problem = compose(family, 4, Random(f"change {seed}"))
        found = rng.choice(list(re.finditer(r"(?<![\w-])\d+(?![\w-])", problem.text)))
        text = f"{problem.text[: found.start()]}{int(found[0]) + 1}{problem.text[found.end() :]}"
        reading = read(text, ALL_FAMILIES)
        noticed.append(reading is None or own_program(reading, problem.inputs) is None)
    assert all(noticed), "the inputs state other numbers than the text"


@by_family
def test_a_constant_is_written_in_every_wording(family: Family) -> None:
    lines = (family.opening, *family.moves, family.closing)
    for line in lines:
        for form in line.forms if line is family.opening or line.constants != family.opening.constants else ():
            written = {one.value for one in numerals(re.sub(r"\{\w+\}", "x", form))}
            assert written >= set(line.constants.values()), form


@by_family
def test_no_constant_hides_a_variable_of_the_programs(family: Family) -> None:
    lines = (family.opening, *family.moves, family.closing)
    assigned = set(
        re.findall(r"([a-z_]+)(?:,| =|\b in\b| [-+*/]+= )", "\n".join(line.check + "\n" + line.code for line in lines))
    )
    assert not {name for line in lines for name in line.constants} & (
        assigned | {name for line in lines for name in line.sets}
    )


@by_family
def test_a_reference_is_graded_close_to_full_marks(family: Family, played: dict[str, list[Played]]) -> None:
    for row in played[family.name]:
        solution = Solution(row.problem.steps, row.problem.answer, right=True)
        graded = grade(solution, row.problem.text, shown_work(row.problem.steps, row.problem.program))
        assert graded.rubric.mean >= 4.5, (graded, row.problem)


@by_family
def test_a_family_can_be_told_in_several_ways(family: Family) -> None:
    assert len(family.moves) >= 3
    assert len(family.opening.forms) >= 3
    lines = (family.opening, *family.moves, family.closing)
    drawn = {name for line in lines for name in (*line.draws, *line.texts)}
    kept = {name for line in lines for name in line.sets}
    assert not drawn & kept, "a slot must not hide a quantity"


@by_family
def test_seeds_give_different_texts(family: Family) -> None:
    texts = {compose(family, 3, Random(seed)).text for seed in range(40)}
    assert len(texts) >= 38


def test_names_are_unique() -> None:
    assert len({family.name for family in ALL_FAMILIES}) == len(ALL_FAMILIES)


def test_math_covers_its_topics_and_the_others_three_each() -> None:
    assert {family.topic for family in FAMILIES["math"]} >= MATH_TOPICS
    for domain, wanted in {
        "genomics": ("sequence analysis", "population genetics", "primer and pcr design"),
        "medicine": ("dosing", "clinical calculations", "epidemiology"),
    }.items():
        for topic in wanted:
            assert sum(family.topic == topic for family in FAMILIES[domain]) >= 3, topic


@pytest.mark.parametrize("domain", [name for name in domain_names() if name in FAMILIES])
def test_a_family_belongs_to_a_topic_and_answer_kind_of_its_domain(domain: str) -> None:
    pack = load_domain(domain)
    for family in FAMILIES[domain]:
        assert family.topic in pack.topics, family.name
        assert family.kind in pack.answer_kinds, family.name


def test_all_kinds_of_answers_occur() -> None:
    assert {family.kind for family in ALL_FAMILIES} == {"number", "choice", "expression"}


def test_a_family_without_room_says_so() -> None:
    cramped = Family(
        name="cramped",
        topic="arithmetic",
        skill="none",
        opening=ALL_FAMILIES[0].opening,
        moves=ALL_FAMILIES[0].moves,
        closing=ALL_FAMILIES[0].closing,
        answer="stock",
        words=ALL_FAMILIES[0].words,
        largest=1,
    )
    with pytest.raises(FormulaError, match="'cramped' finds no problem of 2 steps"):
        compose(cramped, 2, Random(1))


def test_the_topics_with_families_are_named_with_their_skills() -> None:
    assert topics("genomics").keys() == {"sequence analysis", "population genetics", "primer and pcr design"}
    assert "weekday of a date" in topics("math")["dates"]
    assert topics("law") == {}
