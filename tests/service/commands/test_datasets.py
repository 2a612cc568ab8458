"""The `datasets` library reads what runs leave: rows of any two runs together, in any order, and as splits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from datasets import concatenate_datasets, load_dataset, load_dataset_builder
from datasets.utils.logging import disable_progress_bar

import evals.export
from agents.row_versions import read_survivor
from agents.rows import Survivor
from graph.cli.flags import read_settings
from graph.reports.card import data_card
from graph.reports.features import row_features
from graph.reports.funnel import Funnel
from graph.reports.run_summary import RunSummary
from graph.run import main
from tests.docs import SAMPLE

ROW: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
NO_PRICE = {seat: {**use, "usd": None} for seat, use in ROW["usage"].items()}
PRICED = {seat: {**use, "usd": 0.5} for seat, use in ROW["usage"].items()}
SPARSE = ROW | {
    "choices": [], "inputs": [], "skills": [], "evidence": [], "proof": None, "reference_rubric": None,
    "defender": {**ROW["defender"], "wrong_answer": None}, "usage": NO_PRICE,
    "novelty": {**ROW["novelty"], "nearest": None, "score": None},
}  # fmt: skip
"""A row in which all is null or empty that may be."""
RUN = {"by": "judge", "code": "1", "stdout": "1", "ok": True, "sandbox": "process", "code_sha256": "0"}
FULL = ROW | {"choices": ["a", "b"], "evidence": [RUN], "usage": PRICED, "answer": "x", "answer_kind": "choice"}

disable_progress_bar()


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


def left(folder: Path, *rows: dict[str, Any]) -> Path:
    """Leave a folder as a run does: its rows and its card."""
    folder.mkdir()
    survivors = [Survivor.model_validate(row) for row in rows]
    (folder / "dataset.jsonl").write_text("".join(row.model_dump_json() + "\n" for row in survivors))
    settings = read_settings({"name": folder.name})
    (folder / "README.md").write_text(
        data_card(RunSummary(settings, survivors, [], [], Funnel(settings))), encoding="utf-8"
    )
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """Two runs: one sparse in all, one full."""
    return [left(tmp_path / "sparse", SPARSE, SPARSE), left(tmp_path / "full", FULL)]


def test_the_declared_schema_names_every_field_of_a_row_in_its_order() -> None:
    assert [feature["name"] for feature in row_features()] == list(Survivor.model_fields)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_two_runs_load_by_their_cards_and_join_in_any_order(runs: list[Path], order: list[int]) -> None:
    loaded = [load_dataset(str(runs[number]), split="train") for number in order]
    assert loaded[0].features == loaded[1].features
    joined = concatenate_datasets(loaded)
    wanted = [row for number in order for row in ([SPARSE, SPARSE] if number == 0 else [FULL])]
    assert joined.to_list() == wanted


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
@pytest.mark.parametrize("streaming", [False, True])
def test_two_files_load_with_the_features_of_either_card(runs: list[Path], order: list[int], streaming: bool) -> None:
    files = [str(runs[number] / "dataset.jsonl") for number in order]
    features = load_dataset_builder(str(runs[order[0]])).info.features
    together = load_dataset("json", data_files=files, features=features, split="train", streaming=streaming)
    assert len(list(together)) == 3
    splits = load_dataset(
        "json", data_files={"train": files[0], "test": files[1]}, features=features, streaming=streaming
    )
    assert {name: len(list(split)) for name, split in splits.items()} == {"train": 2 - order[0], "test": 1 + order[0]}


def test_an_empty_dataset_streams_as_one_and_loads_beside_another(runs: list[Path], tmp_path: Path) -> None:
    """The library itself refuses to load a split without a row, whatever the form of its file."""
    empty = left(tmp_path / "empty")
    streamed = load_dataset(str(empty), split="train", streaming=True)
    assert list(streamed) == []
    assert list(streamed.features) == list(Survivor.model_fields)
    files = [str(empty / "dataset.jsonl"), str(runs[1] / "dataset.jsonl")]
    assert load_dataset("json", data_files=files, features=streamed.features, split="train").num_rows == 1


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_exported_parquet_needs_no_declaration_and_keeps_dates_text(tmp_path: Path, order: list[int]) -> None:
    dated = FULL | {"answer": "2031-05-09", "judge_answer": "2031-05-09T10:00", "choices": ["2031-05-09", "2031-05-10"]}
    files = []
    for name, row in (("sparse", SPARSE), ("dated", dated)):
        file = tmp_path / f"{name}.parquet"
        run = left(tmp_path / name, row)
        assert evals.export.main([str(run), "--format=rows", f"--out={file}"]) == 0
        files.append(str(file))
    together = load_dataset("parquet", data_files=[files[number] for number in order], split="train")
    assert together.to_list() == [[SPARSE, dated][number] for number in order]


def test_a_seed_fits_in_32_bits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed=4294967296"]) == 2
    assert capsys.readouterr().err == "graph.run: --seed '4294967296': give less than 4294967296\n"
    assert read_survivor(json.dumps(ROW)).seed < 2**32
