"""Arms are what they say, statistics find what is there and no more, and the same text is never in arm and test."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from agents.errors import SetupError
from evals.comparison.arms import ARMS, Sources, arm_rows
from evals.comparison.contamination import refuse_near, refuse_same
from evals.comparison.declared import load_declared, material
from evals.comparison.pool import PoolRow
from evals.comparison.small_task import SKILLS, item
from evals.comparison.statistics import accuracy, deviation, difference, mcnemar, visible
from evals.training.rows import TrainRow
from graph.curriculum.selections import SELECTIONS

POOL = [
    row.model_copy(update={"pass_rate": 0.0 if row.hops == 3 else 1.0})
    for row in material(load_declared()["even"]).pool
]
SOURCES = Sources(POOL, [], 24)


@pytest.mark.parametrize("name", load_declared())
def test_a_declared_setting_keeps_pool_and_test_apart(name: str) -> None:
    drawn = material(load_declared()[name])
    rows = [*drawn.start, *drawn.pool, *drawn.validation, *(row for group in drawn.test.values() for row in group)]
    assert len({row.prompt for row in rows}) == len(rows)
    assert all(row.judged(row.completion) is True for row in rows)
    assert drawn == material(load_declared()[name])


def test_a_skill_gap_is_rare_in_the_pool_and_in_no_item_of_the_rest() -> None:
    drawn = material(load_declared()["skill_gap"])
    many = Counter(row.skill for row in drawn.pool)
    assert 0.05 < many["double"] / len(drawn.pool) < 0.15
    assert not any("doubles" in row.prompt for row in [*drawn.start, *drawn.test["rest"]])
    assert all("doubles" in row.prompt for row in drawn.test["gap"])
    assert any("more come" in row.prompt for row in drawn.test["gap"]), "it is needed beside the old skills"


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_an_item_has_as_many_steps_as_asked_for_and_a_right_answer(hops: int) -> None:
    for seed in range(50):
        row = item(Random(seed), "double", hops, SKILLS)
        steps = row.completion.splitlines()[:hops]
        assert all(eval(step[3:].partition("=")[0]) == int(step.rstrip(".").rpartition("= ")[2]) for step in steps)
        assert steps[-1].endswith(f"= {row.answer}.")


def test_the_declared_arms_are_there() -> None:
    controls = {"base", "random_matched", "random_same_mix", "full", "full_matched_steps"}
    assert {name for name, arm in ARMS.items() if arm.control} == controls
    assert ARMS.keys() >= {"survivors", *SELECTIONS} - {"fit"}


def test_arms_are_equal_in_size_and_the_same_mix_is_that_of_the_survivors() -> None:
    drawn = {name: arm_rows(name, SOURCES, 3) for name in ARMS}
    assert {len(rows) for name, rows in drawn.items() if name not in ("base", "full", "full_matched_steps")} == {24}
    assert len(drawn["full"]) == len(drawn["full_matched_steps"]) == len(POOL)
    survivors, same = drawn["survivors"], drawn["random_same_mix"]
    assert Counter(row.mix for row in survivors) == Counter(row.mix for row in same)
    assert {row.prompt for row in survivors} != {row.prompt for row in same}
    assert {row.hops for row in survivors} == {3}
    assert len({row.prompt for row in same}) == 24
    assert arm_rows("survivors", SOURCES, 3) == survivors != arm_rows("survivors", SOURCES, 4)


def test_an_empty_arm_is_one_line() -> None:
    with pytest.raises(SetupError, match="arm 'random_matched' is empty"):
        arm_rows("random_matched", Sources([], [], 3), 0)


def test_a_clear_difference_is_found_and_none_is_not() -> None:
    rng = Random(1)
    coins = [[rng.random() < 0.5 for _ in range(200)] for _ in range(10)]
    good = [[rng.random() < 0.75 for _ in range(200)] for _ in range(5)]
    gap = difference(good, coins[:5])
    assert gap.low > 10
    assert gap.low < gap.mean < gap.high
    assert mcnemar(good, coins[:5]) < 0.001
    null = difference(coins[:5], coins[5:])
    assert not null.excludes_zero
    assert mcnemar(coins[:5], coins[5:]) > 0.01
    assert accuracy(good).low < 75 < accuracy(good).high


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng, hits = Random(7), 0
    for trial in range(60):
        seeds = [0.5 + rng.gauss(0, 0.04) for _ in range(5)]
        left = [[rng.random() < share for _ in range(120)] for share in seeds]
        right = [[rng.random() < share for _ in range(120)] for share in seeds]
        found = difference(left, right, seed=trial)
        hits += found.low <= 0 <= found.high
    assert hits >= 54


def test_power_and_deviation_are_in_points() -> None:
    assert visible(300) == pytest.approx(6.2, abs=0.05)
    assert deviation([[True, False], [True, True]]) == pytest.approx(35.36, abs=0.01)
    assert deviation([[True]]) is None
    assert mcnemar([[True, True]], [[True, True]]) == 1.0
    assert mcnemar([[True] * 10], [[False] * 9 + [True]]) == pytest.approx(2 / 2**9)
    assert mcnemar([[True] * 3 + [False]], [[False] * 3 + [True]]) == pytest.approx(0.625)


def test_the_same_text_in_arm_and_test_is_refused() -> None:
    with pytest.raises(SetupError, match="1 of 3 rows to train on are in the test"):
        refuse_same([*POOL[:2], POOL[5].model_copy(update={"prompt": f" {POOL[5].prompt.upper()} "})], POOL[5:9])
    refuse_same(POOL[:5], POOL[5:9])


def test_a_paraphrase_of_a_test_item_is_refused_with_the_rule() -> None:
    text = "A train covers 240 kilometres in 3 hours. What is its average speed in kilometres per hour?"
    item = PoolRow(prompt=text, completion="ANSWER: 80", answer="80", answer_kind="number")
    near = item.model_copy(update={"prompt": text.replace("240", "360"), "answer": "120"})
    far = item.model_copy(update={"prompt": "How many ways are there to seat five guests around a round table?"})
    with pytest.raises(SetupError, match="too near an item of the test"):
        refuse_near({"pool": [far, near]}, [item])
    refuse_near({"pool": [far]}, [item])


def test_a_pool_row_is_a_training_row() -> None:
    assert TrainRow.model_fields.keys() < PoolRow.model_fields.keys()
