"""A tiny model goes through a whole comparison, in sittings, and through selection; the report says what it may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import compare, select
from evals.comparison.statistics import Interval
from evals.training import extra
from tests.unit.evals.tiny_model import write_tiny_model

pytestmark = pytest.mark.filterwarnings("ignore")  # what torch, transformers and trl say of one another
needs_train = pytest.mark.skipif(bool(extra.missing()), reason="the extra train is not installed: make train")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


def _flags(model: Path, out: Path, *more: str) -> list[str]:
    arms = "base,survivors,random_matched,full_matched_steps,rounds"
    flags = [
        "--setting",
        "even",
        "--share",
        "0.1",
        "--n",
        "6",
        "--model",
        str(model),
        "--preset",
        "tiny",
        "--arms",
        arms,
    ]
    return [*flags, "--lengths", "1", "--seeds", "1", "--out", str(out), *more]


@needs_train
def test_a_comparison_is_done_in_sittings_and_reported(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert compare.main(_flags(model, out, "--minutes", "0", "--arms", "base,survivors")) == 0
    first = capsys.readouterr().err
    assert first.startswith("with 15 items a difference under 27.7 points cannot be seen")
    assert len(list((out / "trials").glob("*/scores.json"))) == 1
    assert compare.main(_flags(model, out)) == 0
    assert "Nothing is decided: 1 of at least 5 seeds" in capsys.readouterr().out
    scored = {file.parent.name: file.stat().st_mtime_ns for file in (out / "trials").glob("*/scores.json")}
    assert scored.keys() == {"base-0-0", "survivors-1-0", "random_matched-1-0", "full_matched_steps-1-0", "rounds-1-0"}
    report = (out / "report.md").read_text()
    assert "| full_matched_steps | 1 | 24 | 3 |" in report
    assert "| survivors | random_matched |" in report
    assert (out / "loss.svg").read_text().startswith("<?xml")
    assert compare.main(_flags(model, out)) == 0, "nothing is done again"
    assert scored == {file.parent.name: file.stat().st_mtime_ns for file in (out / "trials").glob("*/scores.json")}
    assert compare.main(_flags(model, out, "--n", "3")) == 2
    assert "holds another comparison; only --seeds and --arms may change" in capsys.readouterr().err


@needs_train
@pytest.mark.parametrize("rule", ["paper", "fit"])
def test_a_model_grades_a_pool_and_rows_are_chosen_as_they_are(
    rule: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"question": f"What is {n} + 1?", "answer": str(n + 1), "mine": n} for n in range(5)]
    pool = tmp_path / "pool.jsonl"
    pool.write_text("".join(json.dumps(row) + "\n" for row in rows))
    flags = [str(pool), "--rule", rule, "--n", "3", "--out", str(tmp_path / "chosen.jsonl"), "--preset", "tiny"]
    assert select.main([*flags, "--model", str(model)]) == 0
    chosen = [json.loads(line) for line in (tmp_path / "chosen.jsonl").read_text().splitlines()]
    assert len(chosen) == 3
    assert all(row in rows for row in chosen)
    assert select.main(flags) == 2, "no model has answered the pool"
    assert len(capsys.readouterr().err.strip().splitlines()[-1]) < 200


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--arms", "best"], "there is no arm 'best'"),
        (["--arms", "full_matched_steps"], "takes as many steps as random_matched; add it"),
        (["--setting", "odd"], "choose from even, skewed"),
        (["--lengths", "long"], "write numbers of epochs"),
        (["--pool", "x.jsonl"], "name a declared setting with --setting, or files"),
    ],
)
def test_a_plan_that_cannot_be_is_one_line(
    more: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ())
    assert compare.main(_flags(Path("nowhere"), tmp_path / "out", *more)) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert words in lines[0]


def test_an_interval_is_read_in_points() -> None:
    assert str(Interval(8.1, 1.9, 14.8)) == "+8.1 [+1.9, +14.8]"
    assert Interval(8.1, 1.9, 14.8).excludes_zero
    assert not Interval(2.0, -1.0, 5.0).excludes_zero
