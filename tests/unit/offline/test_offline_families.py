from __future__ import annotations

import asyncio
import re
from random import Random
from typing import NamedTuple

import pytest

from agents.offline.families import all_families, families_of, family_domains, topics
from agents.offline.rubric import Solution, grade
from agents.offline.stories.arithmetic import FormulaError
from agents.offline.stories.composing import Problem, compose
from agents.offline.stories.grammar import Family
from agents.offline.stories.reading import Reading, read
from agents.offline.stories.solving import own_program
from agents.records import Proof, Question, Size
from graph.question.proof import prove
from prompts.domain import load_domain
from tests.unit.offline.offline_programs import LIMITS, SameProcess, returned
from tools.inputs.numerals import input_faults, numerals
from tools.programs.values import Value

SEEDS = range(2)

by_family = pytest.mark.parametrize("family", all_families(), ids=lambda family: f"{family.domain}-{family.name}")


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
        choices=list(problem.choices),
        inputs=list(problem.inputs),
        program=problem.program,
        topic=problem.family.topic,
        skills=[problem.family.skill],
    )


def same(given: Value | str, problem: Problem) -> bool:
    return isinstance(given, Value) and question(problem).accepts(given.text)


def play(family: Family, hops: int, size: Size, seed: str) -> Played:
    problem = compose(family, hops, Random(seed), size=size)
    reading = read(problem.text, all_families())
    return Played(problem, hops, reading, (reading and own_program(reading, problem.inputs)) or "")


@pytest.fixture(scope="module")
def played() -> dict[Family, list[Played]]:
    """Every family at every number of hops and size of numbers that it has."""
    return {
        family: [
            play(family, hops, size, f"{seed}/{hops}")
            for hops in family.hops
            for size in family.sizes
            for seed in SEEDS
        ]
        for family in all_families()
    }


@by_family
def test_a_problem_has_as_many_steps_as_asked(family: Family, played: dict[Family, list[Played]]) -> None:
    assert [len(row.problem.steps) for row in played[family]] == [row.hops for row in played[family]]


@by_family
def test_the_inputs_account_for_every_number_of_the_text(family: Family, played: dict[Family, list[Played]]) -> None:
    for row in played[family]:
        assert input_faults(row.problem.text, row.problem.inputs) == []


@by_family
def test_both_programs_return_the_stated_answer(family: Family, played: dict[Family, list[Played]]) -> None:
    for row in played[family]:
        assert row.reading, row.problem.text
        assert row.reading.family is family
        for program in (row.problem.program, row.judge):
            assert same(returned(program, row.problem.inputs), row.problem), program


@by_family
def test_the_judge_goes_by_another_program(family: Family, played: dict[Family, list[Played]]) -> None:
    for row in played[family]:
        assert [line for line in row.judge.splitlines() if line not in row.problem.program.splitlines()][2:]


@by_family
def test_every_answer_is_proved_on_redrawn_inputs(family: Family, played: dict[Family, list[Played]]) -> None:
    for row in {row.hops: row for row in reversed(played[family])}.values():
        proof = asyncio.run(prove(question(row.problem), row.judge, SameProcess(), LIMITS, wanted=16, seed=row.hops))
        assert isinstance(proof, Proof), (proof, row.problem, row.judge)
        assert proof.grade == "perturbed"
        assert proof.agreed == proof.counted >= 8


@by_family
def test_the_text_is_well_formed(family: Family, played: dict[Family, list[Played]]) -> None:
    for text in (text for row in played[family] for text in (row.problem.text, *row.problem.steps)):
        assert not re.search(r"[{}|]|  | [.,;?]|\b(\w{2,}) \1\b|\.\.|\ba [aeio]\w|\ban [b-df-gj-np-tv-z]\w", text), text
        assert text[0].isupper() or text[0].isdigit()
        assert text[-1] in ".?"
    for row in played[family]:
        asking = row.problem.text.rpartition(". ")[2]
        assert "?" in asking or re.match(r"[A-Z]\w+ ", asking), asking


