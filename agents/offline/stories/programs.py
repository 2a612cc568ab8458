"""Write the Attacker's program: `solve` over the inputs' names, exact, and undefined where its story cannot be."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache

from agents.offline.stories.grammar import Family, Line

INDENT = "    "


def line_code(line: Line, names: Mapping[str, str]) -> list[str]:
    """Return a line's Python over the inputs' names; each quantity that it computes must be possible."""
    code = [
        f"if {names.get(small, small)} > {names.get(large, large)}:\n{INDENT}raise ValueError('the story cannot be')"
        for small, large in line.needs
    ]
    computed = [name for name, formula in line.sets.items() if not formula.isidentifier()]
    if line.code:
        code += [line.code.format(**names), *(f"{name} = possible({name})" for name in computed)]
    else:
        written = {name: _rename(_exact(formula), names) for name, formula in line.sets.items()}
        code += [f"{name} = {f'possible({text})' if name in computed else text}" for name, text in written.items()]
    return "\n".join(code).splitlines()


def solution(family: Family, names: Sequence[str], lines: Sequence[str]) -> str:
    """Return the whole program.

    Args:
        family: What kind of problem it is.
        names: The inputs' names.
        lines: The body of `solve`, up to what it returns.
    """
    shown = f"{list(family.choices)!r}[{family.answer}]" if family.kind == "choice" else family.answer
    body = [*lines, f"return {shown}"]
    parts = [f"def solve({', '.join(names)}):", *(INDENT + line for line in body)]
    text = "\n".join(parts)
    if "possible(" in text:
        text = f"{text}\n\n\n{_possible(family)}"
    wanted = [name for name in ("gcd", "lcm") if f"{name}(" in text]
    imports = [
        *(["from fractions import Fraction"] if "Fraction(" in text else []),
        *([f"from math import {', '.join(wanted)}"] if wanted else []),
    ]
    return "\n".join([*imports, *([""] if imports else []), text])


def _possible(family: Family) -> str:
    """Return the function that refuses what the family's stories cannot have."""
    conditions = {0: "amount < 0 or amount != int(amount)", None: "amount < 0"}
    impossible = conditions.get(family.digits, f"amount < 0 or amount != round(amount, {family.digits})")
    if family.largest == 1:
        impossible = "not 0 <= amount <= 1"
    given = "int(amount)" if family.digits == 0 else "amount"
    return (
        f"def possible(amount):\n{INDENT}if {impossible}:\n"
        f"{INDENT}{INDENT}raise ValueError(f'the story cannot have {{amount}}')\n{INDENT}return {given}"
    )


def _rename(code: str, names: Mapping[str, str]) -> str:
    return re.sub(r"[A-Za-z_]\w*", lambda found: names.get(found[0], found[0]), code)


@cache
def _exact(formula: str) -> str:
    """Write a formula as Python that divides exactly."""
    return ast.unparse(_Exact().visit(ast.parse(formula, mode="eval"))) if "/" in formula else formula


class _Exact(ast.NodeTransformer):
    """Turns `a / b` into `Fraction(a, b)`."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:  # the name that the visitor looks for
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        return ast.Call(func=ast.Name("Fraction", ast.Load()), args=[node.left, node.right], keywords=[])
