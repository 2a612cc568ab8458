"""Look at a program before it runs and say at once why it cannot be a proof.

A courtesy that saves a run and gives the Attacker a plain reason; never the protection, which is the sandbox's.
"""

from __future__ import annotations

import ast
import math

ABSURD_BITS = 10_000_000
"""A power of constants with more bits than this cannot be meant."""

_CANNOT_READ = (SyntaxError, ValueError, MemoryError, RecursionError)


def static_look(code: str) -> str | None:
    """Return why running the program is pointless, or None: a syntax error, no output, an absurd literal."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        return f"syntax error on line {error.lineno or 1}: {error.msg}"
    except _CANNOT_READ:
        return "the program is nested too deeply, or is no text"
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _bits(node) > ABSURD_BITS:
            return f"absurd literal on line {node.lineno}: a power with more than {ABSURD_BITS} bits"
    if not any(_writes(node) for node in ast.walk(tree)):
        return "the program prints nothing"
    return None


def show_last_value(code: str) -> str:
    """Make the program show the value of its last expression as a notebook does; a program that cannot be read stays.

    Lines keep their numbers, so an error still names the line that its author wrote.
    """
    try:
        last = ast.parse(code).body[-1:]
    except _CANNOT_READ:
        return code
    if not last or not isinstance(last[0], ast.Expr):
        return code
    lines = code.encode().splitlines(keepends=True)
    first, until = last[0].lineno - 1, (last[0].end_lineno or last[0].lineno) - 1
    head, tail = last[0].col_offset, last[0].end_col_offset or 0
    if first == until:
        value = lines[first][head:tail]
    else:
        value = lines[first][head:] + b"".join(lines[first + 1 : until]) + lines[until][:tail]
    shown = b"".join(lines[:first]) + lines[first][:head] + b"__import__('sys').displayhook((" + value + b"))"
    return (shown + lines[until][tail:] + b"".join(lines[until + 1 :])).decode()


def _writes(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return name in ("print", "pprint", "pretty_print", "write", "writelines", "displayhook", "exec")


def _bits(node: ast.expr) -> float:
    """Estimate the size of a constant power from below; 0 where it depends on a variable."""
    match node:
        case ast.Constant(value=int() as number):
            return float(number.bit_length())
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            exponent = _value(right)
            return max(0.0, _bits(left) - 1) * exponent
    return 0.0


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() as number):
            return float(min(number, 10**18))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            bits = max(0.0, _bits(left) - 1) * _value(right)
            return math.pow(2.0, min(bits, 60.0))
    return 0.0
