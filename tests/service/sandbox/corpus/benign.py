"""Harmless programs, of the kinds that a Judge and an Attacker write; a sandbox that breaks one is of no use."""

# ruff: noqa: E501  (programs read best a line each)

BENIGN: dict[str, str] = {
    "print": "print('hello', 'wörld', 2**100)",
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool: print(sum(pool.map(lambda n: n * n, range(100))))"
    ),
    "asyncio": "import asyncio\nasync def f(n):\n    await asyncio.sleep(0.01)\n    return n\n"
    "async def main(): return await asyncio.gather(*(f(n) for n in range(9)))\nprint(asyncio.run(main()))",
    "dataclass": "from dataclasses import dataclass\n@dataclass(order=True)\nclass P:\n    x: int\n    y: int = 2\nprint(sorted([P(3), P(1)]))",
    "recursion": "def f(n): return 1 if n < 2 else n * f(n - 1)\nprint(f(300))",
    "comprehension_scope": "n = 3\nprint([n * k for k in range(4) if (lambda: n)() == 3])",
    "generator": "def g():\n    a, b = 0, 1\n    while True:\n        yield a\n        a, b = b, a + b\nfrom itertools import islice\nprint(list(islice(g(), 20)))",
    "enum": "from enum import Enum\nclass C(Enum):\n    A = 1\n    B = 2\nprint(list(C))",
    "pattern_matching": "match {'k': [1, 2, 3]}:\n    case {'k': [first, *rest]}: print(first, rest)",
    "regex": "import re\nprint(re.sub(r'(\\d+)', lambda m: str(int(m[1]) * 2), 'a1b22c333'))",
    "json": "import json\nprint(json.dumps({'a': [1, 2.5, None, 'é']}, ensure_ascii=False, sort_keys=True))",
    "csv": "import csv, io\nprint(list(csv.DictReader(io.StringIO('a,b\\n1,2\\n3,4'))))",
    "datetime": "from datetime import date, timedelta\nprint(date(2024, 2, 28) + timedelta(days=2), date(2000, 1, 1).strftime('%A'))",
    "time_zone": "from zoneinfo import ZoneInfo\nfrom datetime import datetime\nprint(datetime(2024, 7, 1, tzinfo=ZoneInfo('Europe/Paris')))",
    "decimal": "from decimal import Decimal, getcontext\ngetcontext().prec = 60\nprint(Decimal(2).sqrt())",
    "fractions": "from fractions import Fraction\nprint(sum(Fraction(1, n) for n in range(1, 40)))",
    "statistics": "import statistics\nprint(statistics.stdev([1, 2, 3.5, 9]), statistics.quantiles(range(20)))",
    "random": "import random\nrandom.seed(42)\nprint(random.random(), random.sample(range(1000), 5))",
    "numpy_linear": "import numpy as np\nprint(np.linalg.solve([[3, 1], [1, 2]], [9, 8]), np.linalg.eigvalsh(np.diag([1., 4.])))",
    "numpy_random": "import numpy as np\nprint(np.random.default_rng(7).normal(size=5))",
    "scipy_optimise": "from scipy.optimize import brentq, minimize\nprint(brentq(lambda x: x**3 - 2, 0, 2), minimize(lambda v: (v[0] - 1)**2, [0.]).x.round(4))",
    "scipy_statistics": "from scipy import stats\nprint(stats.norm.ppf(0.975), stats.binom.pmf(3, 10, 0.5))",
    "scipy_integrate": "from scipy.integrate import quad\nimport math\nprint(quad(math.sin, 0, math.pi))",
    "sympy_solve": "from sympy import *\nx, y = symbols('x y')\nprint(solve([x + y - 10, x - y - 4], [x, y]), solve(x**3 - 6*x**2 + 11*x - 6))",
    "sympy_calculus": "from sympy import *\nx = symbols('x')\nprint(integrate(exp(-x**2), (x, -oo, oo)), diff(sin(x)**2, x), limit(sin(x)/x, x, 0))",
    "sympy_numbers": "from sympy import factorint, primerange, totient\nprint(factorint(2**64 - 1), list(primerange(50)), totient(360))",
    "brute_force": "print(sum(1 for a in range(1, 200) for b in range(a, 200) if round((a*a + b*b) ** 0.5) ** 2 == a*a + b*b))",
    "sieve": "n = 200_000\ns = bytearray([1]) * (n + 1)\nfor p in range(2, 448):\n    if s[p]: s[p*p::p] = bytes(len(s[p*p::p]))\nprint(sum(s) - 2)",
    "dynamic_programming": "from functools import cache\n@cache\ndef ways(n, k): return 1 if n == 0 else 0 if n < 0 or k == 0 else ways(n, k - 1) + ways(n - k, k)\nprint(ways(100, 100))",
    "scipy_ode": "from scipy.integrate import solve_ivp\nprint(solve_ivp(lambda t, y: -y, (0, 1), [1.0]).y[0, -1].round(3))",
    "scipy_chi_square": "from scipy.stats import chi2_contingency\nprint(chi2_contingency([[10, 20], [20, 10]])[2])",
    "scipy_milp": "from scipy.optimize import milp, LinearConstraint\nprint(milp([-1, -2], constraints=LinearConstraint([[1, 1]], ub=4), integrality=[1, 1]).x)",
    "numpy_threads": "import os\nos.environ['OPENBLAS_NUM_THREADS'] = '64'\nimport numpy as np\na = np.ones((600, 600))\nprint((a @ a).sum())",
    "mpmath": "import mpmath\nmpmath.mp.dps = 40\nprint(mpmath.zeta(3))",
    "biopython_sequence": "from Bio.Seq import Seq\nprint(Seq('ATGGCC').translate())",
    "biopython_melting": "from Bio.SeqUtils import MeltingTemp\nprint(round(MeltingTemp.Tm_Wallace('ATGC')))",
    "biopython_restriction": "from Bio.Restriction import EcoRI\nprint(EcoRI.site)",
    "biopython_alignment": "from Bio import Align\nprint(Align.PairwiseAligner().score('GATTACA', 'GCATGCU'))",
    "identifiers": "import secrets, uuid\nprint(len(secrets.token_hex(4)), len(str(uuid.uuid4())))",
    "locale": "import locale, os\nprint(os.cpu_count() > 0, locale.localeconv()['decimal_point'])",
    "heap": "import heapq\nh = [5, 1, 4]\nheapq.heapify(h)\nheapq.heappush(h, 0)\nprint([heapq.heappop(h) for _ in range(4)])",
    "own_exception": "class E(Exception): pass\ntry:\n    raise E('x') from ValueError('y')\nexcept E as e: print(repr(e), repr(e.__cause__))",
    "warning": "import warnings\nwarnings.warn('careful')\nprint('done')",
    "reverse_complement": "s = 'ATGCGTTA'\nprint(s[::-1].translate(str.maketrans('ACGT', 'TGCA')))",
    "main_guard": "def main(): print('main')\nif __name__ == '__main__': main()",
    "type_hints": "from typing import get_type_hints\nclass A:\n    x: 'int'\nprint(get_type_hints(A))",
    "pickle_of_own_class": "import pickle\nclass A:\n    x = 1\nprint(pickle.loads(pickle.dumps(A())).x)",
    "inspect_own_source": "import inspect\ndef f():\n    return 1\nprint(inspect.getsource(f))",
    "late_import": "import html.parser, xml.etree.ElementTree as et, string, calendar, textwrap\nprint(et.fromstring('<a><b/></a>').tag, calendar.isleap(2000))",
    "large_output": "for n in range(1500): print(n, 'x' * 20)",
    "exit_early": "import sys\nprint('before')\nsys.exit()\nprint('after')",
}

