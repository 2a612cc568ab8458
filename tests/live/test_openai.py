"""One question from real models, where there is a key: all three seats, structured output, tool calls, prices."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.service.command import command, rows

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not os.environ.get("OPENAI_API_KEY"), reason="needs OPENAI_API_KEY"),
]


async def test_real_models_play_a_candidate_to_its_end(tmp_path: Path) -> None:
    model = os.environ.get("NANOFLUX_LIVE_MODEL", "openai:gpt-5-nano")
    seats = [f"--{seat}={model}" for seat in ("attacker", "defender", "judge")]
    ended = await command(*seats, "--target=1", "--max-candidates=3", f"--runs-dir={tmp_path}", "--name=r")
    assert ended.code in (0, 3), ended.err
    assert "Traceback" not in ended.err
    if ended.code == 0:
        assert len(rows(tmp_path)) == 1
        assert all(used.usd for used in rows(tmp_path)[0].usage.values())
