"""Compare what somebody answered with what is expected, by the kind of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tools.answers.choices import read_choice, same_choice
from tools.answers.formulas.comparison import compare_in_process, is_formula
from tools.answers.formulas.sandboxed import compare_expressions
from tools.answers.kinds import EXACT, AnswerKind, Tolerance
from tools.answers.literals import Literal
from tools.answers.numbers import Number, bare_number, number_of
from tools.answers.reply import concluded, final_answer, lines_of
from tools.answers.texts import canonical, same_text
from tools.sandbox.port import Sandbox

LONGEST = 4000
"""Characters of an answer that is still compared otherwise than letter for letter."""
FLOATING = Fraction(1, 10**9)
"""What double precision loses, relative to the value."""
_NOISE = Fraction(1, 1000)
"""The most that double precision may move a whole number."""
_ROUNDED_BY_GIVER = Fraction(2, 10**6)


def same_answer(
    given: str,
    expected: str,
    kind: AnswerKind,
    choices: Sequence[str] = (),
    *,
    tolerance: Tolerance = EXACT,
) -> bool:
    """Whether two answers are the same; `expected` is the stated or reference one.

    What only symbolic algebra could decide (`sin(x)^2 + cos(x)^2`, `1`) is False here: callers with a sandbox use
    `answers_agree`.
    """
    if kind == "number":
        return same_number(given, expected, tolerance=tolerance)
    if kind == "choice":
        return same_choice(given, expected, choices)
    if len(given) > LONGEST or len(expected) > LONGEST:
        return given.strip() == expected.strip()
    if kind == "text":
        return same_text(given, expected)
    return same_expression(given, expected)


async def answers_agree(  # noqa: PLR0913  # as `same_answer`, and where to run
    sandbox: Sandbox,
    given: str,
    expected: str,
    kind: AnswerKind,
    choices: Sequence[str] = (),
    *,
    tolerance: Tolerance = EXACT,
) -> bool:
    """Whether two answers are the same, formulas by symbolic algebra in the sandbox where nothing cheaper decides.

    Raises:
        SandboxError: The sandbox failed.
    """
    if kind != "expression" or same_expression(given, expected):
        return same_answer(given, expected, kind, choices, tolerance=tolerance)
    if _as_numbers(given, expected) is not None or compare_in_process(given, expected) == "different":
        return False
    return await compare_expressions(sandbox, given, expected) == "equal"


def reads_as(given: str, kind: AnswerKind, choices: Sequence[str] = ()) -> bool:
    """Whether a text can be read as an answer of the kind, right or wrong; what cannot is unread, and not wrong."""
    if kind == "number":
        return number_of(given) is not None
    if kind == "choice" and choices:
        return read_choice(given, choices) is not None
    if kind == "expression" and len(given) <= LONGEST:
        return is_formula(given) or "\\" in given or number_of(given) is not None
    return bool(canonical(given[:LONGEST]))


def reply_answer(reply: str, kind: AnswerKind, choices: Sequence[str] = ()) -> str | None:
    """Return the answer that a reply in prose states, which may still be unreadable as one of its kind.

    It is what the reply calls its answer, else the one option that it names, else the whole of a reply of one line
    that reads as a number. A number that merely stands last in a text is nobody's answer. None where it states none.
    """
    found = final_answer(reply) or concluded(reply)
    if found is not None or kind == "text":
        return found
    if choices:
        place = read_choice(reply, choices)
        return None if place is None else choices[place]
    lines = lines_of(reply)
    return lines[0] if len(lines) == 1 and reads_as(lines[0], kind) else None


def same_expression(given: str, expected: str) -> bool:
    """Whether two formulas are certainly equal; False where they differ, or that cannot be told in process."""
    if len(given) > LONGEST or len(expected) > LONGEST:
        return given.strip() == expected.strip()
    mine = canonical(given)
    if mine and mine == canonical(expected):
        return True
    numbers = _as_numbers(given, expected)
    return compare_in_process(given, expected) == "equal" if numbers is None else numbers


def _as_numbers(given: str, expected: str) -> bool | None:
    """Compare two numbers that stand alone; None where either is more than that."""
    mine, target = bare_number(given), bare_number(expected)
    return None if mine is None or target is None else _agree(mine, target, EXACT)


def same_number(given: str, expected: str, *, tolerance: Tolerance = EXACT) -> bool:
    """Whether the given number is the expected one.

    Whole numbers are compared exactly, all else within what double precision loses. An expected value that is written
    rounded also equals what rounds to it (33.33 for 100/3), and a given one that is rounded to the same digits.
    """
    value, target = number_of(given), number_of(expected)
    return value is not None and target is not None and _agree(value, target, tolerance)


def _agree(value: Number, target: Number, tolerance: Tolerance) -> bool:
    difference = abs(value.value - target.value)
    if difference == 0 or tolerance.allows(difference, target.value):
        return True
    floating = FLOATING * abs(target.value)
    wholes = [number.value.denominator == 1 for number in (value, target)]
    if all(wholes):
        return difference <= floating and (_is_float(value.literal) or _is_float(target.literal))
    if difference <= (min(floating, _NOISE) if any(wholes) else floating):
        return True
    return _rounds_to(value, target.literal, difference) or _was_rounded(value.literal, target, difference)


def _is_float(literal: Literal | None) -> bool:
    """Whether it is written as a program prints a large float: `1.5511210043330986e+25`."""
    return literal is not None and literal.scientific and literal.digits >= 15


def _rounds_to(value: Number, stated: Literal | None, difference: Fraction) -> bool:
    """Whether the expected value is the given one rounded: stated to four digits, or to three of many more.

    12.46 is itself rounded, and not 12.5; 16.6666667 and 50/3 are 16.7.
    """
    if stated is None or stated.decimals is None or stated.digits < 3:
        return False
    longer = value.literal is None or value.literal.digits >= stated.digits + 3
    return (stated.digits > 3 or longer) and 2 * difference * 10**stated.decimals <= 1


def _was_rounded(given: Literal | None, target: Number, difference: Fraction) -> bool:
    """Whether the given value is the expected one rounded beyond its fourth digit: 20.00 for 20.0000282711."""
    if given is None or given.decimals is None or given.digits < 4:
        return False
    return 2 * difference * 10**given.decimals <= 1 and difference <= _ROUNDED_BY_GIVER * abs(target.value)
