"""A tiny model goes round the whole loop, served as the next Defender; a stop loses nothing, bad input is one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from agents.errors import SetupError
from agents.rows import Survivor
from evals import loop
from evals.benchmarks.published import Item
from evals.rounds.curve import RoundScore, decision
from evals.rounds.plan import RunFlags, RunPlan
from evals.rounds.rounds import Rounds
from evals.rounds.serving import open_server
from evals.training import extra
from evals.training.presets import load_preset
from tests.docs import SAMPLE
from tests.unit.evals.tiny_model import write_tiny_model

pytestmark = pytest.mark.filterwarnings("ignore")  # what torch, transformers and trl say of one another
needs_train = pytest.mark.skipif(bool(extra.missing()), reason="the extra train is not installed: make train")

TEST = [
    {"question": "Ana has 4 cups. Then 3 more come. How many cups does Ana have?", "answer": "7"},
    {"question": "Ben has 9 pens. Then 5 are given away. How many pens does Ben have?", "answer": "4"},
]


def _flags(model: Path | str, folder: Path, *more: str) -> list[str]:
    test = folder / "questions.jsonl"
    test.write_text("".join(json.dumps(row) + "\n" for row in TEST))
    flags = ["--model", str(model), "--preset", "tiny", "--test", str(test), "--target", "2", "--out"]
    runs = ["hops=1..2", "attacker=offline:attacker", "judge=offline:judge"]
    return [*flags, str(folder / "out"), *(part for run in runs for part in ("--run", run)), *more]


@needs_train
def test_a_tiny_model_goes_round_and_a_stop_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, out = write_tiny_model(tmp_path / "tiny", says="ANSWER: 7"), tmp_path / "out"
    flags = _flags(model, tmp_path, "--rounds", "1", "--set", "max_length=1024", "--set", "max_steps=2")
    assert loop.main([*flags, "--json"]) == 0, capsys.readouterr().err
    found = json.loads(capsys.readouterr().out)
    start, tuned = (RoundScore.model_validate(one) for one in found["rounds"])
    assert (start.right, start.unread, start.rows) == ([True, False], 0.0, 0)
    assert (tuned.kept, tuned.rows, tuned.steps) == (2, 2, 2)
    assert tuned.tokens > 0 < tuned.generation_tokens
    rows = [json.loads(line) for line in (out / "round-1" / "run" / "dataset.jsonl").read_text().splitlines()]
    assert {row["models"]["defender"] for row in rows} == {"openai:round-0/model"}
    assert {row["defender"]["wrong_answer"]["answer"] for row in rows} == {"7"}
    report = (out / "report.md").read_text()
    assert "| 0 | 50.0 [" in report
    assert "round; 0 is the start" in (out / "curve.svg").read_text()
    (out / "server.log").unlink()
    assert loop.main(flags) == 0, "nothing is done again"
    assert not (out / "server.log").exists()
    assert (out / "report.md").read_text() == report
    assert loop.main([*flags, "--target", "3"]) == 2
    assert "holds another loop; only --rounds may change" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--run", "speed=9"], "with a setting of graph.run"),
        (["--run", "target=9"], "the loop itself sets target of its runs"),
        (["--run", "defender-form=json"], "the loop itself sets defender_form"),
        (["--test", "nowhere.jsonl"], "nowhere.jsonl"),
        (["--set", "epochs=none"], "--set"),
        (["--rounds", "0"], "--rounds"),
    ],
)
def test_a_loop_that_cannot_be_is_one_line(
    more: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ())
    assert loop.main(_flags("nowhere", tmp_path, *more)) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert words in line


@needs_train
def test_a_server_that_does_not_start_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with (
        pytest.raises(SetupError, match=r"the model's server did not start: it said nothing"),
        open_server(tmp_path, 1),
    ):
        pytest.fail("it is not there")


@pytest.fixture
def rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    """Make a loop whose start is scored, whose benchmark holds the sample row, and whose runs keep that row."""
    sample = Survivor.model_validate_json(SAMPLE.read_text(encoding="utf-8"))
    plan = RunPlan(
        model="nowhere", preset=load_preset("tiny"), test="x", form="plain", limit=None, domain="math", target=1,
        run=RunFlags(given={}), defender_form="prose", seed=0,
    )  # fmt: skip
    (tmp_path / "round-0" / "model").mkdir(parents=True)
    (tmp_path / "round-0" / "score.json").write_text(_score(0, 30).model_dump_json())
    monkeypatch.setattr("evals.rounds.rounds.open_server", lambda *_: nullcontext("http://127.0.0.1:1/v1"))
    item = Item(question=sample.question, answer=sample.answer, answer_kind=sample.answer_kind)
    return Rounds(plan, [item], tmp_path)


def _keeps_the_sample(rounds: Rounds, code: int) -> Callable[[list[str]], int]:
    def run(argv: list[str]) -> int:
        assert argv[argv.index("--protect") + 1] == str(rounds.folder / "test.jsonl")
        folder = rounds.folder / "round-1" / "run"
        folder.mkdir()
        row = Survivor.model_validate_json(SAMPLE.read_text(encoding="utf-8"))
        (folder / "dataset.jsonl").write_text(row.model_dump_json() + "\n", encoding="utf-8")
        return code

    return run


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "round 1: .* is too near an item of the test"),
        (2, "the run of round 1 could not start"),
        (3, "the run of round 1 stopped short, as the line above says"),
    ],
)
def test_what_a_run_may_not_leave_stops_the_loop(
    code: int, words: str, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.run.main", _keeps_the_sample(rounds, code))
    with pytest.raises(SetupError, match=words):
        list(rounds.carry_out(1))
    assert not (rounds.folder / "round-1" / "rows.jsonl").exists()


def test_a_run_that_kept_nothing_names_its_report(rounds: Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.run.main", lambda _: 0)
    with pytest.raises(SetupError, match=r"kept no row, .*report\.md"):
        list(rounds.carry_out(1))


def _score(number: int, right: int, rows: int = 0) -> RoundScore:
    marks = [place < right for place in range(100)]
    return RoundScore(number=number, right=marks, accuracy=right, low=right - 9, high=right + 9, unread=0, rows=rows)


def test_the_curve_is_told_in_a_sentence() -> None:
    assert decision([_score(0, 30)]) == "The start is right on 30.0 % of 100 items."
    assert decision([_score(0, 30), _score(1, 60)]).startswith(
        "Accuracy went from 30.0 % to 60.0 % in round 1, +30.0 ["
    )
    assert decision([_score(0, 30), _score(1, 31)]).startswith("Null: 30.0 % to 31.0 % in round 1")
