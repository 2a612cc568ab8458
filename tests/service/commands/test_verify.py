"""`verify` over rows as a run writes them: good ones pass, and whatever is planted in one is found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agents.row_form import form_of
from agents.rows import Survivor, survivor_id
from graph.commands.verify import Checks, verify
from graph.question.row_checks import Fault
from graph.question.survivor import row_sha256
from graph.run import main
from graph.settings import Settings
from tests.offline_rows import offline_rows
from tools.novelty.registry import open_novelty
from tools.sandbox.port import code_hash
from tools.sandbox.registry import open_sandbox

Row = dict[str, Any]
FORM = form_of(Survivor)
CLEAN = 4
"""Rows before the corrupted ones; they stay as they are."""


class Case(NamedTuple):
    """A corruption: what it is, how it is done, and the check that must notice."""

    name: str
    corrupt: Callable[[Row], Any]
    check: str
    sealed: bool = False
    """Whether the forger hashed the row again, so that the hash tells nothing."""


def put(*path: str | int, value: Any) -> Callable[[Row], None]:
    """Set a field, however deep."""

    def corrupt(row: Row) -> None:
        inner: Any = row
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value(inner[path[-1]]) if callable(value) else value

    return corrupt


def drop(*path: str | int) -> Callable[[Row], None]:
    """Take a field or an item away."""

    def corrupt(row: Row) -> None:
        inner: Any = row
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]

    return corrupt


def line(change: Callable[[bytes], bytes]) -> Callable[[Row], bytes]:
    """Change the line as it stands in the file."""
    return lambda row: change(json.dumps(FORM.write(row)).encode())


def written(*path: str | int, value: Any) -> Callable[[Row], bytes]:
    """Set a field in the form that it has in the file, and hash the row again."""

    def corrupt(row: Row) -> bytes:
        fields = FORM.write(row)
        put(*path, value=value)(fields)
        return json.dumps(fields | {"sha256": row_sha256(fields)}).encode()

    return corrupt


def other_question(row: Row) -> None:
    row["question"] += " Round nothing."
    row["id"] = survivor_id(row["domain"], row["question"])


def other_answer(row: Row) -> None:
    row["messages"][2]["content"] = row["messages"][2]["content"].replace(f"ANSWER: {row['answer']}", "ANSWER: 31337")
    row["answer"] = "31337"


def solution(body: str, *fields: str) -> Callable[[Row], None]:
    """Put another `solve` over the row's inputs in these fields; `ANSWER` in its body is the row's answer."""

    def corrupt(row: Row) -> None:
        names = ", ".join(one["name"] for one in row["inputs"])
        for field in fields:
            row[field] = f"def solve({names}):\n    return {body.replace('ANSWER', repr(row['answer']))}\n"

    return corrupt


def judge_that_knows_the_stated_inputs(row: Row) -> None:
    first = row["inputs"][0]["name"]
    row["judge_program"] = row["judge_program"].replace("def solve", "def honest", 1) + (
        f"\n\ndef solve({', '.join(one['name'] for one in row['inputs'])}):\n"
        f"    found = honest({', '.join(one['name'] + '=' + one['name'] for one in row['inputs'])})\n"
        f"    return found if str({first}) == {row['inputs'][0]['value'].replace(',', '')!r} else 31337\n"
    )


def judges_program(code: str) -> Callable[[Row], None]:
    """Put another program of the Judge's tools on record, hash and all."""
    return lambda row: row["evidence"][0].update({"code": code, "code_sha256": code_hash(code)})


def false_equation(row: Row) -> None:
    """Write a false equation into a step, and whatever is derived from it."""
    step = row["steps"][0]
    row["steps"][0] = f"{step} So 2 + 2 = 5."
    for place in (row, row["messages"][2]):
        field = "explanation" if place is row else "content"
        place[field] = place[field].replace(step, row["steps"][0])


def unlike_stated(row: Row) -> None:
    row["inputs"][0] |= {"kind": "constant", "value": "31337"}


def weak_rubric(row: Row) -> None:
    row["reference_rubric"] |= {"correctness": 1}
    row["quality"] = round(sum(row["reference_rubric"].values()) / 5, 2)


def right_for_wrong(row: Row) -> None:
    row["defender"] |= {"samples": 1, "passed": 0, "wrong_answer": {"steps": [], "answer": f"It is {row['answer']}"}}


