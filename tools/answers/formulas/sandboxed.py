"""Compare formulas, sets, intervals, relations and matrices by Math-Verify on sympy, inside the sandbox.

Math-Verify may hang, and answers wrongly in threads: each comparison is a program of its own with a time limit. Its own
verdict on numbers has an absolute tolerance, so that 1/2^99 would equal 1/2^98; two expressions are equal here only
where sympy shows it.
"""

from __future__ import annotations

import asyncio
import json
from functools import cache
from pathlib import Path

from tools.answers.formulas.comparison import Verdict
from tools.sandbox.port import Limits, Sandbox

LIMITS = Limits(wall_s=10.0, cpu_s=8)
LONGEST = 2000
"""Characters of a formula that is sent."""


async def compare_expressions(sandbox: Sandbox, given: str, expected: str, *, limits: Limits = LIMITS) -> Verdict:
    """Compare two formulas by symbolic algebra; `undecided` where it cannot read one, or takes too long.

    Raises:
        SandboxError: The sandbox failed.
    """
    if len(given) > LONGEST or len(expected) > LONGEST:
        return "undecided"
    call = f"\nprint(verdict(*{json.dumps([given, expected])}))\n"
    program = await asyncio.to_thread(_program)  # reading a file would block the event loop
    run = (await sandbox.run(program + call, limits=limits)).trusted()
    *_, last = run.stdout.split() or [""]
    if run.status == "ok" and last == "equal":
        return "equal"
    return "different" if run.status == "ok" and last == "different" else "undecided"


@cache
def _program() -> str:
    return Path(__file__).with_name("math_verify_program.py").read_text(encoding="utf-8")
