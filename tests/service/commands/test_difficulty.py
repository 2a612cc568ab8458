"""The table of how hard the offline questions are, with the scripted server as the Defender."""

from __future__ import annotations

from evals.mock_server.server import Script, serve
from tests.service.command import command


async def test_right_answers_are_counted_by_steps_and_size() -> None:
    async with serve(Script(defender_right=1.0)) as server:
        ended = await command(
            "--domain=math", "--hops=1", "--questions=2", "--model=openai:scripted-defender",
            f"--base-url={server.base_url}", module="evals.difficulty",
        )  # fmt: skip
    assert ended.code == 0, ended.err
    rows = [line.split(" | ")[1:3] for line in ended.out.splitlines() if line.startswith("| math")]
    assert rows == [["1", "small"], ["1", "school"], ["1", "large"]]
    assert "Of 6 answers" in ended.out


async def test_what_cannot_be_measured_is_one_line() -> None:
    ended = await command("--hops=few", module="evals.difficulty")
    assert ended.code == 2
    assert len(ended.err.strip().splitlines()) == 1
