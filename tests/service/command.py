"""Run the command line as its users do, against the scripted server, and read what it leaves."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from agents.rows import Survivor
from evals.mock_server.server import Script, ScriptedServer

SEATS = [
    "--attacker=openai:scripted-attacker",
    "--defender=openai:scripted-defender",
    "--judge=openai:scripted-judge",
    "--sandbox=process",
]


@dataclass
class Ended:
    """What a finished command left behind."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return (self.out.strip().splitlines() or [""])[-1]


async def start(*args: str, module: str = "graph.run", **env: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *args,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONWARNINGS": "error::DeprecationWarning", **env}, start_new_session=True,
    )  # fmt: skip


async def command(*args: str, module: str = "graph.run", timeout_s: float = 240, **env: str) -> Ended:
    process = await start(*args, module=module, **env)
    out, err = await asyncio.wait_for(process.communicate(), timeout_s)
    return Ended(process.returncode or 0, out.decode(), err.decode())


def flags(server: ScriptedServer, runs: Path, *more: str) -> list[str]:
    urls = [f"--{seat}-base-url={server.base_url}" for seat in ("attacker", "defender", "judge")]
    return [*SEATS, *urls, f"--runs-dir={runs}", "--name=r", *more]


def rows(runs: Path) -> list[Survivor]:
    lines = (runs / "r" / "dataset.jsonl").read_text().splitlines()
    return [Survivor.model_validate_json(line) for line in lines]


def assert_true_and_unique(kept: list[Survivor], script: Script) -> None:
    """Every row's answer is the truth, by the script's own reckoning, and no question is there twice."""
    assert [row.question for row in kept if script.truth(row.question) != row.answer] == []
    texts = Counter(" ".join(row.question.casefold().split()) for row in kept)
    assert [text for text, times in texts.items() if times > 1] == []
    assert len({row.id for row in kept}) == len(kept)


def paid_again(server: ScriptedServer, runs: Path) -> int:
    """Count the finished calls that are not on the run's books: made again, or lost with the process that made them."""
    finished = sum(call.status == 200 and call.finished for call in server.calls)
    usage = json.loads((runs / "r" / "funnel.json").read_text())["usage"]
    return finished - sum(int(seat["calls"]) for seat in usage.values())
