"""Read the one number that an answer states, whatever form, unit and words it comes with; or nothing.

An answer is a number with at most a sign, a currency, a unit or percent, as digits in any notation, a fraction, a
mixed number, a power of ten, a multiple of pi or of a root. A unit's own numbers (`mL/min/1.73 m^2`) are not the value.
Where two numbers stand, or a bound, a range, a negation, the answer is unreadable: no number of it is picked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction

from tools.answers.formulas.parser import Tree, UnreadFormula, parse, tokens
from tools.answers.literals import Literal, scan, times_ten
from tools.answers.notation import fold, from_latex
from tools.answers.reply import bare, boxed, final_answer, lines_of
from tools.answers.units import introduces, only_a_unit, scale

LONGEST = 20_000
"""Characters of an answer that is still read."""
_LONGEST_PROSE = 1000
"""Characters of an answer of which most are no digits."""
_PRECISION = 40
"""Digits to which pi and roots are computed."""
_CURRENCY = re.compile(r"(?:US|CA|AU)?[$€£¥₹]\s*")
_SIGN = re.compile(r"([-+]?)\s*")
_START = re.compile(
    r"(?<![\w.])[-+]?\s*(?:(?:US|CA|AU)?[$€£¥₹])?\s*[-+]?\s*[(\[{]?[-+]?\s*(?:\d|\.\d)|(?<!\w)[-+]?(?:√|π|sqrt)"
)
_POWER = re.compile(r"\s*(?:\^|\*\*)\s*\(?\s*([+-]?\d{1,5})(?!\d|\.\d)(?:\s*\))?")
_TEN = re.compile(r"\s*(?:[xX]|\*)\s*10\s*(?:\^|\*\*)\s*\(?\s*([+-]?\d{1,5})(?!\d|\.\d)(?:\s*\))?")
_FRACTION_BAR = re.compile(r"\s*/\s*(?=[-+(]?\s*[-+]?\d)")
_LATEX_FRACTION = re.compile(r"\(\(([^()]*)\)/\(([^()]*)\)\)")
_COMPLEX = re.compile(r"\(?([^()]*[\d.])[+-]0j\)?")
_ARITHMETIC = re.compile(r"[\d\s.,+\-*/^()$€£%xπ√]*")
_LABEL = re.compile(r"(?:a|ans|answer|final answer|####|the answer is) ?:? *", re.IGNORECASE)
_SURD = re.compile(r"(?:[\d\s.,+\-*/^()√π]|sqrt|pi(?!\w))+")
_IRRATIONAL = re.compile("√|π|sqrt|pi")
_TRAILING = " .,;"
_EXPONENT = re.compile(r"\\[a-zA-Z]+|(?<=\d)[eE](?=[+-]?\d)")
_BOOKED = re.compile(r"\([$€£]? ?\d{1,3}(?:,\d{3})+(?:\.\d+)?\)[.]?")
"""A negative amount to an accountant, and to nobody else: no answer of one meaning."""
_LETTERS = re.compile(r"[^\W\d_]")
_LIST = re.compile(r"\d,\d")
_THOUSANDS = re.compile(r"\D{0,3}\d{1,3}(?:,\d{3})+(?:\.\d+)?\D{0,2}")


@dataclass(frozen=True)
class Number:
    """What an answer states: the value, and how it was written.

    Args:
        value: The number; a multiple of pi or of a root to 40 digits.
        literal: The digits as written, where the number is one literal.
        unit: What follows it.
    """

    value: Fraction
    literal: Literal | None = None
    unit: str = ""


def read_number(text: str) -> Fraction | None:
    """Read the number that the text is: `$1,234.50`, `-3e5`, `3/28`, `3 x 10^5`, `20 %`; None if it is none."""
    found = number_of(text)
    return None if found is None else found.value


def number_of(text: str) -> Number | None:
    """Read the number that the text is, and how it is written; None where it states none, or more than one."""
    if len(text) > LONGEST:
        return None
    line = _the_line(text)
    if line is None or (len(line) > _LONGEST_PROSE and 2 * sum(map(str.isdigit, line)) < len(line)):
        return None
    line = " ".join(_LATEX_FRACTION.sub(r" \1/\2", from_latex(fold(line))).split())
    if not line or _BOOKED.fullmatch(line):
        return None
    line = line.replace("**", "") if line.count("**") == 2 and not line[0].isdigit() else line
    whole_complex = _COMPLEX.fullmatch(line)
    if whole_complex is not None:
        line = whole_complex[1]
    return _stated(_right_side(_uncover(line)))


def bare_number(text: str) -> Number | None:
    """Read a number that stands alone, without words, a unit, or a comma that may separate two numbers."""
    found = number_of(text)
    if found is None or found.unit or _LETTERS.search(_EXPONENT.sub("", text)):
        return None
    return None if _LIST.search(text) and not _THOUSANDS.fullmatch(text.strip()) else found


def _the_line(text: str) -> str | None:
    """Return the line that holds the answer: the only one, or a last one that says that it is the answer."""
    lines = lines_of(text)
    if not lines:
        return None
    if "boxed{" in text:
        return boxed(text) if text.count("boxed{") == 1 else None
    last = lines[-1]
    label = _LABEL.match(last)
    labelled = label is not None and (label[0].rstrip().endswith((":", "#", "s")))
    if len(lines) > 1 and not labelled:
        return final_answer(text)
    return bare(last[label.end() :] if labelled and label else last)


def _uncover(line: str) -> str:
    """Take off brackets that hold the whole line."""
    stripped = line.rstrip(_TRAILING)
    if len(stripped) > 2 and stripped[0] + stripped[-1] in ("()", "[]", "{}"):
        inner = stripped[1:-1]
        if not any(mark in inner for mark in "()[]{},;"):
            return inner.strip()
    return line


def _right_side(line: str) -> str | None:
    """Return what stands after the last `=` or `≈`, if what stands before can only lead up to it."""
    *before, last = re.split(r"=|≈", line)
    if any(mark in line for mark in ("<=", ">=", "!=", "==")):
        return None
    for side in before:
        start = _START.search(side)
        if start is None:
            if not introduces(side + "="):
                return None
        elif not introduces(side[: start.start()]) or not _leads_to(side[start.start() :], last):
            return None
    return last if last.strip(_TRAILING) else None


def _leads_to(side: str, last: str) -> bool:
    """Whether the left side of an equation is arithmetic, and no other number than the right one."""
    if not _ARITHMETIC.fullmatch(side) or ", " in side or side.rstrip().endswith("x"):
        return False
    left, right = _stated(side), _stated(last)
    return left is None or right is None or abs(left.value - right.value) <= abs(left.value) / 100


def _stated(line: str | None) -> Number | None:
    """Read a line that states a number: words that may lead to one, the number, and a unit."""
    if line is None:
        return None
    line = line.strip().rstrip(_TRAILING) if line.strip(_TRAILING) else ""
    if _IRRATIONAL.search(line) and _SURD.fullmatch(line):
        value = _surd(line)
        return None if value is None else Number(value)
    start = _START.search(line)
    if start is None or not introduces(line[: start.start()]):
        return None
    found = _value(line, start.start())
    if found is None:
        return None
    number, at = found
    times = scale(line, at)
    if times is not None:
        number, at = replace(number, value=number.value * times[0], literal=None), times[1]
    unit = line[at:]
    return replace(number, unit=unit.strip(_TRAILING + "*_")) if only_a_unit(unit) else None


def _value(line: str, at: int) -> tuple[Number, int] | None:  # noqa: PLR0911  (one row a form)
    """Read sign, currency and number."""
    sign, at = _signed(line, at)
    currency = _CURRENCY.match(line, at)
    if currency is not None:
        inner, at = _signed(line, currency.end())
        sign *= inner
    found = _atom(line, at)
    if found is None:
        return None
    literal, at = found
    power = _TEN.match(line, at)
    if power is not None:
        scaled = times_ten(literal, int(power[1]))
        return None if scaled is None else (Number(sign * scaled.value, scaled), power.end())
    power = _POWER.match(line, at)
    if power is not None:
        value = _whole_power(literal.value, int(power[1]))
        return None if value is None else (Number(sign * value), power.end())
    mixed = _mixed(line, at) if literal.counted else None
    if mixed is not None:
        return Number(sign * (literal.value + mixed[0])), mixed[1]
    bar = _FRACTION_BAR.match(line, at)
    if bar is None:
        return Number(sign * literal.value, literal), at
    below_sign, at = _signed(line, bar.end())
    below = _atom(line, at)
    if below is None or below[0].value == 0:
        return None
    return Number(sign * below_sign * literal.value / below[0].value), below[1]


def _signed(line: str, at: int) -> tuple[int, int]:
    match = _SIGN.match(line, at)
    return (-1 if match and match[1] == "-" else 1), match.end() if match else at


def _atom(line: str, at: int) -> tuple[Literal, int] | None:
    """Read a literal, bracketed or not."""
    if line[at : at + 1] != "(":
        return scan(line, at)
    sign, inner = _signed(line, at + 1)
    found = scan(line, inner)
    if found is None or line[found[1] : found[1] + 1] != ")":
        return None
    return replace(found[0], value=sign * found[0].value), found[1] + 1


_PART = re.compile(r"\s+(?:and\s+)?(\d{1,9})\s*/\s*(\d{1,9})(?![\d./])")


def _mixed(line: str, at: int) -> tuple[Fraction, int] | None:
    """Read the fraction of a mixed number: the ` 3/4` of `7 3/4`."""
    match = _PART.match(line, at)
    if match is None or not 0 < int(match[1]) < int(match[2]):
        return None
    return Fraction(int(match[1]), int(match[2])), match.end()


def _whole_power(base: Fraction, exponent: int) -> Fraction | None:
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if size * abs(exponent) > 100_000 or (base == 0 and exponent <= 0):
        return None
    return base**exponent


# --- multiples of pi and of roots --------------------------------------------------------------------------------

PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494459")


def _surd(line: str) -> Fraction | None:
    """Compute a single product of numbers, roots and pi."""
    try:
        return _evaluate(parse(tokens(line)))
    except (UnreadFormula, ArithmeticError):
        return None


def _evaluate(tree: Tree) -> Fraction:
    match tree:
        case ("number", value) if value.numerator.bit_length() < 1000:
            return value  # type: ignore[no-any-return]  # part of a tree
        case ("name", "pi"):
            return PI
        case ("neg", inner):
            return -_evaluate(inner)
        case ("call", "sqrt", (inner,)):
            return _root(_evaluate(inner))
        case ("product", factors) if len(factors) <= 6:
            product = Fraction(1)
            for factor, sign in factors:
                product = product * _evaluate(factor) if sign > 0 else product / _evaluate(factor)
            return product
        case ("pow", base, ("number", exponent)) if exponent.denominator == 1 and 0 < exponent <= 20:
            return _evaluate(base) ** int(exponent)
    raise UnreadFormula(f"not a single term: {tree[0]}")


def _root(value: Fraction) -> Fraction:
    if value < 0:
        raise UnreadFormula("the root of a negative number")
    with localcontext(prec=_PRECISION):
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())
