"""Worked examples: drawn by a seed, never the item itself; the medical sets by name, over a stand-in for the hub."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.errors import SetupError
from evals import benchmark
from evals.benchmarks.few_shot import drawn, examples_of, few_shot
from evals.benchmarks.loading import load_source
from evals.benchmarks.measuring import load
from evals.benchmarks.published import Item
from evals.benchmarks.table import BENCHMARKS, MULTIMEDQA
from tests import DATA

POOL = [Item(question=f"What is {n} plus {n}?", answer=str(2 * n), solution=f"{n} + {n} = {2 * n}.") for n in range(20)]


def test_examples_are_drawn_by_the_seed_and_are_never_an_item() -> None:
    items = [POOL[3], POOL[5].model_copy(update={"question": "Q: what is 5  plus 5?"})]
    for seed in range(30):
        examples = drawn(POOL, items, 10, seed)
        assert examples == drawn(POOL, items, 10, seed)
        assert not {"6", "10"} & {one.answer for one in examples}
    assert drawn(POOL, items, 10, 0) != drawn(POOL, items, 10, 1)
    with pytest.raises(SetupError, match=r"only 18 of 20 examples are no item"):
        drawn(POOL, items, 19, 0)


def test_examples_stand_before_the_question_and_end_in_the_line_that_is_read(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    row = {"question": "Tom has 3 cups and 4 more?", "answer": "He has 3+4=<<3+4=7>>7 cups.\n#### 7"}
    file.write_text(json.dumps(row) + "\n")
    (asked,) = few_shot([Item(question="What is 2 plus 2?", answer="4")], str(file), "gsm8k", 1)
    assert asked.question == (
        "Question: Tom has 3 cups and 4 more?\nHe has 3+4=7 cups.\nANSWER: 7\n\nQuestion: What is 2 plus 2?"
    )
    choice = DATA / "benchmarks" / "medmcqa.jsonl"
    first, second = load_source(str(choice), "medmcqa")
    (asked,) = few_shot([first], str(choice), "medmcqa", 1)
    letter = chr(ord("A") + second.choices.index(second.answer))
    assert f"\nANSWER: {letter}) {second.answer}\n\nQuestion: {first.question}" in asked.question
    assert (asked.choices, asked.answer) == (first.choices, first.answer)


def test_a_benchmark_without_a_training_split_wants_a_file() -> None:
    assert examples_of("gsm8k", None) == "gsm8k"
    assert examples_of("gsm_hard", "train.jsonl") == "train.jsonl"
    for source in ("gsm_hard", "own.jsonl"):
        with pytest.raises(SetupError, match=r"name a file with --examples"):
            examples_of(source, None)


MEDQA = {"sent1": "Which?", **{f"ending{n}": f"drug {n}" for n in range(4)}, "label": 2}
ROWS: dict[str, dict[str, Any]] = {
    "medqa": MEDQA,
    **{
        form: json.loads((DATA / "benchmarks" / f"{form}.jsonl").read_text().splitlines()[0])
        for form in ("medmcqa", "pubmedqa", "mmlu", "gsm8k")
    },
}


@pytest.fixture
def asked_of_hub(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None, str]]:
    """Stand in for the hub: one row of each benchmark's format; returns what was asked for."""
    asked: list[tuple[str, str | None, str]] = []
    forms = {(where.hub, where.config): where.form for where in BENCHMARKS.values()}

    def load_dataset(hub: str, config: str | None, *, split: str) -> list[dict[str, Any]]:
        asked.append((hub, config, split))
        return [ROWS[forms[hub, config]]]

    missing = SimpleNamespace(DatasetNotFoundError=FileNotFoundError)
    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset, exceptions=missing))
    return asked


def test_multimedqa_by_its_name_is_the_nine_sets(asked_of_hub: list[tuple[str, str | None, str]]) -> None:
    items = load_source("multimedqa", "plain")
    assert [item.group for item in items] == list(MULTIMEDQA)
    assert items[0].answer == "drug 2"
    assert ("GBaker/MedQA-USMLE-4-options-hf", None, "test") in asked_of_hub
    assert ("bigbio/pubmed_qa", "pubmed_qa_labeled_fold0_source", "test") in asked_of_hub
    assert ("openlifescienceai/medmcqa", None, "validation") in asked_of_hub


def test_examples_of_a_benchmark_come_from_its_training_split(asked_of_hub: list[tuple[str, str | None, str]]) -> None:
    few_shot([Item(question="?", answer="1")], "gsm8k", "plain", 1)
    few_shot([Item(question="?", answer="1")], "mmlu_anatomy", "plain", 1)
    assert asked_of_hub == [("openai/gsm8k", "main", "train"), ("cais/mmlu", "anatomy", "dev")]


def test_examples_may_have_a_format_of_their_own() -> None:
    options = benchmark_options(
        "--few-shot=1", f"--examples={DATA / 'benchmarks' / 'gsm8k.jsonl'}", "--examples-format=gsm8k"
    )
    for item in asyncio.run(load(options)):
        assert item.group == "gsm_hard"
        assert item.question.startswith("Question: ")


def benchmark_options(*flags: str) -> argparse.Namespace:
    file = str(DATA / "benchmarks" / "gsm_hard.jsonl")
    parser = argparse.ArgumentParser()
    benchmark.add_arguments(parser)
    return parser.parse_args([file, "--format=gsm_hard", "--model=openai:m", *flags])
