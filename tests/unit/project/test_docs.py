from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest

from agents.rows import Survivor
from graph.question.row_checks import field_faults, program_faults
from graph.question.survivor import row_sha256
from prompts.domain import load_domain
from tests import ROOT
from tests.docs import PAGES, PASSAGES, SAMPLE, fresh, passages_of
from tools.sandbox.port import Limits
from tools.sandbox.registry import open_sandbox

ROOMS = ("graph", "agents", "tools", "prompts", "evals", "tests", "docs")
WITHOUT_HELP = re.compile(r"tests\.")
"""Modules that are run for their figures or files, and take no flags."""
FLAGS_OF_OTHERS = {"--headless", "--runtime", "--screenshot", "--window-size"}

NOT_OURS = re.compile(r"\b(work[s]hop|til[l]|cous[i]n|set[b]ack|re[a]sks|kin[s]hip|hea[r]d)\b", re.IGNORECASE)
"""Words that a reader would have to decode; each has a plain one in the field's terms. Written so as not to match."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED_PATH = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w./-]*)`")
NAMED_ROW = re.compile(r"`([A-Z][A-Z_]+)` in `([\w./]+)`")
FLAG = re.compile(r"(?<![\w-])--[a-z][\w-]*")
COMMAND = re.compile(r"python -m (\w[\w.]*)((?: +[^\n`|#]+)?)")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def written(page: Path) -> str:
    """Return what is written by hand on a page."""
    return re.sub(r"<!-- generated: .*?<!-- end -->", "", read(page), flags=re.DOTALL)


def prose(text: str) -> str:
    return FENCE.sub("", text)


def slugs(text: str) -> set[str]:
    """Name a page's headings as GitHub does."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(text: str) -> list[tuple[str, ...]]:
    """Return what is behind each `python -m` of a page, lines that end in a backslash joined."""
    found = COMMAND.findall(text.replace("\\\n", ""))
    return [(module.rstrip("."), *arguments.split()) for module, arguments in found]


@cache
def help_of(*command: str) -> str:
    """Run a module's --help, subcommands included."""
    done = subprocess.run(
        [sys.executable, "-m", *command, "--help"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def subcommand(module: str, *arguments: str) -> tuple[str, ...]:
    """Keep the words of a command that have a --help of their own."""
    if module != "graph.run" or not arguments or arguments[0].startswith("-"):
        return (module,)
    return (module, *arguments[: 2 if arguments[0] == "novelty" else 1])


@pages
def test_the_generated_passages_are_fresh(page: Path) -> None:
    assert fresh(read(page)) == read(page), "run `make docs`"


def test_every_generated_passage_is_on_some_page() -> None:
    assert {name for page in PAGES for name in passages_of(read(page))} == set(PASSAGES)


@pytest.mark.parametrize("text", ["<!-- generated: nothing -->\n<!-- end -->", "<!-- generated: row -->\n{}\n"])
def test_a_passage_without_a_name_or_an_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="passage"):
        fresh(text)


@pages
def test_every_link_leads_to_a_file_and_to_a_heading_that_is_there(page: Path) -> None:
    lost = []
    for target in LINK.findall(prose(read(page))):
        path, _, anchor = unquote(target).partition("#")
        if "://" in path:
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.is_relative_to(ROOT) or not file.exists() or (anchor and anchor not in slugs(read(file))):
            lost.append(target)
    assert lost == []


@pages
def test_every_path_and_table_that_a_page_names_is_there(page: Path) -> None:
    text = prose(read(page))
    assert [path for path in NAMED_PATH.findall(text) if not (ROOT / path).exists()] == []
    assert [
        (name, path)
        for name, path in NAMED_ROW.findall(text)
        if not re.search(rf"^{name}\b", read(ROOT / path), re.MULTILINE)
    ] == []


def test_every_page_of_docs_is_reached_from_the_readme() -> None:
    linked = {(ROOT / target).resolve() for target in LINK.findall(prose(read(ROOT / "README.md")))}
    assert [page.name for page in PAGES if page.parent.name == "docs" and page.resolve() not in linked] == []


@pages
def test_every_command_that_a_page_names_is_a_module_and_takes_its_flags(page: Path) -> None:
    for module, *arguments in commands(written(page)):
        assert find_spec(module) is not None, module
        given = {flag for argument in arguments for flag in FLAG.findall(argument)}
        if WITHOUT_HELP.match(module):
            assert not given, module
        else:
            known = {*FLAG.findall(help_of(*subcommand(module, *arguments))), "--help"}
            assert given <= known, (module, *arguments)


@pages
def test_every_flag_that_a_page_names_belongs_to_a_command(page: Path) -> None:
    used = {command for other in PAGES for command in commands(written(other)) if not WITHOUT_HELP.match(command[0])}
    helps = {subcommand(*command) for command in used} | {("graph.run",)}
    known = {flag for command in helps for flag in FLAG.findall(help_of(*command))}
    assert set(FLAG.findall(prose(read(page)))) - known - FLAGS_OF_OTHERS == set()


@pages
def test_every_make_target_that_a_page_names_is_in_the_makefile(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = re.findall(r"(?:`|^)make ([a-z]+)", read(page), re.MULTILINE)
    assert set(named) <= targets


def test_no_file_uses_a_word_that_a_newcomer_must_decode() -> None:
    files = [file for room in ROOMS for ending in ("py", "md") for file in (ROOT / room).rglob(f"*.{ending}")]
    top = [file for file in ROOT.glob("*.md") if file.name != "CHANGELOG.md"]
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in [*files, *top]
        for number, line in enumerate(read(file).splitlines(), start=1)
        if NOT_OURS.search(line)
    ]
    assert found == []


async def test_the_sample_row_is_one_that_the_program_would_write_and_its_answer_is_proved_again() -> None:
    row = Survivor.model_validate_json(SAMPLE.read_text(encoding="utf-8"))
    stale = "a prompt has changed since: make run, then python -m tests.docs runs/offline/dataset.jsonl"
    assert row.prompts_fingerprint == load_domain(row.domain).fingerprint, stale
    assert row.sha256 == row_sha256(row.model_dump(mode="json"))
    assert field_faults(row) == []
    async with open_sandbox("process", limits=Limits(), concurrency=1) as sandbox:
        assert await program_faults(row, sandbox, Limits(), seed=1) == []
