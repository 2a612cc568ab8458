"""A text with other inputs: numerals, words, letters and later mentions replaced, or no text at all."""

from __future__ import annotations

import pytest

from tests.unit.tools.test_inputs import INPUTS, TEXT, stated
from tools.inputs.rewrite import rewrite

SAME = {one.name: one.value for one in INPUTS}


def test_stated_inputs_give_the_text_as_it_is() -> None:
    assert rewrite(TEXT, INPUTS, SAME) == TEXT


def test_each_input_is_replaced_where_it_stands_and_where_it_is_mentioned_again() -> None:
    text = rewrite(TEXT, INPUTS, SAME | {"boxes": "7", "pens": "9", "off": "35"})
    assert text == "Mia buys 7 boxes of 9 pens on day 3. She gives half away, and 7 boxes are 35% off."


@pytest.mark.parametrize(
    ("text", "one", "value", "after"),
    [
        ("He eats 3/4 of it.", stated("fraction", "3/4", "x", "3/4 of it"), "2/5", "He eats 2/5 of it."),
        ("The strand ATGC.", stated("dna", "ATGC", "x", "strand ATGC"), "GGTA", "The strand GGTA."),
        ("On Monday it rains.", stated("weekday", "Monday", "x", "On Monday"), "Friday", "On Friday it rains."),
        ("It opens at 14:30.", stated("time", "14:30", "x", "at 14:30"), "09:15", "It opens at 09:15."),
        ("Two cats sleep.", stated("integer", "2", "x", "Two cats"), "5", "5 cats sleep."),
        ("It takes 2 h 30 min.", stated("duration", "2 h 30 min", "x", "2 h 30 min"), "3 h 10 min",
         "It takes 3 h 10 min."),
        ("Born on 9 May 2031.", stated("date", "2031-05-09", "x", "9 May 2031"), "2030-01-01", None),
        ("He eats half of it.", stated("fraction", "1/2", "x", "half of it"), "2/5", None),
    ],
)  # fmt: skip
def test_a_value_takes_the_form_of_the_stated_one_or_there_is_no_text(
    text: str, one: object, value: str, after: str | None
) -> None:
    assert rewrite(text, [one], {"x": value}) == after  # type: ignore[list-item]  # an Input
