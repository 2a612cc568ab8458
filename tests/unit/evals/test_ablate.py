"""Rows are told apart by what they hold, bins get equal rows and tokens, and what cannot be told is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.errors import SetupError
from evals import ablate
from evals.comparison.axes import AXES, bins, labels, rows_of
from evals.comparison.declared import load_declared, material
from evals.comparison.plan import Plan, Rows
from evals.comparison.pool import PoolRow, pool_row, write_pool
from evals.comparison.report import outcomes_of, shape, write_report
from evals.comparison.study import Scores, Study, Trial
from evals.training import extra
from evals.training.presets import load_preset
from evals.training.run import Result
from tests.docs import SAMPLE
from tests.unit.evals.tiny_model import write_tiny_model

pytestmark = pytest.mark.filterwarnings("ignore")  # what torch, transformers and trl say of one another
needs_train = pytest.mark.skipif(bool(extra.missing()), reason="the extra train is not installed: make train")


def _row(number: int, **known: Any) -> PoolRow:
    return PoolRow(prompt=f"What is {number} + 1?", completion=f"ANSWER: {number + 1}", answer=f"{number + 1}", **known)


FULL = [
    _row(0, hops=2, level="L4", size="small", nearness=0.2, judge_tool=False, pass_rate=0.0, proof="cited"),
    _row(1, hops=10, level="L2", size="large", nearness=0.5, judge_tool=True, pass_rate=0.5, proof="perturbed"),
    _row(2, hops=3, level="L5", size="school", nearness=0.9, judge_tool=True, pass_rate=1.0, proof="agreed"),
]
ORDERED = {
    "hops": ["2", "3", "10"], "level": ["L2", "L4", "L5"], "size": ["small", "school", "large"],
    "novelty": ["far", "middle", "near"], "judge_tool": ["unused", "used"], "screening": ["failed", "mixed", "passed"],
    "proof": ["agreed", "cited", "perturbed"],
}  # fmt: skip


def test_every_axis_tells_rows_apart_in_its_order() -> None:
    assert {axis: list(bins(axis, FULL)) for axis in AXES} == ORDERED


@pytest.mark.parametrize("axis", AXES)
def test_an_axis_that_the_rows_do_not_carry_is_named(axis: str) -> None:
    with pytest.raises(SetupError, match=rf"--by {axis}: the pool's 4 rows are (all of one|without it)"):
        bins(axis, [_row(number) for number in range(4)])


def test_values_can_be_put_together() -> None:
    assert bins("level", FULL, "L2+L4,L5") == {"L2+L4": 2, "L5": 1}
    assert {row.level for row in rows_of("level", "L2+L4", FULL)} == {"L2", "L4"}
    with pytest.raises(SetupError, match=r"no row has level 'L1'; choose from L2, L4, L5"):
        bins("level", FULL, "L1+L2,L5")
    with pytest.raises(SetupError, match="name at least two"):
        bins("level", FULL, "L2+L4")


def test_a_survivor_holds_what_the_axes_ask_for() -> None:
    from agents.rows import Survivor

    survivor = Survivor.model_validate_json(SAMPLE.read_text())
    row = pool_row(survivor)
    assert (row.size, row.proof) == (survivor.asked.size, survivor.proof and survivor.proof.grade)
    assert row.judge_tool is bool(survivor.evidence)
    assert all(labels(axis, [row])[0] for axis in AXES if axis != "novelty")


def _study(by_bin: dict[str, float], folder: Path, axis: str = "hops") -> Study:
    """Make a study whose bins were right on so large a share of 60 items, with 5 seeds."""
    arms = tuple(f"{axis}={name}" for name in by_bin)
    plan = Plan(model="m", preset=load_preset("tiny"), arms=arms, lengths=(1,), seeds=5, n=8, setting="even", axis=axis)
    test = [_row(number) for number in range(60)]
    rows = Rows(start=[], pool=[], survivors=[], validation=[], test=test, groups=["all"] * 60)
    study = Study(plan, rows, folder)
    for trial in study.trials():
        right = by_bin[trial.arm.removeprefix(f"{axis}=")]
        marks: list[bool | None] = [(number * 37 + trial.seed) % 60 < 60 * right for number in range(60)]
        (folder / "trials" / trial.name).mkdir(parents=True)
        text = Scores(test=marks, validation=[]).model_dump_json()
        (folder / "trials" / trial.name / "scores.json").write_text(text)
    return study


@pytest.mark.parametrize(
    ("axis", "by_bin", "words"),
    [
        ("hops", {"1": 0.3, "2": 0.7, "3": 0.4}, "An optimum inside is seen: hops=2 beats hops=1 by +40.0"),
        ("hops", {"1": 0.3, "2": 0.5, "3": 0.8}, "An optimum inside is refuted: hops=3 beats every bin between"),
        ("hops", {"1": 0.3, "2": 0.6, "3": 0.6}, "whether there is an optimum inside cannot be told"),
        ("hops", {"1": 0.5, "2": 0.5, "3": 0.5}, "Null: no bin differs from another"),
        ("judge_tool", {"unused": 0.3, "used": 0.6}, "judge_tool=used beats judge_tool=unused by +30.0"),
    ],
)
def test_the_decision_says_where_the_optimum_is(
    axis: str, by_bin: dict[str, float], words: str, tmp_path: Path
) -> None:
    study = _study(by_bin, tmp_path, axis)
    said = shape(study, outcomes_of(study))
    assert words in said
    assert said.endswith(".")


@needs_train
def test_an_axis_has_a_picture(tmp_path: Path) -> None:
    write_report(_study({"1": 0.3, "2": 0.7, "3": 0.4}, tmp_path))
    assert "reasoning steps" in (tmp_path / "hops.svg").read_text()
    assert "![hops](hops.svg)" in (tmp_path / "report.md").read_text()


@needs_train
def test_bins_are_trained_on_equal_rows_and_tokens_and_a_stop_loses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = write_tiny_model(tmp_path / "tiny"), tmp_path / "out"
    flags = ["--by", "hops", "--bins", "1,3", "--setting", "even", "--share", "0.125", "--model", str(model)]
    flags += [
        "--preset",
        "tiny",
        "--set",
        "epochs=1",
        "--set",
        "batch=1",
        "--n",
        "8",
        "--seeds",
        "1",
        "--out",
        str(out),
    ]
    assert ablate.main([*flags, "--minutes", "0"]) == 0
    assert len(list((out / "trials").glob("*/scores.json"))) == 1
    assert ablate.main(flags) == 0
    assert "Nothing is decided: 1 of at least 5 seeds" in capsys.readouterr().out
    results = {
        trial.arm: Result.model_validate_json((out / "trials" / trial.name / "result.json").read_text())
        for trial in (Trial("hops=1", 1, 0), Trial("hops=3", 1, 0), Trial("random_matched", 1, 0))
    }
    assert len({result.job.rows for result in results.values()}) == 1
    assert results["hops=1"].steps > results["hops=3"].steps
    tokens = [result.tokens for result in results.values()]
    assert max(tokens) < 1.15 * min(tokens)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--by", "level"], "--by level: the pool's 30 rows are without it"),
        (["--by", "hops"], "each bin needs 8 rows, and these have fewer: 3 (6); leave them out or put them together"),
        (["--by", "hops", "--bins", "1,4"], "no row has hops '4'"),
        (["--by", "hops", "--bins", "1,2", "--n", "15"], "each bin needs 15 rows"),
        (["--by", "hops", "--bins", "1,2"], "--pool needs --test"),
    ],
)
def test_what_cannot_be_ablated_is_one_line(
    more: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ())
    pool = [row.model_copy(update={"hops": 1 + number % 5 // 2}) for number, row in enumerate(_pool(30))]
    write_pool(tmp_path / "pool.jsonl", pool)
    flags = ["--pool", str(tmp_path / "pool.jsonl"), "--model", "nowhere", "--out", str(tmp_path / "out"), *more]
    assert ablate.main(flags) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert words in lines[0]


def test_a_pool_or_a_setting_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ())
    assert ablate.main(["--by", "hops", "--model", "nowhere", "--out", str(tmp_path / "out")]) == 2
    assert "name a declared setting with --setting, or a run or a file with --pool" in capsys.readouterr().err


def _pool(count: int) -> list[PoolRow]:
    rows = material(load_declared()["even"]).pool[:count]
    assert json.loads(rows[0].model_dump_json())["size"] == ""
    return rows
