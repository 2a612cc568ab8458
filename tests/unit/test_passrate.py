from __future__ import annotations

import asyncio
from itertools import product

import pytest

from graph.passrate import Band, all_finished


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
