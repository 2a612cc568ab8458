"""Write the Attacker's program: `solve` over the inputs' names, exact, and undefined where its story cannot be."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache

from agents.offline.stories.functions import FUNCTIONS
from agents.offline.stories.grammar import Case, Family, Line, Step

INDENT = "    "
_NEAREST = """def nearest(value, decimals):
    return Fraction(floor(value * 10**decimals + Fraction(1, 2)), 10**decimals)"""


def line_code(line: Line, names: Mapping[str, str]) -> list[str]:
    """Return a line's Python over the inputs' names; each quantity that it computes must be possible."""
    if line.code:
        code = [line.code.format(**names).rstrip(), *(f"{name} = possible({name})" for name in line.computed)]
        return "\n".join([*_needs(line, names), *code]).splitlines()
    code = [
        f"{name} = {FUNCTIONS[function].code.format(*(names.get(one, repr(one)) for one in arguments))}"
        for name, (function, *arguments) in line.facts.items()
    ]
    code += [f"{name} = {_python(formula, names)}" for name, formula in line.sets.items()]
    code += _needs(line, names)
    for step in line.steps:
        code += _step(step, names)
    return "\n".join(code).splitlines()


def _needs(line: Line, names: Mapping[str, str]) -> list[str]:
    return [
        f"if not {_python(condition, names)}:\n{INDENT}raise ValueError('the story cannot be')"
        for condition in line.needs
    ]


def _step(step: Step, names: Mapping[str, str]) -> list[str]:
    if len(step.cases) == 1 and not step.cases[0].when:
        return _assignments(step, step.cases[0], names)
    code: list[str] = []
    for case in step.cases:
        word = "elif" if code else "if"
        code.append(f"{word} {_python(case.when, names)}:" if case.when else "else:")
        code += [INDENT + line for line in _assignments(step, case, names)]
    if all(case.when for case in step.cases):
        code += ["else:", f"{INDENT}raise ValueError('the story cannot be')"]
    return code


def _assignments(step: Step, case: Case, names: Mapping[str, str]) -> list[str]:
    code = []
    for place, (name, formula) in enumerate(case.sets.items(), 1):
        text = _python(formula, names)
        if step.rounded and place == len(case.sets):
            text = {"up": f"ceil({text})", "down": f"floor({text})"}.get(
                step.rounded, f"nearest({text}, {step.decimals})"
            )
        code.append(f"{name} = {text if formula.isidentifier() else f'possible({text})'}")
    return code


def solution(family: Family, answer: str, options: Sequence[str], names: Sequence[str], lines: Sequence[str]) -> str:
    """Return the whole program.

    Args:
        family: What kind of problem it is.
        answer: The quantity asked for.
        options: Of a choice.
        names: The inputs' names.
        lines: The body of `solve`, up to what it returns.
    """
    shown = f"{list(options)!r}[int({answer})]" if options else answer
    body = [*lines, f"return {shown}"]
    parts = [f"def solve({', '.join(names)}):", *(INDENT + line for line in body)]
    text = "\n".join(parts)
    if "possible(" in text:
        text = f"{text}\n\n\n{_possible(family)}"
    if "nearest(" in text:
        text = f"{text}\n\n\n{_NEAREST}"
    wanted = [name for name in ("ceil", "floor", "gcd", "lcm") if re.search(rf"\b{name}\(", text)]
    imports = [
        *(["from fractions import Fraction"] if "Fraction(" in text else []),
        *([f"from math import {', '.join(wanted)}"] if wanted else []),
    ]
    return "\n".join([*imports, *([""] if imports else []), text])


def _possible(family: Family) -> str:
    """Return the function that refuses what the family's stories cannot have."""
    impossible = "amount < 0 or amount != int(amount)" if family.whole else "amount < 0"
    if family.largest == 1:
        impossible = "not 0 <= amount <= 1"
    given = "int(amount)" if family.whole else "amount"
    return (
        f"def possible(amount):\n{INDENT}if {impossible}:\n"
        f"{INDENT}{INDENT}raise ValueError(f'the story cannot have {{amount}}')\n{INDENT}return {given}"
    )


def _python(formula: str, names: Mapping[str, str]) -> str:
    return re.sub(r"[A-Za-z_]\w*", lambda found: names.get(found[0], found[0]), _exact(formula))


@cache
def _exact(formula: str) -> str:
    """Write a formula as Python that divides exactly."""
    return ast.unparse(_Exact().visit(ast.parse(formula, mode="eval")))


class _Exact(ast.NodeTransformer):
    """Turns `a / b` into `Fraction(a, b)`, and a decimal into a fraction."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:  # the name that the visitor looks for
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        return ast.Call(func=ast.Name("Fraction", ast.Load()), args=[node.left, node.right], keywords=[])

    def visit_Constant(self, node: ast.Constant) -> ast.AST:  # likewise
        if not isinstance(node.value, float):
            return node
        return ast.Call(func=ast.Name("Fraction", ast.Load()), args=[ast.Constant(str(node.value))], keywords=[])
