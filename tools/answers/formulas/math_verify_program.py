"""Compare two formulas with Math-Verify; this text runs inside the sandbox, and is read, not imported, outside.

`verdict` returns "equal", "different" or "undecided". Equality of expressions is what sympy can show, without any
tolerance; sets, intervals, relations and matrices are Math-Verify's to compare.
"""

import logging
import re
from typing import Any

import sympy
from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

logging.disable(logging.CRITICAL)
SIGNS = {
    "≤": r"\leq ",
    "≥": r"\geq ",
    "≠": r"\neq ",
    "π": r"\pi ",
    "∞": r"\infty ",
    "∪": r"\cup ",
    "∈": r"\in ",
    "×": r"\times ",
    "·": r"\cdot ",
    "−": "-",
    "√": r"\sqrt ",
    "∅": r"\emptyset ",
    "<=": r"\leq ",
    ">=": r"\geq ",
    "!=": r"\neq ",
    "**": "^",
}
NAMES = "sqrt|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|exp|ln|log"
POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def latex(text: str) -> str:
    """Write a formula of any notation as LaTeX."""
    text = text.strip().strip("$").strip()
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda found: "^{" + found[0].translate(POWERS) + "}", text)
    for sign, command in SIGNS.items():
        text = text.replace(sign, command)
    if "\\begin" in text or "\\frac" in text:
        return text
    text = re.sub(r"\^\(([^()]*)\)", r"^{\1}", text)
    for _ in range(12):  # from the innermost outwards
        text, found = re.subn(r"(?<![\\A-Za-z])sqrt\(([^()]*)\)", r"\\sqrt{\1}", text)
        if not found:
            break
    text = re.sub(rf"(?<![\\A-Za-z])({NAMES})(?![A-Za-z])", r"\\\1", text)
    text = re.sub(r"(?<![\\A-Za-z])(pi|infty)(?![A-Za-z])", r"\\\1", text)
    text = re.sub(r"(?<![\\A-Za-z])(?:inf|oo|infinity)(?![A-Za-z])", r"\\infty", text)
    if text.startswith("{") and text.endswith("}"):
        text = r"\{" + text[1:-1] + r"\}"
    return re.sub(r"(?<=[\w)}])\*(?=[\w({\\])", r" \\cdot ", text.replace(" * ", "*"))


def readings(text: str) -> list[Any]:
    """Return the parsed formulas that a text may be, best first."""
    found = parse("$" + latex(text) + "$", [LatexExtractionConfig()], fallback_mode="no_fallback", parsing_timeout=3)
    trees = [tree for tree in found if isinstance(tree, (sympy.Basic, sympy.MatrixBase))]
    if not trees:
        found = parse(
            text, [LatexExtractionConfig(), ExprExtractionConfig()], fallback_mode="no_fallback", parsing_timeout=3
        )
        trees = [tree for tree in found if isinstance(tree, (sympy.Basic, sympy.MatrixBase))]
    return trees


def simple(tree: Any) -> bool:
    """Whether it is one expression, no relation, set or tuple."""
    return isinstance(tree, sympy.Expr) and not tree.has(sympy.Tuple)


def imaginary(tree: Any) -> Any:
    """Take the letter i for the imaginary unit."""
    symbols = {symbol for symbol in tree.free_symbols if symbol.name == "i"}
    return tree.subs(dict.fromkeys(symbols, sympy.I))


def compare(one: Any, two: Any) -> str:
    """Compare two trees."""
    if simple(one) and simple(two):
        one, two = imaginary(one.doit()), imaginary(two.doit())
        difference = sympy.simplify(one - two)
        return "equal" if difference == 0 or difference.equals(0) else "different"
    relations = [isinstance(tree, sympy.core.relational.Relational) for tree in (one, two)]
    if all(relations) and not isinstance(one, sympy.Eq) and not isinstance(two, sympy.Eq):
        symbols = one.free_symbols | two.free_symbols
        if len(symbols) == 1:
            real = {symbol: sympy.Symbol("x", real=True) for symbol in symbols}
            return "equal" if one.subs(real).as_set() == two.subs(real).as_set() else "different"
    if simple(one) != simple(two) and not (isinstance(one, sympy.Eq) or isinstance(two, sympy.Eq)):
        return "undecided"
    options = {"strict": True, "float_rounding": 30, "numeric_precision": 50, "timeout_seconds": 4}
    options["allow_set_relation_comp"] = True
    return "equal" if verify(one, two, **options) and verify(two, one, **options) else "different"


def verdict(given: str, expected: str) -> str:
    """Say how two texts compare."""
    left, right = readings(given), readings(expected)
    return compare(right[0], left[0]) if left and right else "undecided"
