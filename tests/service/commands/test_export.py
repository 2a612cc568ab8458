"""Exports through the command line: every format as its reader takes it, splits, packages, and what is spared."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

import evals.export
from agents.row_versions import read_dataset, read_survivor
from agents.rows import Survivor
from evals.benchmarks.formats import load_items
from evals.exports.formats import EXPORTS
from evals.exports.packages import PACKAGES
from evals.exports.split import split_by_template, templates
from evals.exports.verifier import reward, score
from graph.run import main
from tests import DATA
from tests.docs import SAMPLE
from tests.offline_rows import offline_rows
from tests.service.command import command
from tools.novelty.registry import open_novelty
from tools.sandbox.port import Limits
from tools.sandbox.registry import open_sandbox

MANY = 24
MESSAGES = {"chat": ["messages"], "prompt_completion": ["prompt", "completion"]}
COLUMNS = {
    "chat": {"messages"},
    "prompt_completion": {"prompt", "completion"},
    "preference": {"prompt", "chosen", "rejected"},
    "kto": {"prompt", "completion", "label"},
    "rlvr": {"id", "prompt", "answer", "answer_kind", "choices", "verifier"},
    "prm": {"prompt", "completions", "labels"},
    "alpaca": {"instruction", "input", "output", "system"},
    "sharegpt": {"conversations", "system"},
    "rows": set(Survivor.model_fields),
}
"""The columns that TRL, Axolotl and LLaMA-Factory document for each format."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run's folder, used read-only by all tests here."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    folder.mkdir()

    async def rows() -> list[Survivor]:
        made: list[Survivor] = []
        sandbox = open_sandbox("process", limits=Limits(), concurrency=2)
        async with sandbox, open_novelty("edge", embedder="sentence-transformers/all-MiniLM-L6-v2") as gate:
            async for row in offline_rows(sandbox, gate):
                made.append(row)
                if len(made) == MANY:
                    return made
        raise AssertionError("the rows never end")

    lines = [row.model_dump_json() + "\n" for row in asyncio.run(rows())]
    (folder / "dataset.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "settings.json").write_text("{}")
    return folder


def exported(run: Path, form: str, out: Path) -> list[dict[str, Any]]:
    assert main(["export", str(run), f"--format={form}", f"--out={out}"]) == 0
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("form", EXPORTS)
def test_every_format_has_its_readers_columns_and_loads(form: str, run: Path, tmp_path: Path) -> None:
    rows = exported(run, form, tmp_path / "out.jsonl")
    assert {frozenset(row) for row in rows} == {frozenset(COLUMNS[form])}
    loaded = load_dataset("json", data_files=str(tmp_path / "out.jsonl"), split="train", cache_dir=str(tmp_path / "c"))
    assert loaded.num_rows == len(rows)
    assert set(loaded.column_names) == COLUMNS[form]


def test_completions_end_in_the_answer_and_rejected_ones_in_another(run: Path, tmp_path: Path) -> None:
    rows = {row.messages[1].content: row for row in read_dataset(run)}
    pairs = exported(run, "preference", tmp_path / "p.jsonl")
    assert pairs
    for pair in pairs:
        row = rows[pair["prompt"][-1]["content"]]
        arguments = (row.answer, row.answer_kind, row.choices)
        assert score(pair["chosen"][0]["content"], *arguments) == 1.0
        assert score(pair["rejected"][0]["content"], *arguments) == 0.0
    judged = exported(run, "kto", tmp_path / "k.jsonl")
    assert [row["label"] for row in judged].count(True) == MANY
    assert [row["label"] for row in judged].count(False) == len(pairs)


def test_every_reference_is_right_by_the_rows_own_verifier(run: Path, tmp_path: Path) -> None:
    references = [row.messages[-1].content for row in read_dataset(run)]
    rows = exported(run, "rlvr", tmp_path / "r.jsonl")
    for row, reference in zip(rows, references, strict=True):
        place: dict[str, Any] = {}
        exec(row["verifier"], place)
        assert place["verify"](reference) == 1.0
        assert place["verify"]("I do not know.") == 0.0
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    assert (
        reward([[{"role": "assistant", "content": text}] for text in references], **columns) == [1.0] * MANY
    )  # as TRL calls it
    assert not {
        node.names[0].name for node in ast.walk(ast.parse(rows[0]["verifier"])) if isinstance(node, ast.Import)
    } - {*sys.stdlib_module_names}


@pytest.mark.parametrize(
    ("said", "answer", "kind", "choices", "right"),
    [
        ("ANSWER: 1,234", "1234", "number", [], True),
        ("ANSWER: $12.50.", "12.5", "number", [], True),
        ("**ANSWER: 3/4**", "0.75", "number", [], True),
        ("ANSWER: 12 apples", "12", "number", [], True),
        ("ANSWER: 12 or 13", "12", "number", [], False),
        ("12", "12", "number", [], False),
        ("ANSWER: 27725499", "27725010", "number", [], False),
        ("ANSWER: B", "blue", "choice", ["red", "blue"], True),
        ("ANSWER: (b) blue", "blue", "choice", ["red", "blue"], True),
        ("ANSWER: A) blue", "blue", "choice", ["red", "blue"], False),
        ("ANSWER: blue", "blue", "choice", ["red", "blue"], True),
        ("ANSWER: n*(n+1)/2", "(n^2 + n)/2", "expression", [], True),
        ("ANSWER: n*(n-1)/2", "(n^2 + n)/2", "expression", [], False),
        ("ANSWER: 9**9**9**9", "(n^2 + n)/2", "expression", [], False),
        ("ANSWER: __import__('os')", "n", "expression", [], False),
        ("ANSWER: Aspirin.", "aspirin", "text", [], True),
        ("ANSWER:", "", "text", [], False),
    ],
)
def test_the_verifier_reads_an_answer_by_its_kind(
    said: str, answer: str, kind: str, choices: list[str], right: bool
) -> None:
    assert score(said, answer, kind, choices) == float(right)


def test_steps_are_labelled_where_their_equations_were_checked(run: Path) -> None:
    row = read_dataset(run)[0]
    slip = ["There are 2 * 3 = 6 bags.", "They hold 6 * 7 = 43 nuts.", "So 43 + 1 = 44."]
    unchecked = ["I think of bags.", *slip]
    for steps, labels in ((slip, [True, False]), (unchecked, None), (["I guess."], None)):
        wrong = {"steps": steps, "answer": "44"}
        changed = row.model_copy(
            update={"defender": row.defender.model_validate(row.defender.model_dump() | {"wrong_answer": wrong})}
        )
        reference, *of_defender = EXPORTS["prm"](changed)
        assert reference["labels"] == [True] * len(row.steps)
        assert [made["labels"] for made in of_defender] == ([] if labels is None else [labels])
        assert all(len(made["completions"]) == len(made["labels"]) for made in of_defender)


def test_a_split_keeps_templates_together(run: Path, tmp_path: Path) -> None:
    rows = read_dataset(run)
    twice = [
        *rows,
        *(
            row.model_copy(update={"id": f"{row.id}-renumbered", "question": re.sub(r"\d", "7", row.question)})
            for row in rows
        ),
    ]
    groups = templates(twice)
    assert all({place % MANY for place in group} <= set(group) for group in groups), (
        "a renumbered row is of its template"
    )
    assert len(groups) > MANY // 3, "other rows are not"
    train, held_out = split_by_template(twice, 0.2)
    assert len(train) + len(held_out) == 2 * MANY
    assert 0 < len(held_out) <= round(0.2 * 2 * MANY)
    assert not {row.id.removesuffix("-renumbered") for row in train} & {
        row.id.removesuffix("-renumbered") for row in held_out
    }
    assert main(["export", str(run), "--validation=0.2", f"--out={tmp_path / 'parts'}"]) == 0
    loaded = load_dataset(str(tmp_path / "parts"), cache_dir=str(tmp_path / "c"))
    assert sum(loaded.num_rows.values()) == MANY
    assert set(loaded) == {"train", "validation"}


def test_rows_of_one_template_cannot_be_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dataset.jsonl").write_text(json.dumps(json.loads(SAMPLE.read_text())) + "\n")
    assert main(["export", str(tmp_path), "--validation=0.5", f"--out={tmp_path / 'parts'}"]) == 2
    assert "all 1 rows have one template" in capsys.readouterr().err
    assert not (tmp_path / "parts").exists()


@pytest.mark.parametrize("form", ["parquet", "preference"])
def test_parquet_is_written_in_every_format(form: str, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    assert main(["export", str(run), f"--format={form}", f"--out={out}"]) == 0
    loaded = load_dataset("parquet", data_files=str(out), split="train", cache_dir=str(tmp_path / "c"))
    assert set(loaded.column_names) == COLUMNS["rows" if form == "parquet" else form]


@pytest.mark.parametrize("form", PACKAGES)
def test_a_package_holds_every_row_and_python_that_compiles(form: str, run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my-tasks"
    assert main(["export", str(run), f"--format={form}", f"--out={folder}"]) == 0
    [rows] = folder.rglob("rows.jsonl")
    assert len(rows.read_text(encoding="utf-8").splitlines()) == MANY
    for file in folder.rglob("*.py"):
        ast.parse(file.read_text(encoding="utf-8"))
    assert main(["export", str(run), f"--format={form}", f"--out={folder}"]) == 2, "what is there is not written over"


@pytest.mark.skipif(importlib.util.find_spec("verifiers") is None, reason="verifiers is installed by hand: 331 MB")
def test_verifiers_validates_the_taskset(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["export", str(run), "--format=verifiers", f"--out={tmp_path / 'my_tasks'}"]) == 0
    monkeypatch.syspath_prepend(tmp_path / "my_tasks")
    vf = importlib.import_module("verifiers.v1")
    tasks = list(importlib.import_module("my_tasks").RowTaskset(vf.TasksetConfig(id="my_tasks")).load())
    assert len(tasks) == MANY
    assert all(asyncio.run(task.validate(None)) for task in tasks)


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--format=verifiers"], "--format verifiers: name a folder to write with --out"),
        (["--format=parquet"], "--format parquet: name a file called .parquet to write with --out"),
        (["--validation=0.1"], "--format chat: name a folder to write with --out"),
        (["--validation=1"], "--validation: '1': give a share between 0 and 1, such as 0.1"),
        (["--variants=2", "--validation=0.1", "--out=x"], "--variants writes one file of questions"),
        (["--format=inspect", "--validation=0.1", "--out=x"], "--validation: inspect is one folder"),
        (["--variants=101", "--out=x.jsonl"], "--variants: '101': give 1 to 100"),
        (["--format=prompt"], "invalid choice: 'prompt'"),
    ],
)
def test_arguments_that_do_not_go_together_are_one_line(
    args: list[str], line: str, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(run), *args]) == 2
    printed = capsys.readouterr().err
    assert line in printed
    assert len(printed.splitlines()) == 1


