"""Whole replies of models with labels by hand: what is read is what the reply states, or nothing is read.

`tests/data/model_outputs.jsonl` has replies of SmolLM2-135M-Instruct, and others written in the styles of larger
models, to items of GSM8K, GSM-Hard, MedQA, MedMCQA, PubMedQA and MMLU (all MIT or Apache-2.0; the questions are left
out). Of each it says what the reply states as a careful reader finds it (`label`; null where it states nothing, or
settles on nothing), whether that is right (`right`), and why it stays unread where it does. A reply that is read
otherwise is a fault.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from evals.benchmarks.published import Item
from evals.benchmarks.scores import is_right
from tests import DATA
from tools.answers import reads_as, reply_answer, same_answer

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "model_outputs.jsonl").read_text(encoding="utf-8").splitlines()
]


def read(row: dict[str, Any]) -> str | None:
    found = reply_answer(row["output"], row["kind"], row["choices"])
    return found if found is not None and reads_as(found, row["kind"], row["choices"]) else None


def judged(row: dict[str, Any]) -> bool:
    item = Item(question="?", answer=row["expected"], answer_kind=row["kind"], choices=row["choices"], group=row["set"])
    return is_right(item, read(row))


def test_there_are_replies_of_every_kind_and_sort() -> None:
    assert len(ROWS) >= 150
    assert Counter(row["source"] for row in ROWS)["smollm2"] >= 90
    assert Counter(row["label"] is None for row in ROWS)[True] >= 50
    assert {row["kind"] for row in ROWS} == {"number", "choice", "text"}


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_a_reply_is_read_as_labelled_or_not_at_all(number: int) -> None:
    row = ROWS[number]
    found = read(row)
    if row["label"] is None or "unread" in row:
        assert found is None, row["output"]
    else:
        assert found is not None, row["output"]
        assert same_answer(found, row["label"], row["kind"], row["choices"])
        assert judged(row) is row["right"]


def test_most_of_what_is_stated_is_read() -> None:
    stated = [row for row in ROWS if row["label"] is not None]
    assert sum("unread" in row for row in stated) <= len(stated) // 7
