"""Formulas that only algebra can compare: Math-Verify in the sandbox, with a time limit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests import DATA
from tools.answers import answers_agree, compare_expressions
from tools.sandbox.port import Limits, Sandbox, SandboxError
from tools.sandbox.registry import open_sandbox

PAIRS = DATA / "answer_pairs.jsonl"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_sandbox("auto", limits=Limits(), concurrency=2) as opened:
        if not opened.guarantees().exact_cpython:
            pytest.skip("this machine's sandbox runs no CPython with packages")
        yield opened


async def test_what_needs_algebra_gets_its_verdict(sandbox: Sandbox) -> None:
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    pairs = [pair for pair in pairs if pair.get("by") == "sandbox"]
    assert len(pairs) >= 15
    verdicts = await asyncio.gather(
        *(answers_agree(sandbox, pair["given"], pair["expected"], "expression") for pair in pairs)
    )
    assert [pair for pair, same in zip(pairs, verdicts, strict=True) if same is not pair["equal"]] == []


async def test_what_is_no_formula_equals_nothing(sandbox: Sandbox) -> None:
    texts = ["", "\x00", "\ud800", "((((", "''' + '''", "__import__('os')", "9**9**9**9", "\\frac{", "x" * 5000]
    verdicts = await asyncio.gather(*(compare_expressions(sandbox, text, "x + 1") for text in texts))
    assert "equal" not in verdicts


async def test_a_comparison_that_hangs_is_undecided(sandbox: Sandbox) -> None:
    tower = "9^(9^(9^9)) + sin(x)"
    assert await compare_expressions(sandbox, tower, f"{tower} + 1", limits=Limits(wall_s=2, cpu_s=1)) == "undecided"


class _Broken:
    """A sandbox that can run nothing."""

    async def run(self, code: str, *, limits: Limits | None = None) -> object:
        raise SandboxError("it is gone")


async def test_a_sandbox_that_fails_is_no_verdict() -> None:
    with pytest.raises(SandboxError):
        await answers_agree(_Broken(), "sin(x)", "cos(x)", "expression")  # type: ignore[arg-type]  # a stand-in
