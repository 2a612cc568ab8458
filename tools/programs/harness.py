"""What runs in the sandbox: define a program's `solve` and call it on many inputs, one line of JSON a call.

It stands alone, since only its text travels. Each line carries a nonce, so that whatever the program prints is not
taken for a value. A program that forges lines only states other values for itself; it cannot know what the other
program returns.
"""

from __future__ import annotations

import base64
import inspect
import json
import math
import sys
import time
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from datetime import time as clock
from decimal import Decimal
from fractions import Fraction
from typing import Any

LONGEST = 120
"""Characters of a value that is shown whole when it is not that of the stated inputs."""
POINTS = ((3, 7), (5, 3), (11, 4))
"""Numerators and denominators of the rational points at which formulas are compared."""


def read(argument: Any) -> Any:
    """Return the Python value of one input."""
    kind, value = argument
    if kind == "tuple":
        return tuple(read(part) for part in value)
    readers: dict[str, Callable[[Any], Any]] = {
        "int": int,
        "fraction": Fraction,
        "date": date.fromisoformat,
        "time": clock.fromisoformat,
        "duration": lambda seconds: timedelta(seconds=seconds),
        "str": str,
    }
    return readers[kind](value)


def encode(value: Any, formula: bool) -> list[Any]:
    """Write what `solve` returned; ValueError where it is no answer."""
    if hasattr(value, "dtype") and hasattr(value, "item"):
        value = value.item()
    if formula:
        return formula_of(value)
    if type(value).__module__.startswith("sympy"):
        return symbolic(value)
    for kind, write in WRITERS:
        if isinstance(value, kind):
            return write(value)
    raise ValueError(f"solve returned a {type(value).__name__}, which is no answer")


def real(value: float) -> list[Any]:
    """Write a float; ValueError for infinity and NaN."""
    if not math.isfinite(value):
        raise ValueError(f"solve returned {value}, which is no answer")
    return ["float", repr(value)]


WRITERS: list[tuple[Any, Callable[[Any], list[Any]]]] = [
    ((bool, str), lambda value: ["text", str(value)]),
    (int, lambda value: ["number", str(value)]),
    (Fraction, lambda value: ["number", f"{value.numerator}/{value.denominator}"]),
    (Decimal, lambda value: ["number", str(Fraction(value))]),
    (float, real),
    ((date, clock), lambda value: ["text", value.isoformat()]),
    ((list, tuple), lambda value: ["list", [encode(part, False) for part in value]]),
]
"""By type, first match first; true and false are texts, not numbers."""


def symbolic(value: Any) -> list[Any]:
    """Write a number of sympy's; ValueError for what is none."""
    if value.is_Rational:
        return ["number", f"{value.p}/{value.q}"]
    if value.is_number and value.is_real and value.is_finite:
        return ["float", repr(float(value))]
    raise ValueError(f"solve returned the formula {str(value)[:80]!r}, and a number was asked for")


def formula_of(value: Any) -> list[Any]:
    """Write a formula with its values at a few rational points, by which two of them are compared."""
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return ["formula", str(value), [], [str(value)] * len(POINTS)]
    import sympy  # noqa: PLC0415  # only where formulas are asked for

    formula = sympy.sympify(value.replace("^", "**") if isinstance(value, str) else value)
    names = sorted({symbol.name for symbol in formula.free_symbols})
    marks = []
    for place, (top, bottom) in enumerate(POINTS):
        at = {
            symbol: sympy.Rational(top, bottom) + (names.index(symbol.name) + place) * sympy.Rational(2, 7)
            for symbol in formula.free_symbols
        }
        exact = formula.subs(at)
        marks.append(str(exact if exact.is_Rational else sympy.N(exact, 20)))
    return ["formula", str(value), names, marks]


def main(payload: str) -> None:
    """Call `solve` for each set of arguments, until the time is used up."""
    sys.set_int_max_str_digits(0)
    request = json.loads(zlib.decompress(base64.b85decode(payload)))
    nonce, out = request["nonce"], sys.stdout

    def tell(result: Any) -> None:
        out.write(f"\n{nonce}{json.dumps(result)}\n")
        out.flush()

    space: dict[str, Any] = {"__name__": "solution"}
    exec(compile(request["program"], "solution.py", "exec"), space)  # noqa: S102  # the purpose
    solve = space.get("solve")
    if not callable(solve):
        tell(["fault", "it defines no function solve"])
        return
    wanted, taken = set(request["names"]), set(inspect.signature(solve).parameters)
    if wanted != taken:
        tell(["fault", f"solve must take exactly {sorted(wanted)}, and takes {sorted(taken)}"])
        return
    ends = time.process_time() + request["seconds"]
    for number, arguments in enumerate(request["calls"]):
        if number and time.process_time() > ends:
            return
        try:
            shown = encode(solve(**{name: read(value) for name, value in arguments.items()}), request["formula"])
        except Exception as error:  # noqa: BLE001  # whatever it is, the inputs are not among those it is defined for
            tell(["undefined", f"{type(error).__name__}: {str(error)[:200]}"])
            continue
        tell(shown if number == 0 else shortened(shown))


def shortened(shown: list[Any]) -> list[Any]:
    """Put a hash in the place of a long text."""
    if shown[0] != "text" or len(shown[1]) <= LONGEST:
        return shown
    import hashlib  # noqa: PLC0415  # rarely needed

    return ["text", f"sha256:{hashlib.sha256(shown[1].encode()).hexdigest()}"]
