from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from agents.offline.blemishes import BLEMISHES, SHIFTS, blemished, chosen
from agents.offline.families import all_families
from agents.offline.rubric import Grade, Solution, grade
from agents.offline.stories.composing import Problem, compose
from agents.rows import level_of
from tools.steps.faults import step_faults

LONG = [family for family in all_families() if family.hops[-1] >= 4]


def written(family_index: int, names: list[str]) -> tuple[Problem, list[str], Grade]:
    family = LONG[family_index]
    problem = compose(family, family.hops[-1], Random("blemish"))
    steps = blemished(problem.steps, names, Random(family_index))
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


def test_levels_spread() -> None:
    levels = Counter[str]()
    for index, family in enumerate(LONG):
        for seed in range(4):
            names = chosen(family.hops[-1], family.hops, Random(f"{index}/{seed}"))
            levels[level_of(written(index, names)[2].rubric.mean)] += 1
    assert {"L3", "L4", "L5"} <= levels.keys()
    assert levels["L4"] >= 0.15 * levels.total()


def test_what_changes_the_number_of_steps_is_chosen_only_where_the_family_has_that_many() -> None:
    assert not {name for seed in range(200) for name in chosen(3, (3,), Random(seed))} & SHIFTS.keys()
    assert {name for seed in range(200) for name in chosen(3, (2, 3, 4), Random(seed))} == BLEMISHES.keys()
    assert all(chosen(1, (1, 2), Random(seed)) == [] for seed in range(50))
