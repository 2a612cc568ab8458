"""The novelty gate from outside: its command, the benchmarks that a run keeps out, and the Judge's borderline zone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from evals.mock_server.server import Script, serve
from graph.run import main
from tests import DATA
from tests.service.campaign.campaigns import campaign

PAIRS = DATA / "novelty_pairs.jsonl"
Printed = pytest.CaptureFixture[str]


def write(file: Path, *questions: str) -> Path:
    file.write_text("".join(json.dumps({"question": text, "answer": "7"}) + "\n" for text in questions))
    return file


SHOP = "A shop sells 12 pens on Monday and three times as many on Tuesday. How many pens does it sell in all?"
RESOLD = "On Monday a shop sells 12 pens, and on Tuesday three times as many. How many pens does it sell in all?"
TRAIN = "A train leaves at nine and covers 240 kilometres in four hours. What is its mean speed?"


def test_calibrate_prints_the_rules_beside_the_best_cosine(capsys: Printed) -> None:
    assert main(["novelty", "calibrate", str(PAIRS), "--half", "report"]) == 0
    told = capsys.readouterr().out
    cells = [[cell.strip() for cell in line.split("|")] for line in told.splitlines() if line.count("|") > 8]
    f1 = {row[1]: float(row[4]) for row in cells if row[4][:1].isdigit()}
    best = next(value for rule, value in f1.items() if rule.startswith("best single cosine"))
    assert f1["gate with answers"] >= best + 0.08


def test_audit_finds_twins_and_benchmark_items_in_any_file(tmp_path: Path, capsys: Printed) -> None:
    clean = write(tmp_path / "clean.jsonl", SHOP, TRAIN)
    assert main(["novelty", "audit", str(clean)]) == 0
    near_duplicates = write(tmp_path / "near.jsonl", SHOP, TRAIN, RESOLD)
    capsys.readouterr()
    assert main(["novelty", "audit", str(near_duplicates)]) == 1
    assert "| 3 | duplicate |" in capsys.readouterr().out
    assert main(["novelty", "audit", str(clean), "--against", str(write(tmp_path / "bench.jsonl", RESOLD))]) == 1
    assert "| 1 | contaminated |" in (told := capsys.readouterr().out)
    assert "bench:1" in told


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["calibrate", "{folder}/none.jsonl"], "cannot read"),
        (["audit", "{folder}/none.jsonl"], "cannot read"),
        (["audit", "{folder}/broken.jsonl"], "broken.jsonl', line 2, is not JSON"),
        (["audit", "{folder}/broken.jsonl", "--embedder", "no/such"], "broken.jsonl', line 2,"),
        (["near", "a text", "--run", "nothing", "--runs-dir", "{folder}"], "there is none"),
    ],
)
def test_bad_input_gets_one_line(tmp_path: Path, args: list[str], said: str, capsys: Printed) -> None:
    (tmp_path / "broken.jsonl").write_text('{"question": "a"}\n{\n')
    assert main(["novelty", *(arg.format(folder=tmp_path) for arg in args)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


async def test_a_protected_benchmark_is_kept_out_and_told_by_item(tmp_path: Path) -> None:
    script = Script()
    async with serve(script) as server:
        free, _ = await campaign(server, tmp_path / "free", target=3, slots=1)
        taken = write(tmp_path / "gold.jsonl", free.rows[1].question)
        going, _ = await campaign(server, tmp_path / "kept", target=3, slots=1, max_attempts=1, protect=str(taken))
    assert free.rows[1].question not in {row.question for row in going.rows}
    assert going.funnel.outcomes["contaminated"] == 1
    [hit] = [json.loads(line) for line in (tmp_path / "kept" / "r" / "refused.jsonl").read_text().splitlines()]
    assert (hit["near"]["name"], hit["near"]["question"]) == ("gold:1", free.rows[1].question)
    assert "<td>gold</td><td>1</td>" in (tmp_path / "kept" / "r" / "report.html").read_text()
    assert "gold.jsonl" in (tmp_path / "kept" / "r" / "README.md").read_text()


async def test_near_lists_what_a_run_holds(tmp_path: Path, capsys: Printed) -> None:
    async with serve(Script()) as server:
        going, _ = await campaign(server, tmp_path, target=2)
    text = going.rows[0].question
    asked = ["novelty", "near", text, "--run", "r", "--runs-dir", str(tmp_path)]
    assert await asyncio.to_thread(main, asked) == 0, "in a loop of its own, as in its own process"
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("1.000")
    assert " ".join(text.split())[:60] in first


async def test_the_judge_decides_the_borderline_on_request(tmp_path: Path) -> None:
    async with serve(Script(same_reasoning=0.5)) as server:
        going, _ = await campaign(server, tmp_path, target=30, max_attempts=1, ask_borderline=True)
        compared = sum(call.task == "compare" for call in server.calls)
    refused = [json.loads(line) for line in (tmp_path / "r" / "refused.jsonl").read_text().splitlines()]
    assert 0 < len(refused) < compared
    assert {(row["outcome"], row["near"]["rule"]) for row in refused} == {("duplicate", "judge")}
    assert len(going.rows) == 30
