"""Nothing blocks the event loop: `langgraph dev` watches for that and fails a run that does."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("blockbuster", reason="comes with langgraph-cli[inmem]")

PROGRAM = """
import asyncio, sys
from pathlib import Path
from blockbuster import blockbuster_ctx
from tools.novelty.port import NoveltyItem
from tools.novelty.registry import open_novelty

async def main(store):
    knobs = {} if store.startswith("http") else {"path": Path(store)}
    async with open_novelty(store if store.startswith("http") else "edge", **knobs) as gate:
        item = NoveltyItem(question="Which metal is a Roman denarius struck from?", owner="run/1", answer="silver")
        await gate.protect("test", [item])
        for ask in (gate.look, gate.admit, gate.near):
            await ask(item)
        print(await gate.count())

with blockbuster_ctx():
    asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.parametrize("store", ["edge", "server"])
async def test_the_gate_never_blocks_the_event_loop(store: str, tmp_path: Path, fake_url: str) -> None:
    target = str(tmp_path / "novelty") if store == "edge" else fake_url
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", PROGRAM, target],
        capture_output=True,
        text=True,
        check=False,
        # blockbuster crashes the interpreter at its end where output is buffered
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONUNBUFFERED": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "'benchmark': 1" in done.stdout
