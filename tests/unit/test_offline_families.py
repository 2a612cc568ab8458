from __future__ import annotations

import re
from random import Random
from typing import NamedTuple

import pytest

from agents.offline.arithmetic import FormulaError
from agents.offline.composing import Problem, compose
from agents.offline.families import ALL_FAMILIES, FAMILIES
from agents.offline.grammar import Family
from agents.offline.reading import read
from agents.offline.rubric import Solution, grade, shown_work
from prompts.domain import domain_names, load_domain
from tests.unit.offline_programs import outputs
from tools.answers import same_answer

STEPS = range(2, 9)
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


class Told(NamedTuple):
    problem: Problem
    steps: int
    printed: str
    judged: str
    read_as: Family | None


@pytest.fixture(scope="module")
def told() -> dict[str, list[Told]]:
    """Every family at every number of steps, with what both programs print; all programs share one process."""
    problems = [
        (compose(family, steps, Random(f"{seed}/{steps}")), steps)
        for family in ALL_FAMILIES
        for steps in STEPS
        for seed in SEEDS
    ]
    readings = [read(problem.text, ALL_FAMILIES) for problem, _ in problems]
    programs = [problem.program for problem, _ in problems]
    printed = outputs([*programs, *(reading[1] if reading else "" for reading in readings)])
    table: dict[str, list[Told]] = {}
    for place, ((problem, steps), reading) in enumerate(zip(problems, readings, strict=True)):
        row = Told(problem, steps, printed[place], printed[len(programs) + place], reading[0] if reading else None)
        table.setdefault(problem.family.name, []).append(row)
    return table


def same(given: str, problem: Problem) -> bool:
    return same_answer(given, problem.answer, problem.family.kind, problem.family.choices)


@by_family
def test_a_problem_has_as_many_steps_as_asked(family: Family, told: dict[str, list[Told]]) -> None:
    assert [len(row.problem.steps) for row in told[family.name]] == [row.steps for row in told[family.name]]


@by_family
def test_the_program_prints_the_stated_answer(family: Family, told: dict[str, list[Told]]) -> None:
    for row in told[family.name]:
        assert same(row.printed, row.problem), (row.printed, row.problem)


@by_family
def test_the_judge_reads_the_text_alone_and_its_own_program_agrees(family: Family, told: dict[str, list[Told]]) -> None:
    for row in told[family.name]:
        assert row.read_as is family, row.problem.text
        assert same(row.judged, row.problem), (row.judged, row.problem)


@by_family
def test_the_judge_goes_by_another_program(family: Family, told: dict[str, list[Told]]) -> None:
    for row in told[family.name]:
        reading = read(row.problem.text, ALL_FAMILIES)
        assert reading
        assert reading[1].strip() != row.problem.program.strip()


@by_family
def test_a_changed_number_in_the_text_changes_the_judges_answer(family: Family) -> None:
    rng = Random(family.name)
    changed = []
    for seed in range(6):
        problem = compose(family, 4, Random(f"change {seed}"))
        found = rng.choice(list(re.finditer(r"(?<![\w-])\d+(?![\w-])", problem.text)))
        text = f"{problem.text[: found.start()]}{int(found[0]) + 1}{problem.text[found.end() :]}"
        reading = read(text, ALL_FAMILIES)
        changed.append((reading[1] if reading else "print('unread')", problem))
    printed = outputs([program for program, _ in changed])
    differing = [not same(said, problem) for said, (_, problem) in zip(printed, changed, strict=True)]
    assert sum(differing) >= 3


@by_family
def test_a_reference_is_graded_close_to_full_marks(family: Family, told: dict[str, list[Told]]) -> None:
    for row in told[family.name]:
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
    for domain, topics in {
        "genomics": ("sequence analysis", "population genetics", "primer and pcr design"),
        "medicine": ("dosing", "clinical calculations", "epidemiology"),
    }.items():
        for topic in topics:
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
