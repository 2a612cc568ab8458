"""Pairs of answers with the verdict that holds: our own table; cases and graded solutions where they are at hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import DATA, SHARED
from tools.answers import final_answer, same_answer

CASES = SHARED / "cases" / "answers.jsonl"
GRADED = SHARED / "benchmarks" / "judge_gold.jsonl"
MOST_REFUSED = 5


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


PAIRS = read(DATA / "answer_pairs.jsonl")
IN_PROCESS = [pair for pair in PAIRS if "by" not in pair]
SYMBOLIC = [pair for pair in PAIRS if pair.get("by") == "sandbox"]


def test_the_table_has_pairs_of_every_kind_both_ways() -> None:
    assert len(PAIRS) >= 250
    counts = Counter((pair["kind"], pair["equal"]) for pair in PAIRS)
    assert all(
        counts[kind, equal] >= 10 for kind in ("number", "choice", "expression", "text") for equal in (True, False)
    )


def test_every_pair_gets_its_verdict() -> None:
    wrong = [
        pair
        for pair in IN_PROCESS
        if same_answer(pair["given"], pair["expected"], pair["kind"], pair.get("choices", ())) is not pair["equal"]
    ]
    assert wrong == []


def test_what_needs_algebra_is_never_accepted_without_it() -> None:
    assert SYMBOLIC
    assert not any(same_answer(pair["given"], pair["expected"], "expression") for pair in SYMBOLIC if not pair["equal"])


@pytest.mark.skipif(not CASES.is_file(), reason="no cases at ../shared/data/cases/answers.jsonl")
def test_cases_from_outside_are_never_accepted_though_different() -> None:
    verdicts = [(case, same_answer(case["pred"], case["gold"], case["kind"], case["choices"])) for case in read(CASES)]
    assert [case for case, same in verdicts if same and not case["equal"]] == []
    assert len([case for case, same in verdicts if not same and case["equal"]]) <= MOST_REFUSED


@pytest.mark.skipif(not GRADED.is_file(), reason="no graded solutions at ../shared/data/benchmarks/judge_gold.jsonl")
def test_graded_solutions_keep_their_grades() -> None:
    wrong = []
    for row in read(GRADED):
        gold = row["ground_truth"].rpartition("A: ")[2]
        for author in ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"):
            solution = row[author]["solution"]
            last = solution.rpartition("A: ")[2]
            for form in (solution, last, final_answer(f"We think.\nANSWER: {last}")):
                if same_answer(form or "", gold, "number") is not row[author]["is_correct"]:
                    wrong.append((form, gold))
    assert wrong == []