NEEDS_SCRATCH: dict[str, str] = {
    "temporary_file": "import tempfile\nwith tempfile.TemporaryFile('w+') as f:\n    f.write('x')\n    f.seek(0)\n    print(f.read())",
    "copy_a_file": "import os, shutil\nopen('a', 'w').write('x')\nshutil.copy('a', 'b')\nos.mkdir('c')\nshutil.copytree('c', 'd')\nprint(sorted(os.listdir()))",
    "database": "import sqlite3\nd = sqlite3.connect('x.db')\nd.execute('create table t (n)')\nd.executemany('insert into t values (?)', [(n,) for n in range(9)])\nd.commit()\nprint(d.execute('select sum(n) from t').fetchone())",
}

_FOLDER = set(NEEDS_SCRATCH)
_BIOLOGY = {name for name in BENIGN if name.startswith("biopython_")}
BROKEN: dict[str, set[str]] = {
    "namespace": set(),
    "landlock": _FOLDER,
    "repl": set(),
    "wasi": _FOLDER | _BIOLOGY | {"threads", "asyncio", "scipy_statistics"},
    "monty": _FOLDER
    | _BIOLOGY
    | {"scipy_ode", "scipy_chi_square", "scipy_milp", "numpy_threads", "mpmath", "identifiers", "locale"}
    | {"threads", "dataclass", "generator", "enum", "regex", "csv", "time_zone", "fractions", "statistics", "sieve"}
    | {"numpy_linear", "numpy_random", "scipy_optimise", "scipy_statistics", "scipy_integrate", "heap", "type_hints"}
    | {"sympy_solve", "sympy_calculus", "sympy_numbers", "own_exception", "warning", "reverse_complement"}
    | {"pickle_of_own_class", "late_import", "inspect_own_source"},
    "process": set(),
}
"""By backend, the programs that do not print there what this machine's Python prints."""
