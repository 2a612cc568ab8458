from __future__ import annotations

import asyncio
from itertools import product

import pytest

from agents.errors import Unreadable
from agents.records import Answer, Question
from graph.question.pass_rate import Band, Samples, all_finished


@pytest.mark.parametrize("band", [Band(0, 0), Band(0, 0.5), Band(0.2, 0.8), Band(0.5, 1), Band(1, 1), Band(0, 1)])
@pytest.mark.parametrize("samples", [1, 2, 3, 4, 6])
def test_stopping_early_never_changes_the_verdict(band: Band, samples: int) -> None:
    for answers in product([False, True], repeat=samples):
        asked = passed = 0
        while wave := band.next_wave(passed, asked, samples - asked):
            passed += sum(answers[asked : asked + wave])
            asked += wave
        assert band.verdict(passed, asked, samples - asked) == band.verdict(sum(answers), samples, 0)


def test_one_right_answer_decides_where_none_is_allowed() -> None:
    band = Band(0, 0)
    assert band.next_wave(0, 0, 8) == 1
    assert band.next_wave(1, 1, 7) == 0
    assert band.verdict(1, 1, 7) == "too easy"


def test_a_band_asks_at_once_for_as_many_as_a_verdict_takes() -> None:
    band = Band(0.25, 0.75)
    assert band.next_wave(0, 0, 8) == 4, "two right and two wrong answers are the fewest that decide"
    assert band.verdict(0, 8, 0) == "too hard"
    assert band.verdict(8, 8, 0) == "too easy"
    assert band.verdict(4, 8, 0) == "right"


async def test_what_is_paid_for_ends_before_a_failure_is_raised() -> None:
    ended: list[int] = []

    async def sample(number: int) -> int:
        await asyncio.sleep(0.01 * number)
        if number == 0:
            raise ValueError("the first fails at once")
        ended.append(number)
        return number

    with pytest.raises(ValueError, match="the first fails"):
        await all_finished(sample(number) for number in range(3))
    assert ended == [1, 2]


def question() -> Question:
    return Question(
        question="How much is 2 + 2?", steps=["2 + 2 = 4"], answer="4", answer_kind="number", choices=[], inputs=[],
        program="print(2 + 2)", topic="sums", skills=["adding"],
    )  # fmt: skip


async def test_samples_stop_where_the_judge_is_asked_first_and_go_on_from_there() -> None:
    asked: list[int] = []

    async def ask(number: int) -> Answer:
        asked.append(number)
        if number == 0:
            raise Unreadable("the first is rubbish")
        return Answer(steps=[], answer="5")

    samples = Samples([], passed=0, sampled=0)
    assert not await samples.go_on(Band(0, 0), ask, question(), first=1, most=5)
    assert asked == [0, 1], "what cannot be read shows nothing, so another is asked for"
    assert await samples.go_on(Band(0, 0), ask, question(), first=5, most=5)
    assert asked == [0, 1, 2, 3, 4]
    assert (len(samples.answers), samples.passed, samples.sampled) == (4, 0, 5)


async def test_a_verdict_that_stands_before_the_judges_turn_is_final() -> None:
    async def ask(_number: int) -> Answer:
        return Answer(steps=[], answer="4")

    samples = Samples([], passed=0, sampled=0)
    assert await samples.go_on(Band(0, 0), ask, question(), first=1, most=8)
    assert samples.sampled == 1
    assert await samples.go_on(Band(0, 0.5), ask, question(), first=1, most=0), "fewer are allowed than were taken"
