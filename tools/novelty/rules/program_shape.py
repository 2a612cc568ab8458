"""Reduce a program to its arithmetic, so that two programs that differ in names and constants only are the same."""

from __future__ import annotations

import ast
import hashlib
from functools import lru_cache

_LEAST_OPERATIONS = 3
"""With fewer operations, many unrelated questions share their program."""


@lru_cache(maxsize=8192)
def program_shape(program: str) -> str:
    """Return a digest of the program's shape; empty where it cannot be read or is too small to mean anything."""
    try:
        tree = ast.parse(program)
        operations = sum(isinstance(node, ast.BinOp | ast.Compare | ast.Call) for node in ast.walk(tree))
        text = _written(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return hashlib.sha256(text.encode()).hexdigest()[:16] if operations > _LEAST_OPERATIONS else ""


def _written(node: ast.AST) -> str:
    """Write the tree without names, constants, comments and types; operands of + and * in one fixed order."""
    if isinstance(node, ast.Constant):
        return "c"
    if isinstance(node, ast.Name):
        return "n"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
        sides = sorted((_written(node.left), _written(node.right)))
        return f"{type(node.op).__name__}({','.join(sides)})"
    parts = [_written(child) for child in ast.iter_child_nodes(node) if not _is_irrelevant(child)]
    return f"{type(node).__name__}({','.join(parts)})"


def _is_irrelevant(node: ast.AST) -> bool:
    """Return whether the node does not matter to what is computed: contexts, docstrings, imports."""
    if isinstance(node, ast.expr_context | ast.Import | ast.ImportFrom):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
