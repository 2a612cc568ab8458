"""What the comparison of answers promises, one property a test; the tables of pairs are in test_answer_pairs.py."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import assert_not_quadratic
from tools.answers import (
    AnswerKind,
    Tolerance,
    final_answer,
    normalise_question,
    read_choice,
    read_number,
    reads_as,
    same_answer,
    same_choice,
    same_expression,
    same_number,
    same_text,
)

KINDS: tuple[AnswerKind, ...] = ("number", "choice", "expression", "text")
DAYS = ["Sunday", "Monday"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("$1,234.50", Fraction(2469, 2)),
        ("-3e5", -300000),
        ("3/28", Fraction(3, 28)),
        ("1379135.", 1379135),
        ("20 %", 20),
        ("The total is 42 dollars.", 42),
        ("-$5", -5),
        ("−7", -7),
        ("x = 3.", 3),
        ("3 / 4 cup", Fraction(3, 4)),
        (".5", Fraction(1, 2)),
        ("1,000,000", 1000000),
        ("First we add.\nANSWER: 17", 17),
        ("so 3 + 4 = 7\n#### 7", 7),
        ("3 x 10^5", 300000),
        (r"\boxed{7\frac{3}{4}}", Fraction(31, 4)),
        ("75 mL/min/1.73 m^2", 75),
        ("5 mg/100 mL", 5),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, value: Fraction) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "none", "H2O", "three", "1/0", "\x00", "v1.2.3", "1\n2", "3 or 4", "3 to 5", "12:30", "2024-05-12"),
        *("at least 5", "<5", "5 ± 1", "1 in 4", "not 5", "3x", "2 feet 3 inches", "x = 3, y = 4", "1, 2", "{1,2}"),
        *("[1,2]", "1.2.3.4"),
    ],
)
def test_what_is_not_one_number_is_unread(text: str) -> None:
    assert read_number(text) is None
    assert not reads_as(text, "number")


@pytest.mark.parametrize(
    ("given", "expected", "same"),
    [
        ("27725499", "27725010", False),
        ("-9,867,630", "-9867630.0", True),
        ("20.00", "20.0000282711", True),
        ("33.3333333", "33.33", True),
        ("100/3", "33.33", True),
        ("33.3", "33.33", False),
        ("12.46", "12.5", False),
        ("0.0009", "0.0004", False),
        ("1e-7", "2e-7", False),
        ("3.4", "3", False),
        ("3.0004", "3", False),
        ("0.30000000000000004", "0.3", True),
        ("12345678901234.5", "12345678901234.502", True),
        ("1.5511210043330986e+25", "15511210043330985984000000", True),
        ("0", "0", True),
        ("0.0001", "0", False),
        ("nonsense", "0", False),
    ],
)
def test_numbers_agree_within_rounding_and_no_further(given: str, expected: str, same: bool) -> None:
    assert same_number(given, expected) is same


def test_a_benchmark_may_allow_what_its_own_rule_allows() -> None:
    rule = Tolerance(absolute=Fraction(1, 1000))
    assert same_number("3.0004", "3", tolerance=rule)
    assert not same_number("3.0004", "3")
    assert not same_number("0.0009", "0.0004", tolerance=rule)
    assert not same_number("27725499", "27725010", tolerance=rule)


@given(st.integers(-(10**30), 10**30))
def test_every_integer_equals_itself_and_not_its_neighbour(value: int) -> None:
    assert same_number(str(value), f"{value:,}")
    assert not same_number(str(value + 1), str(value))


@given(st.integers(1, 9), st.integers(4000, 9000))
def test_integers_of_any_length_are_read(digit: int, length: int) -> None:
    text = str(digit) * length
    assert same_number(text, text)
    assert not same_number(text, text[:-1] + str((digit + 1) % 10))


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.text(" ,;:-/|&\n", min_size=1, max_size=3))
def test_two_numbers_are_never_the_last_of_them(first: int, second: int, between: str) -> None:
    text = f"{first}{between}{second}"
    value = read_number(text)
    assert value is None or value != second or first in (0, value)


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ("B", True),
        ("b)", True),
        ("(B) Monday", True),
        ("monday", True),
        ("**B**", True),
        ("Option B", True),
        ("A", False),
        ("Sunday", False),
        ("B) Sunday", False),
        ("A and B", False),
    ],
)
def test_a_choice_is_named_by_its_text_or_its_letter(given: str, same: bool) -> None:
    assert same_choice(given, "Monday", DAYS) is same


def test_an_option_that_is_a_letter_itself_is_read_as_text() -> None:
    assert same_choice("A", "A", ["T", "A", "G", "C"])
    assert not same_choice("A", "T", ["T", "A", "G", "C"])
    assert read_choice("a", ["T", "A", "G", "C"]) is None


@pytest.mark.parametrize(("one", "other"), [("Aa", "aa"), ("mW", "MW"), ("K+", "K"), ("mM", "MM"), ("AaBb", "AABB")])
def test_case_and_signs_count_where_they_mean_something(one: str, other: str) -> None:
    assert not same_text(one, other)
    assert not same_choice(one, other, [one, other])
    assert same_choice("A", one, [one, other])


@pytest.mark.parametrize(
    ("given", "expected", "same"),
    [
        ("x^2 + 2x + 1", "(x + 1)^2", True),
        ("6/56", "3/28", True),
        ("sqrt(2)/2", "1/sqrt(2)", True),
        ("x = 2*y", "2y", True),
        ("x + y", "x + z", False),
        ("x + 1", "x + 2", False),
        ("1/2^99", "1/2^98", False),
        ("x >= 3", "x <= 3", False),
        ("9**9**9**9", "1", False),
        ("__import__('os').system('true')", "1", False),
        ("(" * 5000, "1", False),
        ("sqrt", "1", False),
    ],
)
def test_expressions_are_compared_by_value_and_never_run(given: str, expected: str, same: bool) -> None:
    assert same_expression(given, expected) is same


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=6), st.integers(-50, 50).filter(bool))
def test_a_polynomial_equals_its_terms_in_any_order_and_no_other(coefficients: list[int], more: int) -> None:
    terms = [f"({number})*x^{power}" for power, number in enumerate(coefficients)]
    assert same_expression(" + ".join(reversed(terms)), " + ".join(terms))
    assert not same_expression(" + ".join([*terms, f"({more})*x^9/10^40"]), " + ".join(terms))


@given(st.text(), st.sampled_from(KINDS))
def test_no_text_breaks_the_comparison(text: str, kind: AnswerKind) -> None:
    assert same_answer(text, "42", kind, ["42", "43"]) in (True, False)
    assert reads_as(text, kind, ["42", "43"]) in (True, False)
    final_answer(text)


_FRAGMENTS = [
    "1",
    "2,3",
    " ",
    "-",
    "/",
    "^",
    "(",
    ")",
    "{",
    "}",
    "\\frac",
    "\\sqrt",
    "\\boxed{",
    "$",
    "%",
    "x",
    "π",
    "½",
    "⁵",
    "=",
]
_FRAGMENTS += [
    "≤",
    "|",
    "sin",
    "e",
    "ANSWER:",
    "\n",
    "**",
    "B",
    "because",
    " or ",
    "m^2",
    "°",
    ",",
    ".",
    "1e9",
    "!",
    "_",
    "[",
    "]",
]


@given(st.lists(st.sampled_from(_FRAGMENTS), max_size=30).map("".join), st.sampled_from(KINDS))
def test_no_notation_breaks_the_comparison(text: str, kind: AnswerKind) -> None:
    assert same_answer(text, "42", kind, ["42", "43"]) in (True, False)
    assert same_answer("x+1", text, kind, [text, "43"]) in (True, False)
    if same_answer(text, "42", kind, ["42", "43"]):
        assert reads_as(text, kind, ["42", "43"])


@pytest.mark.parametrize(
    "wrap", ["({})^(1/2)", "({})^(a+b)", "tan({})", "sqrt({})", "1/({})", "|({})|", "({})!", "2^({})"]
)
def test_nested_formulas_are_evaluated_once(wrap: str) -> None:
    formula = "x"
    for _ in range(30):  # were each level evaluated twice, this would never end
        formula = wrap.format(formula)
    assert same_expression(f"{formula} + 1", f"1 + {formula}") in (True, False)


def _work(text: str) -> None:
    final_answer(text)
    normalise_question(text)
    for kind in KINDS:
        same_answer(text, "x + 42", kind, DAYS)
        reads_as(text, kind, DAYS)


@pytest.mark.parametrize(
    "piece", ["\n", " ", "# ", " *", "answer ", "ANSWER:\n", "1", "1,", "1/", "1 ", "- ", "(", "=1", "π", "a-"]
)
@pytest.mark.parametrize("frame", ["{}", "x{}y", "ANSWER: 1{}x", "1/{},1", "({})", r"\boxed{{{}}}"])
def test_time_grows_with_the_length_and_no_faster(piece: str, frame: str) -> None:
    assert_not_quadratic(lambda size: _work(frame.format(piece * (size // len(piece)))))


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("so\nANSWER: 42", "42"),
        ("**Answer:** 42", "42"),
        ("**Answer: 42**", "42"),
        ("ANSWER: 1\nwait\nFinal answer: 2", "2"),
        ("so the ANSWER: 42", "42"),
        ("ANSWER:\n\n42", "42"),
        (r"hence \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        (r"\boxed{1} and \boxed{2}", "2"),
        (r"ANSWER: $\boxed{3}$", "3"),
        (r"\boxed{1", None),
        ("the answer is 42", None),
        ("ANSWER:", None),
        ("", None),
    ],
)
def test_the_last_stated_answer_counts(reply: str, answer: str | None) -> None:
    assert final_answer(reply) == answer


@pytest.mark.parametrize(
    ("text", "kind", "readable"),
    [
        ("B", "choice", True),
        ("Tuesday", "choice", False),
        ("A or B", "choice", False),
        ("42 apples", "number", True),
        ("42 or 43", "number", False),
        ("x^2 + 1", "expression", True),
        (r"\frac{1}{2}", "expression", True),
        ("I cannot tell", "expression", False),
        ("Paris", "text", True),
        ("  ", "text", False),
    ],
)
def test_unread_is_told_from_wrong(text: str, kind: AnswerKind, readable: bool) -> None:
    assert reads_as(text, kind, DAYS if kind == "choice" else []) is readable


def test_a_question_is_the_same_in_other_case_and_spacing() -> None:
    assert normalise_question("Q: How  many\napples? ") == normalise_question("how many apples?")
