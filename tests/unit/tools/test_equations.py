from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import assert_not_quadratic
from tools.steps.equations import equations

ARITHMETIC = st.text(st.sampled_from("0123456789 +-*/^%=()[].,:!$x²½≈<>\\{}|_'\n") | st.sampled_from("abCmkgofand"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 crates hold 7 * 12 = 84 jars.", [True]),
        ("48/2 = 24 clips, 48+24 = 72", [True, True]),
        ("27 + 4 * 3 = 27 + 12 = 39", [True, True]),
        ("27 + 4 * 3 = 27 + 12 = 40", [True, False]),
        ("20% * 50 = 10", [True]),
        ("50% of 20 = 10", [True]),
        ("50% of 20 = 11", [False]),
        ("15 percent of 80 = 12, 80 * 15% = 13", [True, False]),
        ("3/4 of 12 = 9", [True]),
        ("100 + 10% = 110", [True]),
        ("5 / 20 * 100 = 25%", [True]),
        ("3 x 4 = 12 and $5 × 3 = $16", [True, False]),
        ("gcd(84, 36) = 12, lcm(4, 6) = 13", [True, False]),
        ("C(16,3) = 16*15*14/6 = 560", [True, True]),
        ("C(16, 3) = 16 · 15 · 14 / 6 = 561", [True, False]),
        ("5! = 120, 4! / 2 = 13", [True, False]),
        ("2^10 = 1024 and 3² = 9 and 2 ** 3 = 9", [True, True, False]),
        ("99 % 7 = 1", [True]),
        ("17 mod 5 = 2", [True]),
        ("1,200 * 3 = 3,600.", [True]),
        ("(12 + 4 = 16)", [True]),
        ("100 / 3 = 33.33", [True]),
        ("100 / 3 = 33", [False]),
        ("100 / 3 ≈ 33", [True]),
        ("100 / 3 = about 33 boxes", [True]),
        ("26.43 rounded down: 10000 / 378.34 = 26 samples", [True]),
        ("10 / 3 = 3.33, and 3.33 * 3 = 10", [True, True]),
        ("1002 - 1 = 1002", [False]),
        ("2/3 * 3/4 = 1/2", [True]),
        ("1/4 cup + 1 and 1/4 cup = 1.5 cups", [True]),
        ("2 1/2 * 4 = 10 and 1½ * 4 = 7", [True, False]),
        ("3 h * 60 km/h = 180 km", [True]),
        ("3 h * 60 km/h = 190 km", [False]),
        ("46 * 19.20 = 883.20 dollars", [True]),
        ("46 * 19.20 = 883.30 dollars", [False]),
        ("$25 / day * 24 days = $600", [True]),
        ("3 green hats + 16 pink hats = 29 hats", [False]),
        (r"$\frac{3}{4} \times 8 = 7$", [False]),
        ("3 + 4 = **7**", [True]),
        ("48/2 = <<48/2=25>>24", [False, True]),
        ("5 plus 3 equals 9", [False]),
        ("12 = 4 * 3 = 13", [True, False]),
    ],
)
def test_equations_are_found_in_prose_and_checked(text: str, expected: list[bool]) -> None:
    assert [equation.holds for equation in equations(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "84 = 84",
        "5 / 0 = 0",
        "9**9**9 = 4",
        "f(2) = 4",
        "a(n+1) = 3*a(n) - 4",
        "x = 5, 2x + 3 = 9, x + 3 = 5, 3 * n = 12",
        "price * 3 = 12 and 20 / speed = 4",
        "3 pens + 2 pencils = 13 dollars",
        "3 h = 180 min and 2 kg = 2000 g",
        "0.15 = 15%",
        "The ratio is 6 : 8 = 3 : 4, 3:4 = 6:8",
        "9:00 - 6:00 = 4 hours",
        "2024-01-15 + 3 = 2024-01-20",
        "11-30 = 20 bases",
        "ATG = M, p = 0.05, {1, 2} = {2, 1}",
        "P(A) + 3 = 7",
        "2 * 5 = 3 * x",
        "twice 5 + 3 = 16",
        "half of 20 + 4 = 12",
        "8 packs of 5 bags * 4 = 160",
        "Step 2 - 5 * 3 = 15",
        "1/4 * 2 = 1 in 2",
        "17 / 5 = 3 remainder 2",
        "2 hours 30 minutes + 45 minutes = 195 minutes",
        "2^10 + 3 = 7 (mod 10)",
        "3 * 5 != 16",
        "11 am + 3 hours = 2 pm",
        "30 less than Vika = 84 - 30",
    ],
)
def test_what_cannot_be_read_with_confidence_is_no_wrong_equation(text: str) -> None:
    assert all(equation.holds for equation in equations(text))


@pytest.mark.parametrize(
    "text",
    [
        "15 min * 4 = 1 hour",
        "5 * 30 minutes = 2.5 hours",
        "30 feet / 3 = 10 yards",
        "4 * 25 cents = $1",
        "2 * 3 kg = 6000 g",
        "3 m * 4 m = 120000 cm",
        "24 eggs / 12 = 2 dozen",
    ],
)
def test_a_change_of_units_is_no_wrong_equation(text: str) -> None:
    assert all(equation.holds for equation in equations(text))


def test_an_equation_says_what_it_is_made_of() -> None:
    (equation,) = equations("So it costs 46 * 19.20 = 883.20 dollars.")
    assert (equation.left, equation.right) == ("46 * 19.20", "883.20")
    assert equation.value == equation.result
    assert len(equation.used) == 2
    assert equation.operations == 1


@given(ARITHMETIC | st.text())
def test_no_text_raises(text: str) -> None:
    for equation in equations(text):
        assert equation.operations


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1+",
        "(",
        ")",
        "((1",
        "1 = ",
        "= 1",
        "1,111",
        "2**",
        "9!",
        "-",
        "<<",
        r"\frac{",
        "1 x ",
        "(aa ",
        "a-",
        "**1",
        "1/",
        "1 1/",
        "%",
        "1.1",
        "C(1,",
        "hour ",
        "3 and ",
        "$",
        "=",
        "1 of ",
        "1e9 ",
        "½",
        "**1 ",
    ],
)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    assert_not_quadratic(lambda size: equations(piece * size))
