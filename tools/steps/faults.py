"""Say what is wrong with the steps of an explanation: an equation that does not hold, an answer they do not reach."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from tools.answers import AnswerKind
from tools.steps.equations import LONGEST_TEXT, Equation, equations
from tools.steps.expressions import Unreadable, evaluate, first_after
from tools.steps.tokens import Token, readable, tokens
from tools.steps.units import is_conversion

MOST_STEPS = 100
"""Steps that are checked."""
_WORDS = {
    **{
        "zero": 0,
        "none": 0,
        "one": 1,
        "once": 1,
        "first": 1,
        "single": 1,
        "two": 2,
        "twice": 2,
        "second": 2,
        "both": 2,
    },
    **{"pair": 2, "three": 3, "third": 3, "four": 4, "fourth": 4, "five": 5, "fifth": 5, "six": 6, "sixth": 6},
    **{"seven": 7, "seventh": 7, "eight": 8, "eighth": 8, "nine": 9, "ninth": 9, "ten": 10, "tenth": 10},
    **{"eleven": 11, "eleventh": 11, "twelve": 12, "twelfth": 12, "dozen": 12},
}
_DENIALS = re.compile(
    r"\b(?:not|no|never|cannot|\w+n['’]t|unlike|instead|rather|exclud\w*|rul\w+ out|neither|than|un\w+)\b",
    re.IGNORECASE,
)


def step_faults(steps: Sequence[str], answer: str, kind: AnswerKind, choices: Sequence[str] = ()) -> list[str]:
    """Return the equations that do not hold, and whether the last step misses the answer; empty where none is found.

    What cannot be read with confidence is passed over: no fault is no proof that the steps are right.

    Args:
        steps: The reasoning, one step an item.
        answer: The stated answer.
        kind: What kind of answer that is.
        choices: The options of a choice.
    """
    rounded: dict[Fraction, Fraction] = {}
    found = [equations(step, rounded) for step in steps[:MOST_STEPS]]
    faults = [
        f"step {number}: {_show(equation.left)} = {_show(equation.right)} does not hold, "
        f"the left side is {_write(equation.value)}"
        for number, step in enumerate(found, 1)
        for equation in step
        if not equation.holds
    ]
    if not steps or len(steps) > MOST_STEPS or len(steps[-1]) > LONGEST_TEXT:
        return faults
    missed = _missed_answer(steps[-1], found[-1], answer, kind, choices)
    return [*faults, f"step {len(steps)}: {missed}"] if missed else faults


def _missed_answer(
    step: str, found: Sequence[Equation], answer: str, kind: AnswerKind, choices: Sequence[str]
) -> str | None:
    """Say how the last step misses the answer; None where it reaches it or that cannot be read."""
    if _mentions(step, answer):
        return _only_operand(step, found, answer, kind)
    value = _read(answer)
    numeric = value is not None and (kind != "choice" or all(_read(choice) is not None for choice in choices))
    if value is not None and numeric:
        ends = _ends(step, found)
        if not ends or any(_same(value[0], value[1], end) for end in ends):
            return None
        return f"it ends in {_write(ends[-1].value)}, not in the stated answer {_show(answer)}"
    if kind == "choice":
        return _other_option(step, answer, choices)
    return None


def _only_operand(step: str, found: Sequence[Equation], answer: str, kind: AnswerKind) -> str | None:
    """Say where a number stands in the last step only as what is calculated with."""
    value = _read(answer) if kind in ("number", "expression") else None
    if value is None or not found:
        return None
    ends = _ends(step, found)
    if not ends or any(_same(value[0], value[1], end) for end in ends):
        return None
    return f"it ends in {_write(ends[-1].value)}, not in the stated answer {_show(answer)}"


def _ends(step: str, found: Sequence[Equation]) -> list[Token]:
    """Return the numbers of a step that may be its result: all that no readable left side calculates with."""
    text = readable(re.sub(r"<<[^<>\n]*>>", "", step))
    cut = tokens(text)
    unmarked = [equation for equation in equations(text) if equation.operations]
    lefts = [(equation.span[0], equation.span[0] + len(equation.left)) for equation in unmarked]
    rights = {equation.span[0] + len(equation.left) for equation in unmarked}
    ends = [
        token
        for token in map(_number, cut)
        if token.kind == "value" and not any(begin <= token.start < stop for begin, stop in lefts)
    ]
    results = [
        Token("value", equation.right, *equation.span, value=result)
        for equation in (*found, *unmarked)
        for result in (equation.result, equation.value)
    ]
    return [*results, *ends] if rights or ends else []


def _number(token: Token) -> Token:
    """Return a number for an ordinal (`6th`) and a number word, every other token as it is."""
    word = re.fullmatch(r"[a-z]+", token.text.lower())
    digits = re.match(r"\d{1,30}(?!\d)", token.text) if token.kind == "symbol" else None
    if token.kind == "word" and word and word[0] in _WORDS:
        return replace(token, kind="value", value=Fraction(_WORDS[word[0]]))
    return replace(token, kind="value", value=Fraction(digits[0])) if digits else token


def _same(answer: Fraction, written: Token, end: Token) -> bool:
    """Whether a number of the step is the answer, rounded as either is written, or in another unit."""
    value = end.value
    if value == answer or abs(value - answer) <= Fraction(1, 10**9) * abs(answer):
        return True
    unit = max(written.unit, end.unit if end.unit < 1 else Fraction(0))
    if abs(value - answer) <= unit / 2 or (value.denominator > 1 and abs(value - answer) < max(unit, written.unit)):
        return True
    units = {*written.units, *end.units}
    return is_conversion(value, answer, units) or ("%" in units and value in (answer * 100, answer / 100))


def _read(text: str) -> tuple[Fraction, Token] | None:
    """Read an answer that is one number or one calculation, with units; None where it is anything else."""
    found = tokens(readable(text[:LONGEST_TEXT]))
    if found and found[-1].text == ".":
        found = found[:-1]
    if not found or first_after(found, 0, len(found)) != len(found):
        return None
    try:
        value = evaluate(found)
    except Unreadable:
        return None
    units = [unit for token in found for unit in token.units]
    unit = found[-1].unit if len(found) <= 2 else Fraction(0)
    return value, Token("value", text, 0, len(text), value=value, unit=unit, units=units)


def _other_option(step: str, answer: str, choices: Sequence[str]) -> str | None:
    """Say which other option the last step names at its end, where it names the stated one nowhere."""
    if not any(_fold(choice) == _fold(answer) for choice in choices) or _DENIALS.search(step):
        return None
    tail = _fold(step).rstrip(" .!")
    named = [
        choice
        for choice in choices
        if len(_fold(choice)) > 2 and re.search(rf"(?<!\w){re.escape(_fold(choice))}$", tail)
    ]
    if not named or any(_fold(choice) in _fold(answer) or _fold(answer) in _fold(choice) for choice in named):
        return None
    return f"it ends in the option {_show(max(named, key=len))}, not in the stated answer {_show(answer)}"


def _mentions(step: str, answer: str) -> bool:
    wanted = _fold(answer)
    return bool(wanted) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", _fold(step)) is not None


def _fold(text: str) -> str:
    """Return the text without case, compatibility forms and repeated spaces."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold()
    return re.sub(r"\s+", " ", text).strip(" .\"'`*")


def _show(text: str) -> str:
    """Return at most a line of a text, for a message."""
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _write(value: Fraction) -> str:
    """Write a value as a person would: whole, as a short decimal, else as a fraction, or rounded."""
    if value.denominator == 1:
        return _show(str(value.numerator))
    if 10**6 % value.denominator == 0:
        return f"{value.numerator / value.denominator:.6f}".rstrip("0")
    return str(value) if value.denominator < 10**4 else f"about {float(value):.6g}"
