from __future__ import annotations

import pytest

from agents.offline.equations import equations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 crates hold 7 * 12 = 84 jars.", [True]),
        ("48/2 = 24 clips, 48+24 = 72", [True, True]),
        ("27 + 4 * 3 = 27 + 12 = 39", [True, True]),
        ("27 + 4 * 3 = 27 + 12 = 40", [True, False]),
        ("20% * 50 = 10", [True]),
        ("50% of 20 = 10", []),
        ("3 x 4 = 12 and $5 × 3 = $16", [True, False]),
        ("gcd(84, 36) = 12, lcm(4, 6) = 13", [True, False]),
        ("99 % 7 = 1", [True]),
        ("1,200 * 3 = 3,600.", [True]),
        ("(12 + 4 = 16)", [True]),
        ("100 / 3 = 33.33", [True]),
        ("100 / 3 = 33", [False]),
        ("1002 - 1 = 1002", [False]),
        ("2 km - 3 + 1 = 0", []),
        ("2/3 * 3/4 = 1/2", [True]),
        ("84 = 84", []),
        ("5 / 0 = 0", []),
        ("9**9**9 = 4", []),
        ("f(2) = 4", []),
    ],
)
def test_equations_are_found_in_prose_and_checked(text: str, expected: list[bool]) -> None:
    assert [equation.holds for equation in equations(text)] == expected
