"""Run the offline models' own programs in this process: a test of hundreds of programs starts none."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Sequence
from typing import Self

from tools.inputs.kinds import Input, read_input, wire
from tools.programs.solve import call_solve
from tools.programs.values import Value
from tools.sandbox.port import Execution, Guarantees, Limits, code_hash

LIMITS = Limits(wall_s=60, cpu_s=60)


class SameProcess:
    """A sandbox that protects from nothing; for programs that this repository wrote."""

    name = "same process"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    def guarantees(self) -> Guarantees:
        """Promise nothing."""
        return Guarantees(
            files_hidden=False, network_blocked=False, processes_isolated=False, memory_capped=False,
            state_fresh=True, scratch_folder=False, exact_cpython=True, packages=(),
        )  # fmt: skip

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:  # part of the port
        """Run the program; its errors are those of the test."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "program.py", "exec"), {"__name__": "__main__"})  # the purpose
        return Execution(status="ok", stdout=printed.getvalue(), backend=self.name, code_sha256=code_hash(code))


def returned(program: str, inputs: Sequence[Input]) -> Value | str:
    """Return what a program's `solve` gives for these inputs, or why it gives nothing."""
    calls = [{given.name: wire(read_input(given)) for given in inputs}]
    return asyncio.run(call_solve(SameProcess(), program, calls, formula=False, limits=LIMITS)).first
