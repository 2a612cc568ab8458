"""What the scripted seats submit for a word problem: its inputs, the Attacker's `solve`, the Judge's, and the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.mock_server.word_problems import FORMULAS, Operation, WordProblem, sentences

GUARDS: dict[str, str] = {
    "take": "{n} > total",
    "handouts": "{n} * {m} > total",
    "split": "total % {n}",
    "shrink": "{n} > 100 or total * {n} % 100",
    "swell": "total * {n} % 100",
    "missing": "total > {n}",
    "boxed": "total % {n}",
}
"""When an operation is impossible, as Python over the running total."""
EXACT: dict[str, str] = {
    "count": "{n}",
    "rows": "{m} * {n}",
    "add": "x + {n}",
    "take": "x - {n}",
    "crates": "{m} * {n} + x",
    "handouts": "x - {m} * {n}",
    "grow": "{n} * x",
    "split": "x / {n}",
    "shrink": "x * Fraction(100 - {n}, 100)",
    "swell": "x * Fraction(100 + {n}, 100)",
    "plain": "x",
    "value": "{n} * x",
    "missing": "{n} - x",
    "boxed": "x / {n}",
}
"""The same operations by another route: exact fractions, and every stock checked afterwards."""


def stated_inputs(text: str) -> list[dict[str, Any]]:
    """Return the inputs of a text that `word_problems.read` can read, in any case and spacing."""
    inputs = []
    for sentence, operation in sentences(text):
        if operation is None:
            continue
        kind = "percent" if operation.kind in ("shrink", "swell") else "integer"
        for letter, value in (("n", operation.n), ("m", operation.m)):
            if value:
                name = f"{letter}{operation.place}"
                stated = {"name": name, "value": str(value), "kind": kind, "quote": sentence, "options": []}
                inputs.append(stated)
    return inputs


def own_names(inputs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the inputs' names, each under itself, as `solve_program` wants them."""
    return {str(one["name"]): str(one["name"]) for one in inputs}


def solve_program(problem: WordProblem, parameters: Sequence[str], names: Mapping[str, str]) -> str:
    """Write a `solve` that refuses impossible steps beforehand.

    Args:
        problem: Its steps; some of the story's may be left out.
        parameters: What `solve` takes.
        names: A parameter for each number of a step, such as n2; a number without one is written out.
    """
    lines = [f"def solve({', '.join(parameters)}):", "    total = 0"]
    for operation in problem.operations:
        slots = _slots(operation, names)
        if operation.kind in GUARDS:
            lines += [f"    if {GUARDS[operation.kind].format(**slots)}:", "        raise ValueError('impossible')"]
        lines.append(f"    total = {FORMULAS[operation.kind][0].format(**slots)}")
    return "\n".join([*lines, "    return total", ""])


def other_program(problem: WordProblem, parameters: Sequence[str], names: Mapping[str, str]) -> str:
    """Write the `solve` of somebody else, who calculates with fractions and looks at each stock; as `solve_program`."""
    lines = ["from fractions import Fraction", "", f"def solve({', '.join(parameters)}):", "    x = Fraction(0)"]
    for operation in problem.operations:
        lines += [
            f"    x = Fraction({EXACT[operation.kind].format(**_slots(operation, names))})",
            "    assert x >= 0 and x.denominator == 1",
        ]
    return "\n".join([*lines, "    return int(x)", ""])


def _slots(operation: Operation, names: Mapping[str, str]) -> dict[str, str]:
    return {
        letter: names.get(f"{letter}{operation.place}", str(value))
        for letter, value in (("n", operation.n), ("m", operation.m))
    }


def match_inputs(text: str, given: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Find which given input each number of a text's steps is: by value and quote, else by value alone."""
    names: dict[str, str] = {}
    for wanted in stated_inputs(text):
        left = [one for one in given if one["name"] not in names.values() and one["value"] == wanted["value"]]
        quoted = [one for one in left if _folded(one.get("quote", "")) in _folded(wanted["quote"])]
        if left:
            names[wanted["name"]] = str((quoted or left)[0]["name"])
    return names


def _folded(text: str) -> str:
    return " ".join(str(text).casefold().split())


def fit_steps(working: Sequence[str], wanted: int) -> list[str]:
    """Tell a solution in about that many texts: join the first ones, or say before them what is done."""
    lines = list(working)
    while len(lines) > wanted + 1:
        lines[:2] = [f"{lines[0]} {lines[1]}"]
    opening = ("Read the story to its end.", "Write down each quantity with what it counts.", "Follow the total.")
    while len(lines) < wanted - 1:
        lines.insert(0, opening[(wanted - len(lines)) % len(opening)])
    return lines
