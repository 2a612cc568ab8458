from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from agents.records import SeatUsage
from graph.campaign.spending.call_order import SOLUTION, CallOrder
from graph.reports.funnel import Funnel
from graph.settings import Settings

SETTINGS = Settings(defender_samples=8)


def spent(sample: float | None, judge: float | None, tokens: tuple[int, int] = (100, 100)) -> Funnel:
    """Make a funnel in which one call of each seat has cost that much."""
    funnel = Funnel(SETTINGS)
    funnel.usage |= {
        "defender": SeatUsage(calls=1, input_tokens=tokens[0], usd=sample),
        "judge": SeatUsage(calls=1, input_tokens=tokens[1], usd=judge),
    }
    return funnel


@pytest.mark.parametrize(
    ("funnel", "first"),
    [
        (spent(1.0, 100.0), 8),  # a solution costs more than all the samples it could spare
        (spent(1.0, 0.1), 1),
        (spent(0.0, 1.0), 8),  # a server of one's own samples for nothing
        (spent(None, 0.1), 8),  # so does one whose price is not known
        (spent(0.1, None), 1),
        (spent(None, None, (1, 100)), 8),  # no prices: tokens decide
        (spent(None, None, (100, 1)), 1),
    ],
)
def test_at_first_the_price_decides(funnel: Funnel, first: int) -> None:
    assert (CallOrder(SETTINGS).samples_first(funnel) or SETTINGS.defender_samples) == first


def test_without_a_price_or_a_choice_all_samples_come_first() -> None:
    assert CallOrder(SETTINGS).samples_first(Funnel(SETTINGS)) is None
    assert CallOrder(Settings(defender_samples=1)).samples_first(spent(1.0, 0.1)) is None


def test_questions_with_wrong_answers_bring_the_judge_forward() -> None:
    order = CallOrder(SETTINGS)
    assert (order.samples_first(spent(1.0, 5.0)) or 8) > 1
    for _ in range(20):
        order.learn("unverified", 0, 1)
    assert order.samples_first(spent(1.0, 5.0)) == 1


def test_questions_that_a_late_sample_gets_right_put_the_judge_back() -> None:
    order = CallOrder(SETTINGS)
    for _ in range(20):
        order.learn("too_easy", 1, 4)
    assert order.samples_first(spent(1.0, 1.0)) == 4


def test_a_question_too_hard_for_every_sample_may_be_wrong_and_puts_the_judge_no_further_back() -> None:
    banded = Settings(defender_samples=8, pass_rate="0.2..0.8")
    order = CallOrder(banded)
    before = order.samples_first(spent(1.0, 4.0))
    for _ in range(50):
        order.learn("low_quality", 0, 7)
    assert order.samples_first(spent(1.0, 4.0)) == before
    for _ in range(50):
        order.learn("low_quality", 1, 8)
    assert order.samples_first(spent(1.0, 4.0)) == 8


def test_what_says_nothing_of_the_order_is_not_counted() -> None:
    order = CallOrder(SETTINGS)
    before = order.samples_first(spent(1.0, 4.0))
    for outcome, passed, samples in (("malformed", 0, 0), ("unverified", 0, 0), ("low_quality", 0, 8), ("kept", 0, 8)):
        for _ in range(50):
            order.learn(outcome, passed, samples)  # type: ignore[arg-type]  # outcomes by name
    assert order.samples_first(spent(1.0, 4.0)) == before


@pytest.mark.parametrize(("sample", "call"), list(product((1.0, 3.0), (0.5, 2.0, 9.0))))
def test_the_choice_is_the_cheapest_of_all_orders_for_what_was_met(sample: float, call: float) -> None:
    met: list[tuple[Any, int, int]] = [("unverified", 0, 8)] * 5
    met += [("too_easy", 1, after) for after in (1, 1, 2, 3, 3, 3, 5, 8)]
    order = CallOrder(SETTINGS)
    for attempt in met * 20:  # outweighs what it begins with
        order.learn(*attempt)

    def paid(first: int) -> float:
        """Add up what the attempts cost where so many samples come first."""
        total = 0.0
        for outcome, _, samples in met:
            if outcome == "unverified":
                total += sample * min(samples, first) + SOLUTION * call
            else:
                total += sample * samples + (SOLUTION * call if samples > first else 0.0)
        return total

    chosen = order.samples_first(spent(sample, call))
    assert chosen is not None
    assert paid(chosen) == pytest.approx(min(paid(first) for first in range(1, 9)))
