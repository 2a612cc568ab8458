"""`review` on a terminal: a person reads the cases one after the other, and approves, edits, rejects or leaves them."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from evals.mock_server.server import Script, serve
from graph.review.cases import list_cases
from tests.service.campaign.campaigns import campaign
from tests.service.command import rows

EDITOR = """
import json, sys
from pathlib import Path
file = Path(sys.argv[1])
fields = json.loads(file.read_text())
fields["steps"][-1] = "At last, " + fields["steps"][-1]
file.write_text(json.dumps(fields))
"""


class Terminal:
    """A command on a pseudo-terminal."""

    def __init__(self, *args: str, **env: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "graph.run", *args],
            stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **env}, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.told, self._read = "", 0

    def wait_for(self, text: str) -> None:
        """Read on to the next place at which a text stands."""
        while (at := self.told.find(text, self._read)) < 0:
            self.told += os.read(self._ours, 65_536).decode(errors="replace")
        self._read = at + len(text)

    def type(self, line: str) -> None:
        os.write(self._ours, f"{line}\n".encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which three cases wait."""
    folder = tmp_path_factory.mktemp("runs")

    async def run() -> None:
        async with serve(Script()) as server:
            await campaign(server, folder, target=3, review="all")

    asyncio.run(run())
    return folder


def test_cases_are_decided_one_after_the_other(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "editor.py").write_text(EDITOR)
    editor = f"{sys.executable} {tmp_path / 'editor.py'}"
    with closing(Terminal("review", "r", f"--runs-dir={runs}", "--by=ann", EDITOR=editor, VISUAL="")) as terminal:
        for word, outcome in (("a", "kept as "), ("e", "kept as "), ("r", "rejected_in_review: unclear")):
            terminal.wait_for("[q]uit? ")
            terminal.type(word)
            terminal.wait_for("note (may be empty): ")
            terminal.type("unclear")
            terminal.wait_for(outcome)
        assert terminal.process.wait() == 0
    assert "3 cases wait for review" in terminal.told
    assert terminal.told.count("verdict: well posed") == 3
    assert [row.review.decision for row in rows(runs) if row.review] == ["approved", "edited"]
    assert rows(runs)[1].steps[-1].startswith("At last, ")
    assert asyncio.run(list_cases(runs / "r")) == []


async def test_ctrl_c_ends_the_question_at_once(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        await campaign(server, tmp_path, target=1, review="all")
    with closing(Terminal("review", "r", f"--runs-dir={tmp_path}")) as terminal:
        await asyncio.to_thread(terminal.wait_for, "[q]uit? ")
        terminal.process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(terminal.process.wait, 120) == 130
    assert len(await list_cases(tmp_path / "r")) == 1
