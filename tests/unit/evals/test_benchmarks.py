"""Published benchmarks are read as published: gold scores 1.0 on every row, and what is wrong scores nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import log
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from agents.errors import SetupError
from evals import benchmark
from evals.benchmarks.first_token import letter_of
from evals.benchmarks.formats import ItemError, load_items
from evals.benchmarks.published import PUBLISHED, Item, shuffled
from evals.benchmarks.scores import score
from evals.benchmarks.table import BENCHMARKS, MULTIMEDQA, gsm_symbolic, load_multimedqa
from tests import DATA, SHARED

SAMPLES = SHARED / "benchmarks"
FILES = {
    "gsm8k": "gsm8k_test", "gsm_hard": "gsm_hard", "genome_bench": "genomebench_format", "medqa": "medqa_4options",
    "medmcqa": "medmcqa", "pubmedqa": "pubmedqa", "mmlu": "mmlu_medical",
}  # fmt: skip
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the samples of ../shared/data/benchmarks")


def _accuracy(items: list[Item], answers: list[str]) -> float:
    return score("test", items, answers).accuracy


@pytest.mark.parametrize("form", PUBLISHED)
@pytest.mark.parametrize(
    "folder", [pytest.param(DATA / "benchmarks", id="own"), pytest.param(SAMPLES, id="samples", marks=needs_samples)]
)
def test_gold_scores_full_marks_on_every_row(form: str, folder: Path) -> None:
    items = load_items(folder / f"{FILES[form] if folder == SAMPLES else form}.jsonl", form)
    for given in (items, [shuffled(item, 5) for item in items]):
        assert _accuracy(given, [item.answer for item in given]) == 1.0
        letters = [f"({chr(65 + item.choices.index(item.answer))})" if item.choices else item.answer for item in given]
        assert _accuracy(given, letters) == 1.0
    wrong = [
        next((one for one in item.choices if one != item.answer), "none of them")
        if item.choices
        else f"{Decimal(item.answer.replace(',', '')) + 2}"
        for item in items
    ]
    assert _accuracy(items, wrong) == 0.0


def test_every_format_has_rows_of_our_own() -> None:
    assert {file.stem for file in (DATA / "benchmarks").glob("*.jsonl")} == PUBLISHED.keys()
    assert {benchmark.form for benchmark in BENCHMARKS.values()} <= PUBLISHED.keys()


@pytest.mark.parametrize(
    ("given", "gold", "near", "rounded"),
    [
        ("27725499", "27725010", False, True),
        ("-9,867,630", "-9867630.0", True, True),
        ("20.00", "20.0000282711", True, True),
        ("1379135.", "1379135.0", True, True),
        ("$1,999,997.67", "1999997.6666666667", False, True),
        ("9.86763e6", "9867630.0", True, True),
        ("1999000", "1999997.6666666667", False, False),
    ],
)
def test_gsm_hard_compares_all_digits(given: str, gold: str, near: bool, rounded: bool) -> None:
    found = score("test", [Item(question="?", answer=gold, group="gsm_hard")], [given])
    assert (found.accuracy == 1, found.rounded_accuracy == 1) == (near, rounded)


def test_options_of_genome_bench_are_taken_out_of_the_question() -> None:
    first, second = load_items(DATA / "benchmarks" / "genome_bench.jsonl", "genome_bench")
    assert first.choices == (
        "A high-fidelity Cas9", "More plasmid", "A longer wait", "A warmer bath", "A second GFP",
    )  # fmt: skip
    assert "a. A high" not in first.question
    assert second.question.startswith("Question context: No band was seen in lane b. The gel")
    assert second.answer == "A sample known to be cut"


@pytest.mark.parametrize(
    ("form", "row", "words"),
    [
        ("medmcqa", {"question": "?", "opa": "1", "opb": "2", "opc": "3", "opd": "4", "cop": 4}, "counts from 0 to 3"),
        ("medmcqa", {"question": "?", "opa": "1", "opb": "2", "opc": "3", "opd": "4", "cop": -1}, "has no labels"),
        ("genome_bench", {"question": "What?", "answer": "<answer>a</answer>"}, "no options"),
        ("mmlu", {"question": "?", "choices": ["a", "b"], "answer": 7}, "not a row of format 'mmlu'"),
        ("medqa", {"question": "?"}, "it has no 'options'"),
        ("pubmedqa", {"QUESTION": "?", "CONTEXTS": [], "final_decision": "perhaps"}, "not a row of format 'pubmedqa'"),
    ],
)
def test_a_row_of_another_format_is_named(form: str, row: dict[str, Any], words: str, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(ItemError, match=r"line 1") as caught:
        load_items(tmp_path / "rows.jsonl", form)
    assert words in str(caught.value)


@needs_samples
def test_multimedqa_is_the_nine_sets_with_both_means() -> None:
    items = load_multimedqa(SAMPLES, load_items)
    assert {item.group for item in items} == set(MULTIMEDQA)
    guessed = score("test", items, [item.choices[0] for item in items])
    assert guessed.sets.keys() == set(MULTIMEDQA)
    assert guessed.macro == pytest.approx(sum(guessed.sets.values()) / 9)
    assert guessed.accuracy != guessed.macro
    assert any(line.startswith("mean over 9 sets") for line in guessed.lines())


def test_multimedqa_names_the_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"no file medqa\*"):
        load_multimedqa(tmp_path, load_items)


def test_gsm_symbolic_is_made_here_and_the_same_each_time() -> None:
    items = gsm_symbolic(10, seed=3)
    assert items == gsm_symbolic(10, seed=3)
    assert _accuracy(items, [item.answer for item in items]) == 1.0


@pytest.mark.parametrize(
    ("tokens", "place"),
    [
        ([("B", log(0.5)), ("A", log(0.4))], 1),
        ([("B", log(0.4)), (" a", log(0.3)), ("(A)", log(0.3))], 0),
        ([("The", log(0.9)), ("C", log(0.05))], 2),
        ([("D", log(0.9))], None),
        ([("The", log(0.9))], None),
        ([], None),
    ],
)
def test_the_likeliest_letter_counts_in_whatever_spelling(tokens: list[tuple[str, float]], place: int | None) -> None:
    assert letter_of(tokens, ["x", "y", "z"]) == place


@contextmanager
def _server(tokens: list[tuple[str, float]] | None) -> Iterator[str]:
    """Serve chat replies with these likeliest first tokens, or with none."""
    top = [{"token": token, "logprob": logprob, "bytes": None} for token, logprob in tokens or []]
    content = [{"token": "B", "logprob": -0.1, "bytes": None, "top_logprobs": top}]
    choice = {
        "index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "B"},
        "logprobs": {"content": content} if tokens else None,
    }  # fmt: skip
    body = json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _first_tokens(address: str, form: str = "medmcqa") -> list[str]:
    file = DATA / "benchmarks" / f"{form}.jsonl"
    return [str(file), "--format", form, "--answer-mode", "first_token", "--model", "openai:m", "--base-url", address]


def test_first_tokens_are_scored_over_http(capsys: pytest.CaptureFixture[str]) -> None:
    with _server([("C", log(0.6)), ("A", log(0.3))]) as address:
        assert benchmark.main([*_first_tokens(address), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["items"], found["right"], found["unreadable"]) == (2, 1, 0)
        assert benchmark.main(_first_tokens(address, "gsm8k")) == 2
        assert "is for questions with options" in capsys.readouterr().err


def test_a_server_without_log_probabilities_gives_no_score(capsys: pytest.CaptureFixture[str]) -> None:
    with _server(None) as address:
        assert benchmark.main(_first_tokens(address)) == 2
    assert "returns no log-probabilities" in capsys.readouterr().err.strip().splitlines()[-1]
