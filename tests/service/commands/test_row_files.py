"""Files as people hand them over: every command that reads rows or questions reads them, or says in a line why not."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import evals.benchmark
import evals.export
from agents.row_versions import read_dataset
from agents.rows import SCHEMA_VERSION
from evals.benchmarks.formats import load_items
from graph.run import main
from graph.settings import OFFLINE_DEFAULTS
from tests import DATA
from tests.docs import SAMPLE
from tests.service.command import command
from tools.files.lines import MOST_BYTES, RowFileError, read_lines
from tools.files.questions import read_objects
from tools.novelty.audit import read_items

Printed = pytest.CaptureFixture[str]
Door = Callable[[str], int]

ROW = json.dumps(json.loads(SAMPLE.read_text(encoding="utf-8"))) + "\n"
QUESTION = '{"question": "A café sells 12 teas. How many?", "answer": "12"}\n'
SEATS = [f"--{seat}={model}" for seat, model in OFFLINE_DEFAULTS.items()]


def good(file: str) -> str:
    """Write a file of questions beside the one in question."""
    Path(f"{file}.good.jsonl").write_text(QUESTION, encoding="utf-8")
    return f"{file}.good.jsonl"


ROW_DOORS: dict[str, Door] = {
    "verify": lambda file: main(["verify", file, "--sandbox=process"]),
    "export": lambda file: evals.export.main([file]),
    "export --variants": lambda file: evals.export.main([file, "--variants=2"]),
    "benchmark --variants": lambda file: evals.benchmark.main([file, "--variants=2", "--model=offline:smollm2"]),
}
QUESTION_DOORS: dict[str, Door] = {
    "benchmark": lambda file: evals.benchmark.main([file, "--model=offline:smollm2"]),
    "novelty audit": lambda file: main(["novelty", "audit", file]),
    "novelty audit --against": lambda file: main(["novelty", "audit", good(file), "--against", file]),
    "novelty calibrate": lambda file: main(["novelty", "calibrate", file]),
    "--protect": lambda file: main([*SEATS, "--sandbox=process", f"--protect={file}", f"--runs-dir={file}.runs"]),
}
DOORS = ROW_DOORS | QUESTION_DOORS

UNFIT: dict[str, tuple[bytes, str]] = {
    "empty.jsonl": (b"", ""),
    "blank.jsonl": (b" \n\n", ""),
    "utf16.jsonl": (QUESTION.encode("utf-16"), "UTF-16 text; save it as UTF-8"),
    "utf16_without_mark.jsonl": (QUESTION.encode("utf-16-le"), "UTF-16 text, or no text at all; save it as UTF-8"),
    "packed.jsonl": (b"\x1f\x8b\x08\x00" + bytes(30), "compressed with gzip; unpack it first"),
    "book.jsonl": (b"PK\x03\x04" + bytes(30), "a ZIP archive or a spreadsheet"),
    "prose.jsonl": (b"question,answer\nOne?,1\n", "it begins with 'question,answer'"),
    "pretty.jsonl": (json.dumps(json.loads(QUESTION), indent=1).encode(), "JSON over several lines"),
    "page.jsonl": (b"<html>\n", "it begins with '<html>'"),
    "torn_array.json": (b'[{"question": "a"', "no JSON array"),
    "array_and_more.json": (b'[{"question": "a", "answer": "1"}] {}', "a"),
    "deep_array.json": (b"[" * 200_000, "nested too deep"),
    "latin1_array.json": ('[{"question": "café"}]'.encode("latin-1"), "not UTF-8"),
    "endless.jsonl": (b'{"question": "' + b"a" * MOST_BYTES + b'"}\n', "line 1, is longer than 16 MiB"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", UNFIT)
def test_an_unfit_file_is_named_in_one_line(door: str, name: str, tmp_path: Path, capsys: Printed) -> None:
    content, fault = UNFIT[name]
    (tmp_path / name).write_bytes(content)
    assert DOORS[door](str(tmp_path / name)) == 2
    printed = capsys.readouterr()
    assert fault in printed.err
    assert name in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""


@pytest.mark.parametrize("door", DOORS)
def test_a_folder_and_an_absent_file_are_named_in_one_line(door: str, tmp_path: Path, capsys: Printed) -> None:
    for path, fault in ((tmp_path, "is a folder without a dataset.jsonl"), (tmp_path / "no", "no such file")):
        assert DOORS[door](str(path)) == 2
        error = capsys.readouterr().err
        assert fault in error
        assert len(error.splitlines()) == 1


@pytest.mark.parametrize("door", ROW_DOORS)
def test_where_rows_are_wanted_csv_parquet_and_later_rows_are_refused(
    door: str, tmp_path: Path, capsys: Printed
) -> None:
    later = json.dumps({**json.loads(ROW), "schema_version": 99}) + "\n"
    files = {"a.csv": b"question,answer\n", "a.parquet": b"PAR1" + bytes(20), "later.jsonl": later.encode()}
    faults = ["is CSV, and rows", "is Parquet, and rows", "line 1, was written by a later version of NanoFlux"]
    for (name, content), fault in zip(files.items(), faults, strict=True):
        (tmp_path / name).write_bytes(content)
        assert ROW_DOORS[door](str(tmp_path / name)) == 2
        error = capsys.readouterr().err
        assert fault in error
        assert len(error.splitlines()) == 1


def test_a_mark_an_array_and_a_missing_newline_change_nothing(tmp_path: Path) -> None:
    """Nor does a line separator within a text, which is no end of a line in JSON."""
    row = ROW.replace("lighthouse", "light\u2028house").strip()
    twins = {
        "plain.jsonl": f"{row}\n{row}\n".encode(),
        "marked.jsonl": b"\xef\xbb\xbf" + f"{row}\r\n{row}\r\n".encode(),
        "unended.jsonl": f"{row}\n{row}".encode(),
        "array.json": b"\xef\xbb\xbf" + f"[{row},\n  {row}]\n".encode(),
        "pretty.json": json.dumps([json.loads(row)] * 2, indent=2, ensure_ascii=False).encode(),
    }
    for name, content in twins.items():
        (tmp_path / name).write_bytes(content)
    rows = [read_dataset(tmp_path / name) for name in twins]
    assert len(rows[0]) == 2
    assert all(read == rows[0] for read in rows)
    items = [[item.question for item in load_items(tmp_path / name, "plain")] for name in twins]
    assert all(read == items[0] for read in items)


def test_half_a_character_in_a_question_ends_no_command(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "a.jsonl").write_text('{"question": "Why \\ud83d is the sky blue?"}\n' * 2)
    assert main(["novelty", "audit", str(tmp_path / "a.jsonl"), "--against", str(tmp_path / "a.jsonl")]) == 1
    assert "Why ? is the sky blue?" in capsys.readouterr().out


def test_an_array_of_rows_is_verified_as_it_is_written(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "rows.json").write_text(f"[{ROW}]", encoding="utf-8")
    assert main(["verify", str(tmp_path / "rows.json"), "--sandbox=process"]) == 0
    assert "1 rows, all good" in capsys.readouterr().out


def test_questions_are_read_from_csv_in_its_dialects(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(
        '\ufeffquestion,answer,choices\n"Which,\none?",cat,"[""cat"", ""dog""]"\n'.encode()
    )
    (tmp_path / "b.csv").write_text("question;answer\n1,5 + 1?;2,5\n", encoding="utf-8")
    (tmp_path / "c.tsv").write_text("input\ttarget\n1+1?\t2\n", encoding="utf-8")
    [item] = load_items(tmp_path / "a.csv", "plain")
    assert (item.question, item.answer, item.choices) == ("Which,\none?", "cat", ("cat", "dog"))
    assert load_items(tmp_path / "b.csv", "plain")[0].answer == "2,5"
    assert load_items(tmp_path / "c.tsv", "gsm_hard")[0].answer == "2"
    assert [item.question for item in read_items(tmp_path / "b.csv")] == ["1,5 + 1?"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'question,answer\n"open,1\n', "line 2, is not CSV"),
        (b"question,answer\na,b,c\n", "line 2, has 3 values, and line 1 names 2 fields"),
        (b"question,question\na,b\n", "names a field twice"),
        (b"question,answer\ncaf\xe9,b\n", "line 2, is not UTF-8"),
        (b"question,answer\n" + b"a" * 200_000 + b",1\n", "line 2, is not CSV: field larger"),
        (b"question,answer\n", "holds no questions"),
    ],
)
def test_broken_csv_is_named_by_line(content: bytes, fault: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(RowFileError, match=fault):
        list(read_objects(tmp_path / "a.csv"))


def test_questions_are_read_from_parquet_and_a_torn_one_is_named(tmp_path: Path) -> None:
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"question": ["One?", "Two?"], "answer": [1, 2], "choices": [["a", "b"], None]}), file)
    assert [item.answer for item in load_items(file, "plain")] == ["1", "2"]
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(RowFileError, match="is no whole Parquet file"):
        read_items(file)


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RowFileError, match=r"pyarrow \(.*-e '\.\[parquet\]'\)"):
        list(read_objects(tmp_path / "a.parquet"))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")
async def test_a_line_of_200_mb_takes_bounded_memory(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    with file.open("wb") as stream:
        stream.write(b'{"question": "')
        stream.truncate(200 * 1024**2)
    program = (
        "import sys; from pathlib import Path; from evals.benchmark import main; code = main(sys.argv[1:]); "
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]); sys.exit(code)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(file), "--model=offline:smollm2",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 2
    assert b"line 1, is longer than 16 MiB" in err
    assert int(out) < 200 * 1024, "KiB, all libraries included"


@pytest.mark.parametrize("out", ["{folder}/absent/rows.jsonl", "{folder}"])
async def test_where_to_write_is_looked_at_first(out: str, tmp_path: Path) -> None:
    (tmp_path / "dataset.jsonl").write_text(ROW)
    ended = await command(str(tmp_path), "--variants=2", "--out", out.format(folder=tmp_path), module="evals.export")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert "folder" in ended.err


@pytest.mark.parametrize("module", ["evals.export", "evals.benchmark"])
async def test_a_shortened_flag_is_refused(module: str, tmp_path: Path) -> None:
    flag = {"evals.export": "--form=chat", "evals.benchmark": "--mod=x"}[module]
    ended = await command(str(tmp_path), flag, module=module)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1


def test_rows_of_an_earlier_version_are_read_from_every_form(tmp_path: Path) -> None:
    old = json.loads((DATA / "row_of_schema_1.json").read_text())
    (tmp_path / "old.json").write_text(json.dumps([old]))
    assert read_dataset(tmp_path / "old.json")[0].schema_version == SCHEMA_VERSION
    assert [line.where for line in read_lines(tmp_path / "old.json")] == ["row 1"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xef\xbb\xbf" + b'{"hops": {"3": 1}}', ""),
        ('{"hops": {"3": 1}}'.encode("utf-16"), "it is not UTF-8 text; save it as UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b" " * 5 * 1024**2, "longer than 4 MiB"),
        (b"null", "it must name some of topic, hops, size, twist"),
    ],
)
def test_a_mix_is_read_or_refused_in_one_line(content: bytes, fault: str, tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "mix.json").write_bytes(content)
    flags = [*SEATS, "--sandbox=process", f"--mix={tmp_path / 'mix.json'}", "--novelty-store=http://127.0.0.1:9"]
    assert main([*flags, f"--runs-dir={tmp_path}"]) == 2
    error = capsys.readouterr().err
    assert (fault or "127.0.0.1:9 does not answer") in error
    assert len(error.splitlines()) == 1