def nothing_wrong_kept(row: Row) -> None:
    row["defender"] |= {"samples": 2, "passed": 1, "wrong_answer": None}


def all_passed(row: Row) -> None:
    row["defender"] |= {"samples": 1, "passed": 1, "wrong_answer": {"steps": [], "answer": "-1"}}


SEALED = True
FORGED = [
    Case("id", put("id", value="0" * 16), "id", SEALED),
    Case("question", put("question", value=lambda text: text + " Round nothing."), "id", SEALED),
    Case("question and id", other_question, "messages", SEALED),
    Case("answer", put("answer", value="31337"), "proof", SEALED),
    Case("answer, where the chat says the same", other_answer, "proof", SEALED),
    Case("answer that is no number", put("answer", value="many"), "question", SEALED),
    Case("choices of a number", put("choices", value=["1", "2"]), "question", SEALED),
    Case("no steps", put("steps", value=[]), "fields", SEALED),
    Case("one step less", drop("steps", -1), "hops", SEALED),
    Case("another step", put("steps", 0, value="Guess."), "explanation", SEALED),
    Case("hops", put("hops", value=9), "hops", SEALED),
    Case("explanation", put("explanation", value="Trust me."), "explanation", SEALED),
    Case("level", put("level", value="L2"), "level", SEALED),
    Case("quality of another level", put("quality", value=2.0), "level", SEALED),
    Case("quality above the scale", put("quality", value=7.0), "quality", SEALED),
    Case("graded by", put("graded_by", value="program"), "graded_by", SEALED),
    Case("domain", put("domain", value="../math"), "domain", SEALED),
    Case("system turn", put("messages", 0, "content", value="Lie."), "messages", SEALED),
    Case("user turn", put("messages", 1, "content", value="Hello?"), "messages", SEALED),
    Case("assistant turn", put("messages", 2, "content", value=lambda text: text + "\n"), "messages", SEALED),
    Case("turn taken away", drop("messages", 0), "messages", SEALED),
    Case("judge unnamed", drop("models", "judge"), "models", SEALED),
    Case("usage of a seat", drop("usage", "judge"), "usage", SEALED),
    Case("defender's model", put("defender", "model", value="openai:other"), "defender", SEALED),
    Case("more passed than sampled", put("defender", "passed", value=9), "defender", SEALED),
    Case("no samples", put("defender", "samples", value=0), "defender", SEALED),
    Case("all passed, one wrong", all_passed, "defender", SEALED),
    Case("right answer kept as wrong", right_for_wrong, "defender", SEALED),
    Case("wrong answer not kept", nothing_wrong_kept, "defender", SEALED),
    Case("program that returns another answer", solution("31337", "program"), "proof", SEALED),
    Case("program that computes nothing", solution("ANSWER", "program"), "proof", SEALED),
    Case("both programs compute nothing", solution("ANSWER", "program", "judge_program"), "proof", SEALED),
    Case("program without solve", put("program", value="print(31337)"), "proof", SEALED),
    Case("program that cannot be read", put("program", value="def solve("), "proof", SEALED),
    Case("no program", put("program", value=""), "question", SEALED),
    Case("a Judge's program that returns another", solution("31337", "judge_program"), "proof", SEALED),
    Case("a Judge's program that computes nothing", solution("ANSWER", "judge_program"), "proof", SEALED),
    Case("a Judge's program that knows the inputs", judge_that_knows_the_stated_inputs, "proof", SEALED),
    Case("a Judge's program that fails", solution("1 // 0", "judge_program"), "proof", SEALED),
    Case("no Judge's program", put("judge_program", value=""), "proof", SEALED),
    Case("the Judge's answer", put("judge_answer", value="31337"), "judge_answer", SEALED),
    Case("no proof", put("proof", value=None), "proof", SEALED),
    Case("another grade", put("proof", "grade", value="computed"), "proof", SEALED),
    Case("grade of nothing computed", put("proof", "grade", value="agreed"), "proof", SEALED),
    Case("more draws", put("proof", "draws", value=lambda many: many + 40), "proof", SEALED),
    Case("more counted than drawn", put("proof", "counted", value=999), "proof", SEALED),
    Case("fewer agreed", put("proof", "agreed", value=lambda many: many - 1), "proof", SEALED),
    Case("another share", put("proof", "share", value=0.01), "proof", SEALED),
    Case("depends on nothing", put("proof", "depends_on", value=[]), "proof", SEALED),
    Case("a distractor that is none", put("proof", "distractors", value=["nobody"]), "proof", SEALED),
    Case("an input less", drop("inputs", 0), "proof", SEALED),
    Case("an input's value", unlike_stated, "proof", SEALED),
    Case("an input's name", put("inputs", 0, "name", value="nobody"), "proof", SEALED),
    Case("an input's words", put("inputs", 0, "quote", value="31337 of them"), "proof", SEALED),
    Case("a false equation", false_equation, "proof", SEALED),
    Case("a rubric of another mean", put("reference_rubric", "rigor", value=1), "proof", SEALED),
    Case("a rubric that calls it wrong", weak_rubric, "proof", SEALED),
    Case("no rubric", put("reference_rubric", value=None), "proof", SEALED),
    Case("a tool's program prints another", judges_program("print(31337)"), "evidence", SEALED),
    Case("a tool's program fails", judges_program("raise ValueError('no')"), "evidence", SEALED),
    Case("a tool's program of another hash", put("evidence", 0, "code", value=lambda c: c + "\n"), "evidence", SEALED),
    Case("hash of a tool's program", put("evidence", 0, "code_sha256", value="0" * 64), "evidence", SEALED),
    Case("a tool's output", put("evidence", 0, "stdout", value="31337\n"), "evidence", SEALED),
]
BROKEN = [
    Case("torn line", line(lambda text: text[:-40]), "json"),
    Case("no JSON", line(lambda _: b"hello"), "json"),
    Case("blank line", line(lambda _: b"  "), "json"),
    Case("not UTF-8", line(lambda text: text.replace(b'"question": "', b'"question": "\xff')), "json"),
    Case("a key twice", line(lambda text: text.replace(b"{", b'{"answer": "1", ', 1)), "json"),
    Case("no number", put("quality", value=float("nan")), "json"),
    Case("nested without end", line(lambda _: b"[" * 200_000), "json"),
    Case("a list", line(lambda text: b"[" + text + b"]"), "fields"),
    Case("unknown field", lambda row: row.update(verified=True), "fields", SEALED),
    Case("unknown field inside", lambda row: row["defender"].update(lucky=True), "fields", SEALED),
    Case("field taken away", drop("novelty"), "fields", SEALED),
    Case("number as text", put("index", value=str), "fields", SEALED),
    Case("flag as number", put("easy", value=int), "fields", SEALED),
    Case("unknown level", put("level", value="L9"), "fields", SEALED),
    Case("unknown role", put("messages", 0, "role", value="root"), "fields", SEALED),
    Case("null", put("question", value=None), "fields", SEALED),
    Case("null for a record that is absent", written("review", value=None), "fields", SEALED),
    Case("a list for a text", written("choices", value=[]), "fields", SEALED),
    Case("an empty list of records", written("evidence", value=[]), "fields", SEALED),
    Case("a number for a text", written("usage", "judge", "usd", value=float), "fields", SEALED),
    Case("a whole number for a number", written("novelty", "score", value=0), "fields", SEALED),
    Case("an entry without its line break", written("skills", value=str.strip), "fields", SEALED),
]
HASHED = [
    Case(" ".join(map(str, path)), put(*path, value=value), "sha256")
    for path, value in [
        (("index",), 4711),
        (("seed",), 4711),
        (("topic",), "cooking"),
        (("skills",), ["cooking"]),
        (("asked", "topic"), "cooking"),
        (("asked", "hops"), 7),
        (("quality",), 4.45),
        (("easy",), lambda easy: not easy),
        (("novelty", "score"), 0.125),
        (("novelty", "nearest"), "nobody"),
        (("novelty", "embedder"), "none"),
        (("models", "attacker"), "openai:better"),
        (("prompts_fingerprint",), "0" * 16),
        (("usage", "judge", "usd"), 0.0),
        (("usage", "attacker", "input_tokens"), 1),
        (("sandbox", "network_blocked"), lambda held: not held),
        (("sandbox", "packages"), []),
        (("evidence", 0, "sandbox"), "monty"),
        (("sha256",), "0" * 64),
        (("sha256",), ""),
    ]
]
KINDS = {"forged": FORGED, "broken": BROKEN, "hashed": HASHED}


