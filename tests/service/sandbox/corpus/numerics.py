"""Harmless programs without end, whose output must be, byte for byte, what this machine's Python prints."""

# ruff: noqa: E501  (programs read best a line each)

from __future__ import annotations

import random

_TEMPLATES = (
    "print(round({a} * {b} / 1000, 3), round({x}, 2), {x} ** 0.5, {a} // 7, -{a} % 13, divmod({a}, {c}))",
    "import math\nprint(math.sin({x}), math.exp({y}), math.lgamma({x}), math.comb({c} + 30, {c}), math.fsum([{x}] * 10))",
    "from decimal import *\ngetcontext().prec = {c} + 5\nprint(Decimal({a}) / Decimal({b}), Decimal('{x}').quantize(Decimal('.01')))",
    "from fractions import Fraction as F\nprint(F({a}, {b}) + F({c}, 7), F({x}).limit_denominator(100), float(F({a}, {b})))",
    "import statistics as s\nd = [{a}, {b}, {c}, {x}]\nprint(s.mean(d), s.pstdev(d), s.median(d), s.fmean(d))",
    "import numpy as np\nr = np.random.default_rng({a})\nm = r.normal(size=(4, 4))\nprint(np.linalg.inv(m), np.linalg.det(m))",
    "import numpy as np\nprint(np.linspace(0, {x}, 5).cumsum(), np.fft.rfft([{a}, {b}, {c}, 1.5]), np.polyfit([1, 2, 3], [{x}, {y}, {c}], 1))",
    "from scipy import stats\nprint(stats.norm.cdf({y}), stats.t.ppf(0.9, {c}), stats.poisson.pmf({c}, {x}))",
    "from scipy.optimize import brentq\nfrom scipy.integrate import quad\nprint(brentq(lambda t: t**3 - {x}, 0, 99), quad(lambda t: t**{y}, 0, 1))",
    "from sympy import *\nx = symbols('x')\nprint(solve({c} * x**2 - {a} * x + {b}, x), factor(expand((x + {c}) ** 3)))",
    "from sympy import *\nx = symbols('x')\nprint(integrate(x ** {c} * exp(-x), x), series(cos({c} * x), x, 0, 6), N(pi ** {c}, 30))",
    "from sympy import *\nprint(factorint({a} * {b} + 1), Rational({a}, {b}), sqrt({a} * 8), Matrix([[{a}, 1], [2, {c}]]).det())",
    "from Bio.Seq import Seq\nfrom Bio.SeqUtils import MeltingTemp, gc_fraction, molecular_weight\ns = Seq('ATGGCC' * {c} + 'TTAGCA')\nprint(s.translate(), s.reverse_complement(), gc_fraction(s), MeltingTemp.Tm_NN(s), molecular_weight(s, 'DNA'))",
    "import random\nrandom.seed({a})\nprint(random.random(), random.gauss(0, 1), random.choices(range(99), k={c}))",
    "from datetime import *\nd = date(2000, 1, 1) + timedelta(days={a})\nprint(d, d.isocalendar(), datetime.fromtimestamp({a}), d.strftime('%c'))",
    "print('{a:,}', f'{{{x}:.3e}}', f'{{{a}:>12_}}', 'ñandú-ß'.upper(), chr({c} + 945) * {c}, hash('{a}'), {{'{a}', '{b}', 'x'}})",
)


def programs(count: int) -> list[str]:
    """Return the first programs of an endless, fixed row."""
    rng = random.Random(5)
    made = []
    for place in range(count):
        values: dict[str, float] = {"a": rng.randint(2, 9999), "b": rng.randint(2, 999), "c": rng.randint(2, 9)}
        values |= {"x": round(rng.uniform(0.5, 50), 3), "y": round(rng.uniform(0.1, 3), 3)}
        code = _TEMPLATES[place % len(_TEMPLATES)]
        for name, value in values.items():
            code = code.replace("{" + name + "}", str(value)).replace("{" + name + ":,}", f"{value:,}")
        made.append(code.replace("{{", "{").replace("}}", "}"))
    return made
