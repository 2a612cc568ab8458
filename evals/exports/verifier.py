"""Check a completion against a row's answer: standard library only, so that the file can be copied to any trainer.

`reward` is a reward function for TRL's GRPO trainer over the rows of `--format rlvr`. What follows the last `ANSWER:`
of a completion is read by the kind of the answer; what cannot be read scores 0. It is stricter than a run is with its
Defender: a formula that it cannot evaluate is no answer.
"""

from __future__ import annotations

import ast
import json
import math
import random
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

MARK = "ANSWER:"
LONGEST = 2000
_NUMBER = re.compile(r"[-+]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?(?:\s*/\s*\d+)?")
_FUNCTIONS = {"sqrt": math.sqrt, "exp": math.exp, "log": math.log, "ln": math.log, "sin": math.sin, "cos": math.cos}


def reward(
    completions: list[Any], answer: list[str], answer_kind: list[str], choices: list[str], **_: Any
) -> list[float]:
    """Score completions, which are texts or lists of messages: 1.0 for the answer, else 0.0.

    The other columns are those of the rows: `choices` has an option a line, as JSON where that begins with a quote.
    """
    texts = [done if isinstance(done, str) else str(done[-1]["content"]) for done in completions]
    return [
        score(text, expected, kind, [json.loads(line) if line[:1] == '"' else line for line in options.splitlines()])
        for text, expected, kind, options in zip(texts, answer, answer_kind, choices, strict=True)
    ]


def score(completion: str, answer: str, answer_kind: str, choices: list[str]) -> float:
    """Return 1.0 where the completion ends in the answer, else 0.0."""
    _, mark, given = completion.rpartition(MARK)
    given = given.strip().strip("*$ ").removesuffix(".")[:LONGEST]
    if not mark or not given:
        return 0.0
    same = {"number": _same_number, "expression": _same_expression}.get(answer_kind, _same_text)
    return float(_same_choice(given, answer, choices) if choices else same(given, answer))


def program_of(answer: str, answer_kind: str, choices: list[str]) -> str:
    """Return a program of its own that defines `verify(completion) -> float` for one answer."""
    source = Path(__file__).read_text(encoding="utf-8")
    call = f"score(completion, {answer!r}, {answer_kind!r}, {choices!r})"
    return f'{source}\n\ndef verify(completion: str) -> float:\n    """Score one completion."""\n    return {call}\n'


def _fold(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .")


def _same_text(given: str, answer: str) -> bool:
    return _fold(given) == _fold(answer)


def _same_choice(given: str, answer: str, choices: list[str]) -> bool:
    """Whether the option is named by its text, or by its letter as the question lists them."""
    letter = chr(ord("A") + choices.index(answer)) if answer in choices else ""
    named = re.fullmatch(r"\(?([A-Za-z])\)?[.:]?(?:\s+(.*))?", given, re.DOTALL)
    if named and letter and named[1].upper() == letter and _same_text(named[2] or answer, answer):
        return True
    return _same_text(given, answer)


def _number(text: str) -> Fraction | None:
    """Read one number, perhaps with a sign of currency, a percent sign or a unit behind it; None for anything else."""
    found = list(_NUMBER.finditer(text.replace("−", "-")))
    if len(found) != 1 or re.search(r"[A-Za-z0-9]", text[: found[0].start()]):
        return None
    try:
        return Fraction(re.sub(r"[,\s]", "", found[0][0]))
    except (ValueError, ZeroDivisionError):
        return None


def _same_number(given: str, answer: str) -> bool:
    mine, target = _number(given), _number(answer)
    if mine is None or target is None:
        return _same_text(given, answer)
    whole = mine.denominator == target.denominator == 1
    return mine == target if whole else abs(mine - target) <= Fraction(1, 10**6) * abs(target)


def _same_expression(given: str, answer: str) -> bool:
    """Whether two formulas have the same values at several points; plain arithmetic and a few functions are read."""
    if _same_text(given.replace(" ", ""), answer.replace(" ", "")):
        return True
    points = random.Random(0)  # noqa: S311  # repeatable, not secret
    for _ in range(5):
        values: dict[str, float] = {}
        try:
            mine, target = (_value(_tree(text), values, points) for text in (given, answer))
        except (ValueError, SyntaxError, ArithmeticError, RecursionError, MemoryError):
            return False
        if not math.isclose(mine, target, rel_tol=1e-9, abs_tol=1e-12):
            return False
    return True


def _tree(text: str) -> ast.expr:
    return ast.parse(text.replace("^", "**").strip(), mode="eval").body


def _value(node: ast.expr, values: dict[str, float], points: random.Random) -> float:
    """Evaluate a formula; each name gets a value when it is first met.

    Raises:
        ValueError: It is no formula that is read.
        ArithmeticError: It has no value there.
    """
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values.setdefault(name, math.pi if name == "pi" else points.uniform(0.5, 3))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, values, points)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, values, points))
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(op, _value(left, values, points), _value(right, values, points))
    raise ValueError(ast.dump(node)[:80])


def _combined(op: ast.operator, left: float, right: float) -> float:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            return math.pow(left, right)
    raise ValueError(type(op).__name__)