def plant(case: Case, row: Survivor) -> bytes:
    """Return the line with the corruption in it."""
    fields = json.loads(json.dumps(row.model_dump()))  # with its lists, which are texts in the file
    changed = case.corrupt(fields)
    if isinstance(changed, bytes):
        return changed
    fields = FORM.write(fields)
    if case.sealed:
        fields["sha256"] = row_sha256(fields)
    return json.dumps(fields).encode()


def look(lines: Sequence[bytes]) -> dict[int, list[Fault]]:
    """Return what `verify` finds, by line."""

    async def work() -> dict[int, list[Fault]]:
        async with open_sandbox("auto", limits=Settings().limits, concurrency=2) as sandbox, open_novelty() as gate:
            found: dict[int, list[Fault]] = {}
            failures, _ = await verify(lines, Checks(sandbox, Settings().limits, 7, gate))
            for failure in failures:
                found.setdefault(failure.line, []).append(failure.fault)
            return found

    return asyncio.run(work())


def make_rows(count: int) -> list[Survivor]:
    async def make() -> list[Survivor]:
        made: list[Survivor] = []
        async with open_sandbox("auto", limits=Settings().limits, concurrency=2) as sandbox, open_novelty() as gate:
            async for row in offline_rows(sandbox, gate):
                made.append(row)
                if len(made) == count:
                    break
        return made

    return asyncio.run(make())


