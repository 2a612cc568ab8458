"""How well the gate tells near-duplicates from related questions, on pairs that no limit was chosen on."""

from pathlib import Path

import pytest

from tests import DATA
from tools.files.lines import RowFileError
from tools.novelty.audit import audit, item_of, read_items
from tools.novelty.calibration import LABELS, Calibration, calibrate, read_pairs
from tools.novelty.embedder import Embedder
from tools.novelty.port import NoveltyError, NoveltyItem, NoveltyOptions
from tools.novelty.stores.edge import EdgeNovelty

PAIRS = DATA / "novelty_pairs.jsonl"


@pytest.fixture(scope="module")
def report(embedder: Embedder) -> Calibration:
    return calibrate(read_pairs(PAIRS, "report"), embedder)


def test_the_pairs_are_many_and_of_every_label_and_domain() -> None:
    pairs = read_pairs(PAIRS)
    assert len(pairs) >= 200
    assert {pair.label for pair in pairs} == set(LABELS)
    assert {pair.domain for pair in pairs} == {"math", "genomics", "medicine"}
    both = {half: {pair.left.question for pair in pairs if pair.half == half} for half in ("develop", "report")}
    assert not both["develop"] & both["report"]


def test_with_answers_near_duplicates_are_found_and_related_questions_pass(report: Calibration) -> None:
    row = report.row("gate with answers")
    assert row.recall >= 0.97
    assert row.refused["same_topic"] <= 0.02
    assert row.refused["unrelated"] <= 0.02


def test_without_answers_most_near_duplicates_are_found(report: Calibration) -> None:
    assert report.row("gate without").recall >= 0.88


def test_no_single_cosine_comes_near(report: Calibration) -> None:
    assert report.row("gate with answers").f1 >= report.row("best single cosine").f1 + 0.08


def test_strict_finds_reskinned_questions(report: Calibration) -> None:
    assert report.row("gate strict").refused["reskinned"] >= 0.85
    assert report.row("gate strict").refused["same_topic"] <= 0.03


def test_the_table_names_every_rule_and_label(report: Calibration) -> None:
    table = report.table()
    assert all(label in table for label in LABELS)
    assert all(row.rule in table for row in report.rules)


def test_a_file_that_holds_no_pairs_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"label": "sibling"}')
    with pytest.raises(NoveltyError, match=r"x\.jsonl', line 1, is no labelled pair: label: Input should be"):
        read_pairs(tmp_path / "x.jsonl")
    with pytest.raises(NoveltyError, match="no pairs of half 'never'"):
        read_pairs(PAIRS, "never")


async def test_an_audit_finds_near_duplicates_and_the_benchmark_they_come_from(embedder: Embedder) -> None:
    rows = [
        item_of({"question": "Ann has 5 pens and buys 7 more. How many pens has she?", "answer": "12"}, owner="1"),
        item_of({"problem": "Why is the sky blue at noon and red at dusk?"}, owner="2"),
        item_of({"question": "Ann has 8 pens and buys 9 more. How many pens has she?", "answer": 17}, owner="3"),
        item_of(
            {"messages": [{"role": "user", "content": "WHY is the sky   blue at noon and red at dusk?"}]}, owner="4"
        ),
        item_of({"question": "   \n "} | {"text": "!!"}, owner="5"),
    ]
    gsm = [item_of({"question": rows[0].question, "answer": "5+7=12\n#### 12"}, owner="test/1")]
    async with EdgeNovelty(NoveltyOptions(), embedder) as gate:
        found = await audit("rows.jsonl", rows, {"gsm": gsm}, gate)
    assert [(f.row, f.verdict, f.nearest) for f in found.findings] == [
        ("1", "contaminated", "gsm:test/1"),
        ("3", "contaminated", "gsm:test/1"),
        ("4", "duplicate", "2"),
        ("5", "unfit", ""),
    ]
    assert "| contaminated | gsm | same_text | 1 |" in found.table()


def test_rows_of_many_makes_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(
        '{"question": "Which?", "options": {"A": "cat", "B": "dog"}, "answer": "B"}\n\n'
        '{"input": "1+1?", "target": 2}\n'
        '{"prompt": "Prove it.", "solution": "' + "long " * 40 + '"}\n'
    )
    mcq, plus, proof = read_items(file)
    assert (mcq.answer, mcq.answer_kind, mcq.choices) == ("dog", "choice", ("cat", "dog"))
    assert (plus.answer, plus.answer_kind, plus.owner) == ("2", "number", "3")
    assert proof.answer == ""


@pytest.mark.parametrize(("line", "message"), [("{", "is not JSON"), ("[1]", "not an object"), ('{"a": 1}', "none of")])
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "fine"}\n' + line)
    with pytest.raises((NoveltyError, RowFileError), match=rf"rows\.jsonl', line 2,.*{message}"):
        read_items(tmp_path / "rows.jsonl")


@pytest.mark.slow
async def test_clones_of_generated_word_problems_are_found(embedder: Embedder) -> None:
    reasoning_gym = pytest.importorskip("reasoning_gym")
    items = reasoning_gym.create_dataset("gsm_symbolic", size=1500, seed=5)
    accepted: set[int] = set()
    clones = caught = wrong = 0
    async with EdgeNovelty(NoveltyOptions(), embedder) as gate:
        for place, item in enumerate(items):
            question = NoveltyItem(
                question=item["question"], owner=str(place), answer=item["answer"], answer_kind="number"
            )
            found = await gate.admit(question)
            template, novel = items.task_indices[place], found.verdict == "novel"
            clones += template in accepted
            caught += template in accepted and not novel
            wrong += not novel and items.task_indices[int(found.nearest or 0)] != template
            if novel:
                accepted.add(template)
    print(f"clone recall {caught / clones:.4f}, false refusals {wrong / len(items):.4f}")
    assert caught / clones >= 0.95
    assert wrong / len(items) <= 0.01
