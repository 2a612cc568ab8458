"""List the questions of a run that wait for a person, show one, and approve, edit or reject it.

    python -m graph.run review NAME                                    the list; on a terminal, one after the other
    python -m graph.run review NAME 7                                  one case; on a terminal, with a question
    python -m graph.run review NAME 7 --approve --note "checked by hand"
    python -m graph.run review NAME 7 --edit FILE.json                 fields of the question to change
    python -m graph.run review NAME 7 --reject --note "two readings"

It works while the run goes on, and takes no model: an edit is proved again by the question's program and the Judge's. A
run waits for cases where --review was given. Exit code 0 if the decision is carried out or recorded, 1 if it is refused
(the case waits for another), 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.errors import SetupError
from agents.reviews import EDITABLE, Decision, ReviewCase
from graph.cli.asking import ask
from graph.cli.flags import path, run_folder, stated
from graph.cli.output import report, tell
from graph.reports.progress import one_line
from graph.storage.run_lock import in_use
from tools.files.small_json import read_small_json

if TYPE_CHECKING:
    from graph.review.decide import Decided  # LangGraph loads after --help

DECISIONS = {"a": "approve", "e": "edit", "r": "reject"}
"""By the letter that a person types."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the run, the case, and what is decided."""
    runs = stated({}).runs_dir
    parser.add_argument("run", help="name of the run, or its folder")
    parser.add_argument("id", nargs="?", help="number or id of the candidate whose case it is")
    parser.add_argument(
        "--runs-dir", type=path, default=runs, metavar="FOLDER", help=f"folder that holds the runs (default: {runs})"
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--approve", action="store_true", help="keep the question as it is")
    choice.add_argument("--reject", action="store_true", help="refuse the question; say why by --note")
    choice.add_argument(
        "--edit", type=path, metavar="FILE", help=f"JSON object of the fields to change: {', '.join(EDITABLE)}"
    )
    parser.add_argument("--note", default="", help="why; stands in the row, or is the reason of the refusal")
    parser.add_argument("--by", default="", help="who decides (default: the user's name)")


async def run(args: argparse.Namespace) -> int:
    """List, show or decide."""
    from graph.review.cases import find_case, list_cases  # noqa: PLC0415  # LangGraph loads after --help

    folder = run_folder(args.runs_dir, args.run)
    decision = await asyncio.to_thread(_stated_decision, args)
    if decision is not None:
        return await _carry_out(folder, args.id, decision, args)
    cases = [await find_case(folder, args.id)] if args.id else await list_cases(folder)
    if sys.stdin.isatty() and sys.stdout.isatty() and not (args.json or args.quiet):
        return await _ask_about(cases, folder, args)
    result = {"cases": [case.model_dump(mode="json") for case in cases]}
    report(args, result, _shown(cases[0]) if args.id else _listed(cases))
    return 0


def _stated_decision(args: argparse.Namespace) -> Decision | None:
    """Read what the flags decide, None where they decide nothing."""
    if not (args.approve or args.reject or args.edit):
        if args.note:
            raise SetupError("--note belongs to a decision: add --approve, --edit FILE or --reject")
        return None
    if not args.id:
        raise SetupError("name the case to decide: review RUN ID --approve")
    word = "approve" if args.approve else "reject" if args.reject else "edit"
    edit = _read_edit(args.edit) if args.edit else {}
    return Decision.model_validate({"decision": word, "by": _reviewer(args), "note": args.note, "edit": edit})


def _reviewer(args: argparse.Namespace) -> str:
    try:
        return args.by.strip() or getpass.getuser()
    except (OSError, KeyError) as error:  # a container's user may have no name
        raise SetupError("say who decides: --by NAME") from error


def _read_edit(file: Path) -> dict[str, Any]:
    """Return the fields that a file changes.

    Raises:
        SetupError: It cannot be read, or is no JSON object.
    """
    try:
        edit = read_small_json(file)
    except OSError as error:
        raise SetupError(f"--edit: cannot read {str(file)!r}: {error.strerror}") from error
    except ValueError as error:
        raise SetupError(f"--edit: {str(file)!r} is not valid JSON: {error}") from error
    if not isinstance(edit, dict):
        raise SetupError(f"--edit: {str(file)!r} holds no JSON object of fields to change ({', '.join(EDITABLE)})")
    return edit


async def _carry_out(folder: Path, name: str, decision: Decision, args: argparse.Namespace) -> int:
    from graph.review.decide import PATIENCE_S, decide  # noqa: PLC0415  # LangGraph loads after --help

    if await asyncio.to_thread(in_use, folder):
        tell(
            f"run {one_line(folder.name)} goes on in another process, which takes the decision up; waiting for it, "
            f"{PATIENCE_S:.0f} s at most. Ctrl-C ends the wait, and the decision stays recorded"
        )
    done = await decide(folder, name, decision, patience_s=PATIENCE_S)
    result = {
        "candidate": done.case.candidate,
        "index": done.case.index,
        "ended": None if done.ended is None else done.ended.model_dump(mode="json"),
        "fault": done.fault,
        "pending": done.pending,
    }
    report(args, result, [_told(done, decision)])
    return 1 if done.fault else 0


def _told(done: Decided, decision: Decision) -> str:
    """Say what became of a decision."""
    what = f"candidate {done.case.index}"
    if done.fault:
        return f"{what}: refused, and waits on: {one_line(done.fault, 1000)}"
    if done.ended is None:
        return (
            f"{what}: {decision.decision} is recorded, and not carried out yet: {one_line(done.pending, 1000)}; "
            "this command again, or the run's own, carries it out"
        )
    if done.ended.outcome == "kept":
        return f"{what}: kept as {done.ended.id}"
    return f"{what}: {done.ended.outcome}: {one_line(done.ended.reason, 1000)}"


def _listed(cases: list[ReviewCase]) -> list[str]:
    lines = [
        f"{case.index:>6}  {one_line('; '.join([*case.doubts, *filter(None, [case.fault])]), 100)}\n"
        f"        {one_line(case.question.question, 200)}"
        for case in cases
    ]
    return [*lines, f"{len(cases)} {'case waits' if len(cases) == 1 else 'cases wait'} for review"]


def _shown(case: ReviewCase) -> list[str]:
    from graph.reports.candidate_trace import tell_case  # noqa: PLC0415  # LangGraph loads after --help

    return list(tell_case(case))


async def _ask_about(cases: list[ReviewCase], folder: Path, args: argparse.Namespace) -> int:
    """Show one case after the other, and ask what is to be done with it."""
    print(_listed(cases)[-1])
    with suppress(EOFError):
        for case in cases:
            print("\n".join(["", *_shown(case)]))
            while (word := (await ask("[a]pprove, [e]dit, [r]eject, [s]kip or [q]uit? ")).lower()[:1]) != "s":
                if word == "q":
                    return 0
                if word in DECISIONS and await _decided(word, case, folder, args):
                    break
    return 0


async def _decided(word: str, case: ReviewCase, folder: Path, args: argparse.Namespace) -> bool:
    """Carry out what a person typed; return whether that is done with."""
    try:
        edit = await _edited(case) if word == "e" else {}
    except SetupError as error:  # what the editor left cannot be read
        print(one_line(str(error), 1000))
        return False
    if word == "e" and not edit:
        print("nothing was changed")
        return False
    note = await ask("note (may be empty): ")
    given = {"decision": DECISIONS[word], "by": _reviewer(args), "note": note, "edit": edit}
    try:
        return await _carry_out(folder, case.candidate, Decision.model_validate(given), args) == 0
    except SetupError as error:  # somebody else has decided meanwhile
        print(one_line(str(error), 1000))
        return True


async def _edited(case: ReviewCase) -> dict[str, Any]:
    """Open the question's fields in the user's editor; return those that were changed."""
    fields = case.question.model_dump(mode="json", include=set(EDITABLE))
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"candidate-{case.index}.json"
        file.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        try:
            process = await asyncio.create_subprocess_exec(*shlex.split(editor), str(file))
        except OSError as error:
            raise SetupError(f"cannot start {editor!r}: {error.strerror}; set EDITOR, or give --edit FILE") from error
        await process.wait()
        return _changes(fields, await asyncio.to_thread(_read_edit, file))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if before.get(name) != value}