@pytest.fixture(scope="module")
def made() -> list[Survivor]:
    return make_rows(CLEAN + max(len(cases) for cases in KINDS.values()))


@pytest.fixture(scope="module")
def rows(made: list[Survivor]) -> list[Survivor]:
    return made[:3]


@pytest.mark.parametrize("kind", KINDS)
def test_each_corruption_is_found_by_the_check_that_should_and_no_other_row_is_blamed(
    kind: str, made: list[Survivor]
) -> None:
    assert len({(case.name, case.check) for cases in KINDS.values() for case in cases}) >= 90
    clean = [row.model_dump_json().encode() for row in made[:CLEAN]]
    found = look([*clean, *(plant(case, row) for case, row in zip(KINDS[kind], made[CLEAN:], strict=False))])
    checks = {line: {fault.check for fault in faults} for line, faults in found.items()}
    cases = dict(enumerate(KINDS[kind], start=CLEAN + 1))
    assert [case.name for line, case in cases.items() if case.check not in checks.get(line, set())] == []
    assert [case.name for line, case in cases.items() if case.sealed and "sha256" in checks[line]] == []
    assert set(checks) == set(cases)


def test_a_twin_is_found_with_the_line_that_it_repeats(rows: list[Survivor]) -> None:
    first = rows[0].model_dump(mode="json")
    near_duplicate = json.loads(json.dumps(first).replace(first["question"], first["question"] + " Thank you."))
    near_duplicate["id"] = survivor_id(near_duplicate["domain"], near_duplicate["question"])
    near_duplicate["sha256"] = row_sha256(near_duplicate)
    faults = look([json.dumps(first).encode(), json.dumps(near_duplicate).encode(), json.dumps(first).encode()])
    assert [fault.check for fault in faults[2]] == ["near_duplicate"]
    assert "line 1" in faults[2][0].what
    assert {fault.check for fault in faults[3]} == {"id", "near_duplicate"}


def test_the_command_tells_good_from_bad(
    rows: list[Survivor], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = tmp_path / "dataset.jsonl"
    lines = [row.model_dump_json() + "\n" for row in rows[:3]]
    dataset.write_text("".join(lines))
    assert main(["verify", str(dataset), "--sandbox=process"]) == 0
    assert "3 rows, all good" in capsys.readouterr().out
    hostile = rows[2].model_copy(update={"graded_by": "program", "id": "\x1b]0;owned\x07[red]"})
    dataset.write_text("".join(lines[:2]) + hostile.model_dump_json() + "\n")
    assert main(["verify", str(dataset), "--sandbox=process"]) == 1
    told = capsys.readouterr().out
    assert "3 rows, 1 of them with 3 failures" in told
    assert "\x1b" not in told
    assert "[red]" in told


@pytest.mark.parametrize("content", [None, "", " \n\n"])
def test_nothing_to_check_is_one_line(content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = tmp_path / "dataset.jsonl"
    if content is not None:
        dataset.write_text(content)
    assert main(["verify", str(dataset), "--sandbox=process"]) == 2
    told = capsys.readouterr().err
    assert str(dataset) in told
    assert len(told.splitlines()) == 1
