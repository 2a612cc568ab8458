"""Call a program's `solve` on many sets of inputs, in one sandbox run."""

from __future__ import annotations

import ast
import asyncio
import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tools.programs import harness
from tools.programs.values import Value, read_value
from tools.sandbox.port import Limits, Sandbox

SHARE = 0.6
"""Of the limit on time, what the calls after the first may use; the rest is for start and first call."""


@dataclass(frozen=True)
class Solved:
    """What a program returned: one entry a call, the reason as text where it is undefined, None where not called.

    Attributes:
        results: In the order of the calls.
        fault: Why nothing could be called: no `solve`, other parameters, an error at definition; empty if none.
    """

    results: tuple[Value | str | None, ...]
    fault: str = ""

    @property
    def first(self) -> Value | str:
        """The value for the first inputs, or why there is none."""
        return self.fault or self.results[0] or "it did not return in time"


def static_fault(program: str, names: Sequence[str]) -> str:
    """Say, before anything runs, why the program is no solution: it must define `solve` over exactly these names."""
    try:
        tree = ast.parse(program)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        line = f" on line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        return f"it cannot be read{line}: {str(error).splitlines()[0][:120]}"
    made = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "solve"]
    if not made:
        return f"it defines no function solve({', '.join(names)})"
    arguments = made[-1].args
    taken = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    if sorted(taken) != sorted(names) or arguments.posonlyargs or arguments.vararg or arguments.kwarg:
        return f"solve must take exactly the inputs ({', '.join(names)}), and takes ({', '.join(taken)})"
    return ""


async def call_solve(
    sandbox: Sandbox,
    program: str,
    calls: Sequence[Mapping[str, Any]],
    *,
    formula: bool,
    limits: Limits,
) -> Solved:
    """Call `solve` for each set of arguments.

    Args:
        sandbox: Where the program runs.
        program: Defines `solve`.
        calls: Arguments by name, each as `tools.inputs.kinds.wire` writes it; the same names in all.
        formula: Whether formulas are asked for.
        limits: Of the whole run.

    Raises:
        SandboxError: The sandbox failed, not the program.
    """
    names = sorted(calls[0])
    if fault := static_fault(program, names):
        return Solved((), fault)
    nonce = hashlib.sha256(json.dumps([program, names]).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    request = {
        "nonce": nonce, "program": program, "names": names, "calls": list(calls), "formula": formula,
        "seconds": SHARE * min(limits.wall_s, limits.cpu_s),
    }  # fmt: skip
    packed = base64.b85encode(zlib.compress(json.dumps(request).encode(), 9)).decode()
    source = await asyncio.to_thread(_harness)  # reading a file would block the event loop
    run = (await sandbox.run(f"{source}\n\nmain({packed!r})\n", limits=limits)).trusted()
    results: list[Value | str | None] = []
    for line in run.stdout.splitlines():
        if not line.startswith(nonce):
            continue
        try:
            told = json.loads(line[len(nonce) :])
            if told[0] == "fault":
                return Solved((), str(told[1]))
            results.append(str(told[1]) if told[0] == "undefined" else read_value(told))
        except (ValueError, TypeError, IndexError, KeyError, RecursionError) as error:
            return Solved((), f"its output cannot be read: {error}")
    if not results:
        why = run.stderr.strip().splitlines()[-1:] or [f"it ended with {run.status}"]
        return Solved((), f"{run.status}: {why[0][:300]}")
    return Solved(tuple(results[: len(calls)]) + (None,) * (len(calls) - len(results)))


@cache
def _harness() -> str:
    return Path(harness.__file__).read_text(encoding="utf-8")