async def test_variants_are_fresh_instances_on_which_both_programs_agree(tmp_path: Path) -> None:
    row = read_survivor(json.dumps(json.loads(SAMPLE.read_text())))
    (tmp_path / "dataset.jsonl").write_text(row.model_dump_json() + "\n")
    out = tmp_path / "variants.jsonl"
    ended = await command(str(tmp_path), "--variants=4", f"--out={out}", module="evals.export")
    assert ended.code == 0, ended.err
    made = load_items(out, "plain")
    assert len({item.question for item in made} - {row.question}) == 4
    assert [re.sub(r"\d+", "#", item.question) for item in made] == [re.sub(r"\d+", "#", row.question)] * 4
    again = await command(str(tmp_path), "--variants=4", module="evals.export")
    assert again.out == out.read_text(), "the same seed makes the same"
    other = await command(str(tmp_path), "--variants=4", "--seed=1", module="evals.export")
    assert other.out != again.out


async def test_rows_without_proof_have_no_variants(tmp_path: Path) -> None:
    old = DATA / "row_of_schema_1.json"
    (tmp_path / "dataset.jsonl").write_text(json.dumps(json.loads(old.read_text())) + "\n")
    ended = await command(str(tmp_path), "--variants=4", module="evals.export")
    assert ended.code == 2
    assert "none of the rows has variants" in ended.err


async def test_an_export_of_nothing_says_what_to_name(tmp_path: Path) -> None:
    ended = await command(str(tmp_path / "absent"), module="evals.export")
    assert ended.code == 2
    assert "no such file" in ended.err


@pytest.mark.parametrize("out", ["dataset.jsonl", "funnel.json"])
def test_an_export_writes_over_nothing_that_a_run_has_kept(
    out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {name: (tmp_path / name) for name in ("dataset.jsonl", "funnel.json", "settings.json")}
    for file in kept.values():
        file.write_text((DATA / "row_of_schema_1.json").read_text())
    assert evals.export.main([str(tmp_path), f"--out={kept[out]}"]) == 2
    assert "name another file" in capsys.readouterr().err
    assert kept[out].read_text() == (DATA / "row_of_schema_1.json").read_text()
