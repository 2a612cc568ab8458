"""The reward of GRPO: whether an answer is the one that the row's program returns, by the comparison of a run.

The program runs in the sandbox, once for each row; where a row has none, its stated answer counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Any

from evals.training.rows import TrainRow
from tools.answers import answers_agree, final_answer
from tools.inputs.kinds import read_input, wire
from tools.programs.solve import call_solve
from tools.programs.values import Value
from tools.sandbox.port import Limits, Sandbox
from tools.sandbox.registry import open_sandbox

Reward = Callable[..., list[float]]


@contextmanager
def open_verifier(rows: Sequence[TrainRow]) -> Iterator[Reward]:
    """Give a reward function of TRL: 1 for a right answer, 0 for a wrong one or one that cannot be read.

    Raises:
        SandboxError: There is no sandbox to run programs in.
    """
    limits = Limits()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        sandbox = runner.run(_open(stack, limits))
        expected: dict[int, str] = {}

        def right(completions: Sequence[Any], row: Sequence[int], **_: Any) -> list[float]:
            async def compare() -> list[float]:
                texts = [one if isinstance(one, str) else one[-1]["content"] for one in completions]
                for number in {*row} - expected.keys():
                    expected[number] = await _answer(rows[number], sandbox, limits)
                return [
                    float(await _same(text, expected[number], rows[number], sandbox))
                    for number, text in zip(row, texts, strict=True)
                ]

            return runner.run(compare())

        try:
            yield right
        finally:
            runner.run(stack.aclose())


async def _open(stack: AsyncExitStack, limits: Limits) -> Sandbox:
    return await stack.enter_async_context(open_sandbox("auto", limits=limits, concurrency=1))


async def _same(text: str, expected: str, row: TrainRow, sandbox: Sandbox) -> bool:
    given = final_answer(text)
    return given is not None and await answers_agree(sandbox, given, expected, row.answer_kind, row.choices)


async def _answer(row: TrainRow, sandbox: Sandbox, limits: Limits) -> str:
    if not row.program or not row.inputs:
        return row.answer
    stated = [{one.name: wire(read_input(one)) for one in row.inputs}]
    solved = await call_solve(sandbox, row.program, stated, formula=row.answer_kind == "expression", limits=limits)
    return solved.first.text if isinstance(solved.first, Value) else row.answer
