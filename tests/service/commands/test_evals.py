"""The thin evals over the scripted server, and on benchmark samples where they are at hand."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from evals.benchmarks.formats import load_items
from evals.mock_server.server import Script, serve
from graph.campaign.spending.forecast import wilson
from tests import SHARED
from tests.service.command import command, flags, start
from tools.answers import same_answer

SAMPLES = SHARED / "benchmarks"


def questions(path: Path, script: Script, many: int) -> Path:
    problems = [script.problem(seed, 1) for seed in range(many)]
    lines = [json.dumps({"question": problem.text, "answer": str(problem.answer)}) for problem in problems]
    path.write_text("\n".join(lines))
    return path


async def test_a_benchmark_counts_right_wrong_and_unreadable(tmp_path: Path) -> None:
    script = Script(defender_right=0.5, malformed=0.1)
    async with serve(script) as server:
        ended = await command(
            str(questions(tmp_path / "q.jsonl", script, 60)), "--model=openai:scripted-defender",
            f"--base-url={server.base_url}", "--json", "--slots=16", module="evals.benchmark",
        )  # fmt: skip
    assert ended.code == 0, ended.err
    score = json.loads(ended.out)
    right = sum(script.holds("defender_right", script.problem(seed, 1).text) for seed in range(60))
    assert score["unreadable"] > 0
    assert right - score["unreadable"] <= score["right"] <= right
    assert score["accuracy"] == score["right"] / 60


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "holds no questions"), ('{"question": 1}\n', "line 1"), ('{"question": "a", "answer": 1}\n[]\n', "line 2")],
)
async def test_a_bad_benchmark_file_gets_one_clear_line(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "q.jsonl").write_text(content)
    ended = await command(str(tmp_path / "q.jsonl"), "--model=openai:x", module="evals.benchmark")
    assert ended.code == 2
    assert said in ended.err
    assert len(ended.err.strip().splitlines()) == 1


@pytest.mark.parametrize("number", ["--slots=0", "--limit=0", "--limit=-3", "--parse-retries=-1"])
async def test_a_number_out_of_range_is_refused(number: str, tmp_path: Path) -> None:
    ended = await command(str(tmp_path), "--model=openai:x", number, module="evals.benchmark")
    assert ended.code == 2
    assert "or more" in ended.err


async def test_a_model_that_reasons_knows_the_variants_too(tmp_path: Path) -> None:
    async with serve(Script(defender_right=1.0)) as server:
        going = await command(*flags(server, tmp_path, "--target=2", "--pass-rate=0..1"))
        assert going.code == 0, going.err
        ended = await command(
            str(tmp_path / "r"), "--variants=3", "--model=openai:scripted-defender",
            f"--base-url={server.base_url}", "--json", module="evals.benchmark",
        )  # fmt: skip
    assert ended.code == 0, ended.err
    score = json.loads(ended.out)
    assert 4 <= score["items"] <= 6, "a row may have fewer than were asked for"
    assert score["accuracy"] == 1.0


async def test_a_model_that_is_not_there_is_named_with_the_flags_of_the_benchmark(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"question": "What is 6 times 7?", "answer": "42"}\n')
    async with serve(Script()) as server:
        args = ["--model=openai:nobody", f"--base-url={server.base_url}"]
        ended = await command(str(tmp_path / "rows.jsonl"), *args, module="evals.benchmark")
    assert ended.code == 2
    assert "--model openai:nobody" in ended.err
    assert "--defender" not in ended.err


def test_wilson_gives_the_published_interval() -> None:
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1


PUBLISHED = {
    "plain": ({"question": "What is 6 times 7?", "answer": "42"}, "42"),
    "gsm8k": ({"question": "Six bags of 7 nuts?", "answer": "6 x 7 = <<6*7=42>>42 nuts.\n#### 42"}, "42"),
    "gsm_hard": ({"input": "Six bags of 7 nuts?", "code": "def solution(): ...", "target": 42.0}, "42"),
}
"""A row of some formats, as its benchmark publishes it, and the answer it has; tests/data/benchmarks has the others."""


@pytest.mark.parametrize("form", PUBLISHED)
def test_each_format_reads_a_row_as_it_is_published(form: str, tmp_path: Path) -> None:
    row, answer = PUBLISHED[form]
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (item,) = load_items(tmp_path / "rows.jsonl", form)
    assert same_answer(item.answer, answer, "number")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no benchmark samples at ../shared/data/benchmarks")
@pytest.mark.parametrize(("name", "form"), [("gsm8k_test", "gsm8k"), ("gsm_hard", "gsm_hard")])
def test_published_samples_are_read_and_their_answers_equal_themselves(name: str, form: str) -> None:
    items = load_items(SAMPLES / f"{name}.jsonl", form)
    assert len(items) > 200
    assert [item for item in items if not same_answer(item.answer, item.answer, item.answer_kind)] == []


async def test_a_benchmark_goes_on_after_its_endpoint_died_midway(tmp_path: Path) -> None:
    script = Script(defender_right=0.5, latency_s=0.05)
    asked = str(questions(tmp_path / "q.jsonl", script, 40))

    def args(base_url: str) -> list[str]:
        where = [f"--base-url={base_url}", f"--out={tmp_path / 'o'}"]
        return [asked, "--model=openai:scripted-defender", *where, "--slots=2", "--outage-minutes=0"]

    async with serve(script) as server:
        going = await start(*args(server.base_url), module="evals.benchmark")
        while sum(call.finished for call in server.calls) < 10:
            await asyncio.sleep(0.01)
    _, said = await asyncio.wait_for(going.communicate(), 240)
    assert going.returncode == 2, said
    assert "no score is given for part of the items; the answers are kept in" in said.decode().splitlines()[-1]
    kept = sum(call.finished for call in server.calls)
    assert 10 <= kept < 40
    async with serve(script) as again:
        ended = await command(*args(again.base_url), "--json", module="evals.benchmark")
    assert ended.code == 0, ended.err
    assert len(again.calls) <= 40 - 10
    assert "of them earlier" in ended.err
    assert "left" in ended.err
    score = json.loads(ended.out)
    assert score["right"] == sum(script.holds("defender_right", script.problem(seed, 1).text) for seed in range(40))
    assert json.loads((tmp_path / "o" / "score.json").read_text()) == score
    assert len((tmp_path / "o" / "answers.jsonl").read_text().splitlines()) == 40
    async with serve(script) as idle:
        assert (await command(*args(idle.base_url), module="evals.benchmark")).code == 0
    assert not idle.calls
