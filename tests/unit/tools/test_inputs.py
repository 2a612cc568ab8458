"""Inputs: how each kind is read and redrawn, and whether text and inputs account for each other."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.inputs.draws import make_draws
from tools.inputs.kinds import INPUT_KINDS, Input, InputError, KindName, read_input, redrawable, wire
from tools.inputs.numerals import input_faults, numerals
from tools.inputs.redraw import STOPS

STATED: dict[str, tuple[str, ...]] = {
    "integer": ("46", "900", "1,200", "-7", "1", "0"),
    "decimal": ("19.20", "0.05", "-3.5"),
    "fraction": ("3/4", "7/2", "1 1/2"),
    "percent": ("40", "2.5", "130"),
    "money": ("19.20", "1,250"),
    "ratio": ("3:2", "2:3:5"),
    "range": ("3..5",),
    "date": ("2031-05-09",),
    "time": ("14:30", "09:07"),
    "weekday": ("Monday",),
    "month": ("March",),
    "duration": ("2 h 30 min", "90 s"),
    "dna": ("ATGGCCTAA", "ACGT"),
    "rna": ("AUGGCCUAA",),
    "protein": ("MKV",),
    "one_of": ("red",),
    "constant": ("7", "house"),
}


def stated(kind: str, value: str, name: str = "x", quote: str = "") -> Input:
    options = ["red", "green", "blue"] if kind == "one_of" else []
    return Input.model_validate({"name": name, "value": value, "kind": kind, "quote": quote, "options": options})


CASES = [(kind, value) for kind, values in STATED.items() for value in values]


def test_every_kind_is_tried_here() -> None:
    assert STATED.keys() == INPUT_KINDS.keys() == set(get_args(KindName))


@pytest.mark.parametrize(("kind", "value"), CASES)
def test_a_redrawn_value_is_one_of_its_kind_and_another_one(kind: str, value: str) -> None:
    one = stated(kind, value)
    before = read_input(one)
    assert wire(before)
    if not redrawable(one):
        assert kind == "constant"
        return
    redraw = INPUT_KINDS[one.kind].redraw
    assert redraw is not None
    drawn = [redraw(Random(seed), one) for seed in range(60)]
    values = [read_input(one.model_copy(update={"value": text})) for text in drawn]
    assert all(type(after) is type(before) or isinstance(after, int | Fraction) for after in values)
    assert value == "0" or sum(after != before for after in values) >= 20
    assert drawn == [redraw(Random(seed), one) for seed in range(60)], "the same seed draws the same"


@pytest.mark.parametrize("value", ["46", "900", "12,000", "-7", "19.20", "0.05"])
def test_a_redrawn_number_keeps_sign_size_decimals_and_mostly_its_trailing_zeros(value: str) -> None:
    kind = "integer" if "." not in value else "decimal"
    redraw = INPUT_KINDS[stated(kind, value).kind].redraw
    assert redraw is not None
    size, round_ones = abs(Fraction(value.replace(",", ""))), 0
    for seed in range(80):
        text = redraw(Random(seed), stated(kind, value))
        drawn = Fraction(text.replace(",", ""))
        assert (drawn < 0) == value.startswith("-")
        assert size / 2 - 1 <= abs(drawn) <= size * Fraction(3, 2) + 1
        assert len(text.partition(".")[2]) == len(value.partition(".")[2])
        round_ones += drawn % 100 == 0
    assert not value.endswith("00") or 45 <= round_ones < 80


def test_a_reading_frame_stays_one() -> None:
    redraw = INPUT_KINDS["dna"].redraw
    assert redraw is not None
    for seed in range(50):
        drawn = redraw(Random(seed), stated("dna", "ATGGCCAAATTTTAA"))
        codons = re.findall("...", drawn)
        assert (codons[0], codons[-1], len(drawn)) == ("ATG", "TAA", 15)
        assert not set(codons[:-1]) & set(STOPS)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("integer", "4.5"), ("integer", "four"), ("percent", "40%"), ("date", "9 May"), ("fraction", "3/0"),
     ("weekday", "Mon"), ("dna", "AUG"), ("one_of", "pink"), ("ratio", "3"), ("duration", "soon")],
)  # fmt: skip
def test_a_value_that_is_not_of_its_kind_is_refused_by_name(kind: str, value: str) -> None:
    with pytest.raises(InputError, match=f"'x': {re.escape(repr(value))}"):
        read_input(stated(kind, value))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("46 crates at 19.20 dollars", [46, Fraction("19.2")]),
        ("twenty-five of two hundred and six, a dozen, half, twice", [25, 206, 12, Fraction(1, 2), 2]),
        ("CO2, p53, IL-6, Cas9, S3, 5' and 3' ends, the 3rd, m^2", []),
        ("a 36-year-old at 14:30", [36, 14, 30]),
        ("to 2 decimal places, and to three significant figures", []),
        ("10 billion reads of 2 x 150", [10, 2, 150]),
        ("1,200 and 1,200,000", [1200, 1_200_000]),
        ("from -5 degrees", [5]),
    ],
)
def test_quantities_are_told_from_names(text: str, values: list[Any]) -> None:
    assert [one.value for one in numerals(text)] == values


TEXT = "Mia buys 4 boxes of 6 pens on day 3. She gives half away, and 4 boxes are 20% off."
INPUTS = [
    stated("integer", "4", "boxes", "4 boxes of"),
    stated("integer", "6", "pens", "6 pens"),
    stated("constant", "3", "day", "day 3"),
    stated("fraction", "1/2", "share", "half"),
    stated("percent", "20", "off", "20% off"),
]


def test_inputs_that_account_for_every_number_have_no_fault() -> None:
    assert input_faults(TEXT, INPUTS) == []


@pytest.mark.parametrize(
    ("place", "change", "fault"),
    [
        (1, None, "the number '6'"),
        (3, None, "the number 'half'"),
        (2, None, "the number '3'"),
        (1, {"value": "7"}, "does not state '7'"),
        (1, {"quote": "6 pencils"}, "does not stand in the question"),
        (1, {"name": "boxes"}, "two inputs are called 'boxes'"),
        (0, {"kind": "integer", "value": "4.5"}, "'4.5' is no integer"),
        (4, {"quote": ""}, "does not stand in the question"),
    ],
)
def test_what_inputs_leave_out_or_misstate_is_named(place: int, change: dict[str, str] | None, fault: str) -> None:
    inputs = list(INPUTS)
    if change is None:
        del inputs[place]
    else:
        inputs[place] = inputs[place].model_copy(update=change)
    assert any(fault in found for found in input_faults(TEXT, inputs))


def test_draws_begin_with_the_stated_inputs_and_change_what_they_say() -> None:
    draws = make_draws(INPUTS, 1)
    assert draws[0].texts == {one.name: one.value for one in INPUTS}
    for draw in draws[1:]:
        changed = {one.name for one in INPUTS if draw.texts[one.name] != one.value}
        assert changed <= set(draw.names)
        assert draw.changed == "constant" or "day" not in changed, "a constant is not redrawn"
    assert {draw.changed for draw in draws} == {"stated", "one", "all", "half", "constant"}
    assert [draw.texts for draw in make_draws(INPUTS, 1)] == [draw.texts for draw in draws]
    assert [draw.texts for draw in make_draws(INPUTS, 2)] != [draw.texts for draw in draws]


@given(st.text(max_size=300))
def test_any_text_can_be_looked_through(text: str) -> None:
    assert all(text[one.start : one.end] == one.text for one in numerals(text))
    input_faults(text, INPUTS)
