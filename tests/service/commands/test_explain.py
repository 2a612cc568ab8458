"""`explain` over a real run with kept, refused, failed and unfinished candidates."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from agents.records import Answer, Brief, Cell, NoveltyMark, Question
from agents.rows import Survivor
from evals.mock_server.server import Script, serve
from graph.question.attempts import Attempt
from graph.question.state import Rejection
from graph.reports.candidate_trace import CandidateTrace, tell
from graph.run import main
from graph.settings import candidate_id
from tests.docs import SAMPLE
from tests.service.command import command, flags, rows, start

WORLD = Script(wrong_answer=0.3, duplicates=0.1, defender_right=0.5, judge_lazy=0.2, malformed=0.2)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; the Defender's and the Judge's unreadable replies fail their candidates."""
    folder = tmp_path_factory.mktemp("runs")

    async def run() -> None:
        async with serve(WORLD) as server:
            args = ["--target=8", "--max-attempts=2", "--parse-retries=0", "--give-up-after=100"]
            ended = await command(*flags(server, folder, *args))
        assert ended.code == 0, ended.err

    asyncio.run(run())
    return folder


def told(runs: Path, name: str, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["explain", "r", name, f"--runs-dir={runs}", *more]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(runs: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (runs / "r" / "refused.jsonl").read_text().splitlines()]


def test_every_id_of_a_run_answers(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    funnel = json.loads((runs / "r" / "funnel.json").read_text())
    outcomes = {row["outcome"] for row in refused(runs)}
    assert outcomes >= {"failed", "unverified", "too_easy"}
    for row in rows(runs):
        trace = told(runs, row.id, capsys)
        assert f"kept as {row.id}" in trace
        assert "passed every check" in trace
        assert "which agrees" in trace
        assert "verdict: well posed" in trace
        assert "nearest: " in trace
        assert f"stated answer: {row.answer} (number)" in trace
    for refusal in refused(runs):
        trace = told(runs, str(refusal["id"]), capsys)
        assert trace.splitlines()[1].startswith(f"{refusal['outcome']}: ")
        assert trace.count("\nattempt ") == refusal["attempts"]
    for index in range(funnel["candidates"]):
        assert told(runs, str(index), capsys) == told(runs, candidate_id("r", index), capsys)


def test_an_attempt_that_was_turned_back_is_told_with_its_reason(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = next(row for row in refused(runs) if row["attempts"] == 2 and row["outcome"] != "failed")
    trace = told(runs, str(twice["index"]), capsys)
    first, second = trace.split("\nattempt 1: ")[1].split("\nattempt 2: ")
    assert "the Attacker got this as feedback" in first
    assert second.startswith(f"{twice['outcome']}: ")


def test_calls_are_told_in_their_order_and_in_full_where_asked(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = next(row for row in rows(runs) if row.usage["attacker"].calls == 1)
    trace = told(runs, row.id, capsys, "--replies")
    seats = re.findall(r"^  \d+\. (\w+), ", trace, re.MULTILINE)
    assert seats == ["attacker", "defender", *["judge"] * row.usage["judge"].calls]
    assert '"reference_rubric"' in trace


@pytest.mark.parametrize(
    ("run", "name", "said"),
    [
        ("r", "9999", "numbers are 0 to "),
        ("r", "no-such-id", "nearest: "),
        ("rr", "0", "nearest: r"),
        ("../r", "0", "there is no run 'r' in"),
    ],
)
def test_an_unknown_name_is_one_line_with_the_nearest(
    run: str, name: str, said: str, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", run, name, f"--runs-dir={runs}"]) == 2
    line = capsys.readouterr().err
    assert said in line
    assert len(line.splitlines()) == 1


def test_a_store_that_is_none_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "store.sqlite").write_text("this is no database, whatever its name may say")
    assert main(["explain", "r", "0", f"--runs-dir={tmp_path}"]) == 2
    assert "store.sqlite is no store of a run" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="this system has no users to be")
def test_it_needs_no_folder_that_can_be_written_to(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = rows(runs)[0].id
    whole = told(runs, kept, capsys)
    with TemporaryDirectory(dir="/tmp") as place:  # pytest's own folders are closed to other users
        copy = Path(place) / "r"
        shutil.copytree(runs / "r", copy)
        (copy / "store.sqlite-shm").unlink(missing_ok=True)  # which SQLite would make
        Path(place).chmod(0o755)
        copy.chmod(0o555)
        monkeypatch.chdir(copy)
        user = os.geteuid()
        try:
            if user == 0:
                os.seteuid(65534)  # to root every folder can be written to
            assert told(Path(place), kept, capsys) == whole
        finally:
            os.seteuid(user)
            monkeypatch.undo()
            copy.chmod(0o755)


async def test_it_tells_of_candidates_in_flight_while_the_run_goes_on(tmp_path: Path) -> None:
    async with serve(Script(latency_s=0.2, defender_right=1.0)) as server:
        process = await start(*flags(server, tmp_path, "--target=50", "--slots=2", "--max-attempts=20"))
        while len(server.calls) < 12 and process.returncode is None:
            await asyncio.sleep(0.02)
        ended = await command("explain", "r", "0", f"--runs-dir={tmp_path}")
        assert process.returncode is None
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert ended.code == 0, ended.err
    assert "not ended" in ended.out
    assert "attempt 1: too_easy: " in ended.out
    assert "the Attacker got this as feedback" in ended.out


def test_model_text_steers_no_terminal() -> None:
    row = Survivor.model_validate_json(SAMPLE.read_text())
    evil = "a\x1b[2Jb\rc\x07\u202e"
    question = Question.model_validate(
        row.model_dump(include=set(Question.model_fields)) | {"question": evil, "steps": [evil], "program": evil}
    )
    attempt = Attempt(
        number=1, brief=Brief(domain="math", **row.asked.model_dump(), seed=1),
        rejection=Rejection(outcome="too_easy", reason=evil, near=None, final=False), question=question,
        evidence=[run.model_copy(update={"code": evil, "stdout": evil}) for run in row.evidence],
        answers=[Answer(steps=[], answer=evil)], passed=0, judge_program=evil,
        blind_answer=evil, proof=None, verdict=None,
        novelty=NoveltyMark(nearest=evil, score=0.5, embedder=evil),
    )  # fmt: skip
    reply = {"type": "ai", "data": {"content": evil}}
    call = {"seat": "judge", "usage": row.usage["judge"].model_dump(), "reply": reply}
    trace = CandidateTrace(
        run=evil,
        index=1,
        candidate="c",
        ended=None,
        asked=Cell(topic=evil, skill=evil, hops=3),
        attempts=[attempt],
        calls=[call],
        survivors={},
    )
    for replies in (True, False):
        assert all(line.isprintable() for line in tell(trace, replies=replies))
