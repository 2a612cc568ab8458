"""The `datasets` library reads what runs leave: files of any two runs together, in any order, and as splits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from datasets import Features, concatenate_datasets, load_dataset, load_dataset_builder
from datasets.utils.logging import disable_progress_bar

import evals.export
from agents.row_versions import read_survivor
from agents.rows import Survivor
from evals.benchmarks.formats import load_items
from evals.benchmarks.published import Item
from evals.exports.formats import EXPORTS
from graph.campaign.folder.run_folder import RunFolder
from graph.reports.card import data_card
from graph.reports.features import row_features
from graph.reports.funnel import Funnel
from graph.reports.run_summary import RunSummary
from graph.run import main
from graph.settings import Settings
from tests.docs import SAMPLE
from tests.extreme_rows import DATE, HOSTILE, full_row, sparse_row

GUESS = {"steps": ["I guess."], "answer": "7"}
ROWS = {"sparse": sparse_row(), "full": full_row(), "dates": full_row(DATE)}
PAIRS = [("sparse", "full"), ("full", "sparse"), ("dates", "full"), ("full", "dates")]

disable_progress_bar()


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


def left(folder: Path, *rows: Survivor) -> Path:
    """Leave a folder as a run does: its rows and its card."""
    settings = Settings(runs_dir=folder.parent, name=folder.name, target=max(1, len(rows)))
    opened = RunFolder.open(settings, force=False)
    opened.add([row.model_copy(update={"id": str(number)}) for number, row in enumerate(rows)])
    opened.close()
    summary = RunSummary(settings, list(rows), [], [], Funnel(settings))
    (folder / "README.md").write_text(data_card(summary), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Runs of two rows each, of which no two look alike to who infers types."""
    folder = tmp_path_factory.mktemp("runs")
    return {name: left(folder / name, row, row) for name, row in ROWS.items()}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory, runs: dict[str, Path]) -> Path:
    """Files of each run in every format, called by both; rows without a wrong answer make no pair, so all have one."""
    folder = tmp_path_factory.mktemp("exports")
    for name, row in ROWS.items():
        defender = row.defender.model_validate(row.defender.model_dump() | {"wrong_answer": GUESS})
        wrong = left(folder / f"{name}-wrong", row.model_copy(update={"defender": defender}))
        for form in EXPORTS:
            run = wrong if form == "preference" else runs[name]
            assert evals.export.main([str(run), f"--format={form}", f"--out={folder / f'{name}-{form}.jsonl'}"]) == 0
    return folder


def test_the_declared_schema_names_every_field_of_a_row_in_its_order() -> None:
    assert [feature["name"] for feature in row_features()] == list(Survivor.model_fields)


@pytest.mark.parametrize("name", ROWS)
def test_types_that_are_inferred_are_those_that_the_card_declares(name: str, runs: dict[str, Path]) -> None:
    inferred = load_dataset("json", data_files=str(runs[name] / "dataset.jsonl"), split="train").features
    assert inferred == load_dataset_builder(str(runs[name])).info.features


def loads_in_any_way(files: list[str]) -> list[Features]:
    """Load two files bare, together and as splits, whole and streamed; return the types that each way finds."""
    splits = {"train": files[0], "test": files[1]}
    together = load_dataset("json", data_files=files, split="train")
    apart = load_dataset("json", data_files=splits)
    assert together.to_list() == [row for split in splits for row in apart[split].to_list()]
    assert concatenate_datasets(
        [load_dataset("json", data_files=file, split="train") for file in files]
    ).num_rows == len(together)
    streamed = load_dataset("json", data_files=files, split="train", streaming=True)
    assert list(streamed) == together.to_list()
    for split, rows in load_dataset("json", data_files=splits, streaming=True).items():
        assert list(rows) == apart[split].to_list()
    return [together.features, *(part.features for part in apart.values())]


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_files_of_two_runs_load_bare_in_any_order(pair: tuple[str, str], runs: dict[str, Path]) -> None:
    files = [str(runs[name] / "dataset.jsonl") for name in pair]
    found = loads_in_any_way(files)
    assert found == found[:1] * 3
    loaded = load_dataset("json", data_files=files, split="train").to_list()
    wanted = [ROWS[name] for name in pair for _ in range(2)]
    assert [
        Survivor.model_validate(row).model_copy(update={"id": one.id}) for row, one in zip(loaded, wanted, strict=True)
    ] == wanted


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@pytest.mark.parametrize("form", EXPORTS)
def test_exports_of_two_runs_load_bare_in_any_order(form: str, pair: tuple[str, str], exports: Path) -> None:
    found = loads_in_any_way([str(exports / f"{name}-{form}.jsonl") for name in pair])
    assert found == found[:1] * 3


def test_variants_of_two_runs_load_bare_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = {
        "number": Item(question="One?", answer="1"),
        "choice": Item(question="When?", answer=DATE, answer_kind="choice", choices=(DATE, HOSTILE)),
    }
    files = [str(tmp_path / f"{name}.jsonl") for name in items]
    for item, file in zip(items.values(), files, strict=True):

        async def made(*_: object, item: Item = item) -> list[Item]:
            return [item]

        monkeypatch.setattr(evals.export, "make_variants", made)
        run = left(tmp_path / item.answer, ROWS["full"])
        assert evals.export.main([str(run), "--variants=1", f"--out={file}"]) == 0
        assert load_items(Path(file), "plain") == [item]
    for order in (files, files[::-1]):
        found = loads_in_any_way(order)
        assert found == found[:1] * 3


def test_two_runs_load_by_their_cards_and_join(runs: dict[str, Path]) -> None:
    loaded = [load_dataset(str(run), split="train") for run in runs.values()]
    assert concatenate_datasets(loaded).num_rows == 2 * len(runs)


def test_an_empty_dataset_streams_as_one_and_loads_beside_another(runs: dict[str, Path], tmp_path: Path) -> None:
    """The library itself refuses to load a split without a row, whatever the form of its file."""
    empty = left(tmp_path / "empty")
    streamed = load_dataset(str(empty), split="train", streaming=True)
    assert list(streamed) == []
    assert list(streamed.features) == list(Survivor.model_fields)
    files = [str(empty / "dataset.jsonl"), str(runs["full"] / "dataset.jsonl")]
    assert load_dataset("json", data_files=files, features=streamed.features, split="train").num_rows == 2


def test_exported_parquet_has_the_same_rows(runs: dict[str, Path], tmp_path: Path) -> None:
    files = [str(tmp_path / f"{name}.parquet") for name in runs]
    for run, file in zip(runs.values(), files, strict=True):
        assert evals.export.main([str(run), "--format=rows", f"--out={file}"]) == 0
    lines = [str(run / "dataset.jsonl") for run in runs.values()]
    assert (
        load_dataset("parquet", data_files=files, split="train").to_list()
        == load_dataset("json", data_files=lines, split="train").to_list()
    )


def test_a_seed_fits_in_32_bits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed=4294967296"]) == 2
    assert capsys.readouterr().err == "graph.run: --seed '4294967296': give less than 4294967296\n"
    assert read_survivor(json.dumps(json.loads(SAMPLE.read_text(encoding="utf-8")))).seed < 2**32
