"""How far two answers may lie apart and still be the same: pairs just within each margin, and just beyond it."""

from __future__ import annotations

import pytest

from tools.answers import AnswerKind, same_answer


@pytest.mark.parametrize(
    ("given", "expected", "same"),
    [
        ("33.3333333", "33.33", True),
        ("33.0", "33.33", False),
        ("1.234917", "1.23", True),
        ("1.225107", "1.23", True),
        ("1.237512", "1.23", False),  # less than a unit of the last digit away, and more than half of one
        ("1.222512", "1.23", False),
        ("12.349271", "12.3", True),
        ("12.375271", "12.3", False),
        ("1.2349", "1.23", False),  # itself rounded, to digits that 1.23 does not have
        ("12.46", "12.5", False),
        ("1.23449", "1.234", True),  # four digits allow it
        ("1.23451", "1.234", False),
        ("1.24", "1.2", False),  # two digits state no rounding
        ("0.124", "0.12", False),
        ("7", "6.9", False),
    ],
)
def test_a_stated_rounding_allows_half_a_unit_of_its_last_digit(given: str, expected: str, same: bool) -> None:
    assert same_answer(given, expected, "number") is same


@pytest.mark.parametrize("first", ["3", "4"])
def test_of_several_numbers_an_earlier_one_is_never_the_answer(first: str) -> None:
    for text in (f"{first} pens and 5 more make 9", f"{first}, no, 9", f"{first} 9", f"step {first}: 9"):
        assert not same_answer(text, first, "number"), text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2x - 0.734", "x"),
        ("2x - 1.618", "x"),
        ("2x - 2.902", "x"),
        ("x + (x - 0.734)*(x - 1.618)", "x"),
        ("x + (x - 0.734)*(x - 2.902)", "x"),
        ("x + (x - 1.618)*(x - 2.902)", "x"),
        ("2x + y - 0.734", "x + y"),
        ("x^3", "x"),  # the same at -1, 0 and 1
    ],
)
@pytest.mark.parametrize("kind", ["expression", "text"])
def test_formulas_that_agree_at_one_or_two_points_are_different(given: str, expected: str, kind: AnswerKind) -> None:
    assert not same_answer(given, expected, kind)
    assert not same_answer(expected, given, kind)
    assert same_answer(given, given, kind)