@by_family
def test_a_changed_number_in_the_text_is_noticed(family: Family) -> None:
    rng = Random(family.name)
    noticed = []
    for seed in range(6):
        problem = compose(family, family.hops[-1], Random(f"change {seed}"))
        constants = {given.value for given in problem.inputs if given.kind == "constant"}
        every = re.finditer(r"(?<![\w.,-])\d+(?:\.\d+)?(?![\w,-]|\.\d)", problem.text)
        free = [one for one in every if one[0] not in constants]
        for found in rng.sample(free, min(1, len(free))):
            other = f"{found[0][:-1]}{(int(found[0][-1]) + 1) % 10}"
            text = problem.text[: found.start()] + other + problem.text[found.end() :]
            reading = read(text, all_families())
            noticed.append(reading is None or own_program(reading, problem.inputs) is None)
    assert noticed
    assert all(noticed), "the inputs state other numbers than the text"


@by_family
def test_a_constant_is_written_in_every_wording(family: Family) -> None:
    stated = {name for line in family.opening for name in line.constants}
    for line in family.lines:
        for form in line.forms if line in family.opening or line.constants.keys() - stated else ():
            written = {str(one.value) for one in numerals(re.sub(r"\{\w+\}", "x", form))}
            wanted = {str(question_value(value)) for value in line.constants.values() if "/" not in str(value)}
            assert written >= wanted, form


def question_value(value: int | str) -> object:
    return numerals(f"the {value} of")[0].value


@by_family
def test_no_constant_hides_a_variable_of_the_programs(family: Family) -> None:
    code = "\n".join(line.check + "\n" + line.code for line in family.lines)
    assigned = set(re.findall(r"([a-z_]+)(?:,| =|\b in\b| [-+*/]+= )", code))
    assert not {name for line in family.lines for name in line.constants} & (
        assigned | {name for line in family.lines for name in line.quantities}
    )


@by_family
def test_a_reference_without_blemish_gets_full_marks(family: Family, played: dict[Family, list[Played]]) -> None:
    for row in played[family]:
        solution = Solution(row.problem.steps, row.problem.answer, right=True)
        graded = grade(solution, row.problem.text, row.hops)
        assert (graded.rubric.mean, graded.flaws) == (5, []), row.problem


@by_family
def test_seeds_give_different_texts(family: Family) -> None:
    texts = {compose(family, family.hops[-1], Random(seed)).text for seed in range(40)}
    assert len(texts) >= 38


@pytest.mark.parametrize(
    "family", [family for family in all_families() if 0 < len(family.choices) <= 3], ids=lambda family: family.name
)
def test_each_of_a_few_options_is_the_answer_at_times(family: Family) -> None:
    problems = [compose(family, family.hops[0], Random(seed)) for seed in range(60)]
    assert {problem.choices.index(problem.answer) for problem in problems} == set(range(len(family.choices)))


def test_names_are_unique_within_a_domain() -> None:
    assert len({(family.domain, family.name) for family in all_families()}) == len(all_families())


@pytest.mark.parametrize("domain", family_domains())
def test_a_family_belongs_to_a_topic_skill_and_answer_kind_of_its_domain(domain: str) -> None:
    pack = load_domain(domain)
    for family in families_of(domain):
        assert family.topic in pack.topics, family.name
        assert family.kind in pack.answer_kinds, family.name


def test_a_family_without_room_says_so() -> None:
    cramped = families_of("math")[0].model_copy(update={"largest": 1, "name": "cramped"})
    with pytest.raises(FormulaError, match="'cramped' finds no problem of 2 steps"):
        compose(cramped, 2, Random(1))


def test_the_topics_with_families_are_named_with_their_skills_and_steps() -> None:
    assert "weekday of a date" in topics("math")["dates"]
    assert topics("math")["dates"]["weekday of a date"] <= set(range(1, 9))
    assert topics("law") == {}
