"""Each rule takes the rows that it wants, always as many as asked for; a run's settings follow from the same rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest

from agents.errors import SetupError
from graph.cli.flags import read_settings
from graph.curriculum.bandit import Steering
from graph.curriculum.selections import SELECTIONS, SelectionError, blind_third
from graph.selection_knobs import ON_POOLS, SELECTION_KNOBS
from graph.settings import Settings
from prompts.domain import load_domain


@dataclass(frozen=True)
class Row:
    prompt: str
    skill: str = "plus"
    hops: int = 1
    pass_rate: float | None = 0.0
    surprisal: float | None = 1.0


POOL = [
    *(Row(f"mastered {n}", "plus", 1 + n % 3, 0.9 if n % 10 else 0.0, 2.0) for n in range(180)),
    *(Row(f"half {n}", "minus", 2, 0.5, 1.0) for n in range(40)),
    *(Row(f"weak {n}", "double", 3, 0.0, 3.0) for n in range(20)),
]


def _chosen(rule: str, n: int = 40) -> list[Row]:
    return SELECTIONS[rule].choose(POOL, n, Random(1))


@pytest.mark.parametrize("rule", SELECTIONS)
@pytest.mark.parametrize("n", [1, 40, 239, 500])
def test_a_rule_takes_as_many_rows_as_asked_for_and_none_twice(rule: str, n: int) -> None:
    rows = _chosen(rule, n)
    assert len({row.prompt for row in rows}) == len(rows) == min(n, len(POOL))
    assert rows == _chosen(rule, n)


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [("paper", 0, 0), ("band", 0.3, 0.8), ("size_aware", 0.3, 0.9), ("learnability", 0.1, 0.9)],
)
def test_a_rule_on_pass_rates_stays_in_its_band(rule: str, low: float, high: float) -> None:
    assert all(row.pass_rate is not None and low <= row.pass_rate <= high for row in _chosen(rule, 30))


def test_weak_skills_weighs_failures_by_skill_and_does_not_count_them() -> None:
    many = Counter(row.skill for seed in range(20) for row in SELECTIONS["weak_skills"].choose(POOL, 12, Random(seed)))
    assert many["double"] > many["minus"] > many["plus"]


def test_easy_share_keeps_what_the_model_knows() -> None:
    assert sum((row.pass_rate or 0) > 0.5 for row in _chosen("easy_share")) == 12


def test_size_aware_takes_harder_rows_as_the_set_grows() -> None:
    pool = [Row(str(n), pass_rate=n % 11 / 10) for n in range(9000)]
    means = [
        sum(row.pass_rate or 0 for row in SELECTIONS["size_aware"].choose(pool, n, Random(1))) / n
        for n in (100, 200, 1000, 3000)
    ]
    assert means == sorted(means, reverse=True)


def test_fit_takes_the_explanation_that_surprises_least() -> None:
    two = [Row("same", surprisal=4.0), Row("same", surprisal=2.0), Row("other", surprisal=9.0)]
    assert {row.surprisal for row in SELECTIONS["fit"].choose(two, 2, Random(1))} == {2.0, 9.0}
    with pytest.raises(SelectionError, match="surprisal"):
        SELECTIONS["fit"].choose([Row("x", surprisal=None)], 1, Random(1))


def test_rounds_begins_with_the_blind_third_that_its_model_is_tuned_on() -> None:
    assert _chosen("rounds")[:13] == blind_third(POOL, 40, Random(1))
    assert sum(row.skill == "double" for row in _chosen("rounds")[13:]) >= 5


def test_a_pool_that_no_model_has_answered_is_one_line() -> None:
    with pytest.raises(SelectionError, match="have the model answer"):
        SELECTIONS["band"].choose([Row("x", pass_rate=None)], 1, Random(1))


def test_every_rule_can_be_followed_by_a_run_or_says_what_can() -> None:
    assert SELECTIONS.keys() == SELECTION_KNOBS.keys() | set(ON_POOLS)
    for rule in SELECTION_KNOBS:
        assert read_settings({"select": rule}).select == rule
    for rule in (*ON_POOLS, "best"):
        with pytest.raises(SetupError, match=r"--select|evals\.select"):
            read_settings({"select": rule})


def test_a_rule_sets_what_is_not_given() -> None:
    assert read_settings({}).pass_rate == "0..0"
    chosen = read_settings({"select": "band"})
    assert (chosen.pass_rate, chosen.defender_samples) == ("0.3..0.8", 6)
    assert chosen.resolved() == chosen
    assert read_settings({"select": "band", "pass_rate": "0..0.5"}).pass_rate == "0..0.5"
    sizes = [Settings(select="size_aware", target=target).resolved().pass_rate for target in (100, 500, 5000)]
    assert sizes == ["0.25..0.75", "0..0.5", "0..0.25"]


def test_a_run_with_weak_skills_aims_at_the_skill_that_the_defender_fails() -> None:
    def asked(rule: str) -> int:
        settings = Settings(domain="math", attacker="offline:attacker", select=rule, mix="natural", target=500)
        steering = Steering.of(load_domain("math"), settings)
        weak = steering.cells[0]
        for cell in {(cell.topic, cell.skill): cell for cell in steering.cells}.values():
            tally = steering._parts[cell.topic, cell.skill]
            tally.answered = 50
            tally.wrong = 50 if (cell.topic, cell.skill) == (weak.topic, weak.skill) else 0
        chosen = [steering.choose(index) for index in range(40)]
        return sum((cell.topic, cell.skill) == (weak.topic, weak.skill) for cell in chosen)

    assert asked("weak_skills") > 30
    assert asked("paper") < 10
