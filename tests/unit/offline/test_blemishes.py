from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from agents.offline.blemishes import BLEMISHES, Chosen, blemished, chosen
from agents.offline.families import all_families
from agents.offline.rubric import Grade, Solution, grade
from agents.offline.stories.composing import Problem, compose
from agents.offline.stories.grammar import Family
from agents.rows import level_of
from tools.steps.faults import step_faults

LONG = [family for family in all_families() if family.hops[-1] >= 4]


def written(family_index: int, names: list[str], seed: int = 0) -> tuple[Problem, list[str], Grade]:
    family = LONG[family_index]
    return blemish(family, Chosen(names, family.hops[-1]), family.hops[-1] - ("merged step" in names), seed)


def blemish(family: Family, choice: Chosen, hops: int, seed: int) -> tuple[Problem, list[str], Grade]:
    problem = compose(family, choice.steps, Random(f"blemish {seed}"))
    steps, _ = blemished(problem.steps, choice.names, hops, Random(f"{family.name} {seed}"))
    return problem, steps, grade(Solution(steps, problem.answer, right=True), problem.text, len(problem.steps))


@pytest.mark.parametrize("name", BLEMISHES)
def test_a_blemish_is_found_by_its_name_and_no_equation_is_wrong(name: str) -> None:
    found = 0
    for index, family in enumerate(LONG):
        problem, steps, graded = written(index, [name])
        assert step_faults(steps, problem.answer, family.kind, problem.choices) == []
        assert graded.rubric.correctness == 5
        found += any(flaw.startswith(name) for flaw in graded.flaws)
        others = [other for other in BLEMISHES if other != name and any(one.startswith(other) for one in graded.flaws)]
        assert not others, (steps, graded.flaws)
    assert found >= 0.6 * len(LONG), (
        "steps that do not need each other, or that state a number in words, stay as they are"
    )


@pytest.mark.parametrize("name", BLEMISHES)
def test_a_blemish_that_is_found_lowers_the_grade(name: str) -> None:
    for index in range(0, len(LONG), 5):
        _, _, graded = written(index, [name])
        if graded.flaws:
            assert graded.rubric.mean < 5


def test_levels_spread_from_l2_to_l5_and_most_explanations_have_no_blemish() -> None:
    levels, untouched = Counter[str](), 0
    for family in LONG:
        hops = family.hops[len(family.hops) // 2]
        for seed in range(6):
            choice = chosen(hops, family.hops, Random(f"{family.name}/{seed}"))
            levels[level_of(blemish(family, choice, hops, seed)[2].rubric.mean)] += 1
            untouched += not choice.names
    assert set(levels) == {"L2", "L3", "L4", "L5"}
    assert levels["L4"] >= 0.15 * levels.total()
    assert untouched > 0.5 * levels.total()


def test_a_blemish_that_cannot_be_put_in_is_not_named() -> None:
    steps = ["They have 2 + 3 = 5.", "Doubled, that is 5 * 2 = 10.", "Shared by 5, it is 10 / 5 = 2."]
    same = ["They have 2 + 3 = 5.", "Others have 4 * 2 = 8.", "All have 5 + 8 = 13."]
    assert blemished(steps, ["clumsy order"], 3, Random(1)) == ([steps[1], steps[0], steps[2]], ["clumsy order"])
    assert blemished(same, ["clumsy order"], 3, Random(1)) == (same, []), "no step uses the one before"


def test_what_changes_the_number_of_steps_is_chosen_only_where_the_family_has_that_many() -> None:
    shifting = {"merged step", "needless step"}
    alone = [chosen(3, (3,), Random(seed)) for seed in range(200)]
    assert {len(shifting & {*choice.names}) for choice in alone} == {0, 2}, "one makes room for the other"
    assert {choice.steps for choice in alone} == {3}
    assert {name for seed in range(200) for name in chosen(3, (2, 3, 4), Random(seed)).names} == BLEMISHES.keys()
    assert {chosen(3, (2, 3, 4), Random(seed)).steps for seed in range(200)} == {2, 3, 4}
    assert all(chosen(1, (1, 2), Random(seed)) == ([], 1) for seed in range(50))
