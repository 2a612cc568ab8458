"""What can be wrong with one row of a dataset: each check takes what it needs and returns the faults it found.

A row is believed in nothing: what its own fields decide is worked out again, and its programs are run again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from agents.records import SEATS, Message, ProgramRun, Question, Survivor, describe
from agents.row_versions import RowVersionError, read_survivor
from graph.question.survivor import derived, row_sha256
from prompts.domain import Domain, DomainError, load_domain
from tools.judge_tools.python import run_python
from tools.sandbox.port import Execution, Sandbox, code_hash


class Fault(NamedTuple):
    """One thing that is wrong: the check that noticed, and what it saw."""

    check: str
    what: str


class ReadRow(NamedTuple):
    """A line of the file: its row, None where it is none; its id, as far as it can be told; and what is wrong."""

    row: Survivor | None
    id: str
    faults: list[Fault]


def read_row(line: bytes) -> ReadRow:
    """Read a line strictly: JSON without a key twice, exactly the fields and types of a row, and their hash."""
    try:
        fields = json.loads(line.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return ReadRow(None, "", [Fault("json", str(error))])
    told = str(fields.get("id", "")) if isinstance(fields, dict) else ""
    try:
        row = read_survivor(line, strict=True)
    except ValidationError as error:
        return ReadRow(None, told, [Fault("fields", describe(error))])
    except RowVersionError as error:
        return ReadRow(None, told, [Fault("schema_version", str(error))])
    if not row.sha256:
        return ReadRow(row, told, [Fault("sha256", "the row has none, so not every change would show")])
    if row.sha256 != row_sha256(fields):
        return ReadRow(row, told, [Fault("sha256", "the row was changed after it was written: its hash is another")])
    return ReadRow(row, told, [])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError(f"a key stands twice among {[key for key, _ in pairs]}")
    return fields


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def field_faults(row: Survivor) -> list[Fault]:
    """Check that the fields hold together; nothing is run."""
    try:
        question, domain = question_of(row), _domain(row.domain)
    except ValidationError as error:
        return [Fault("question", describe(error))]
    except DomainError as error:
        return [Fault("domain", str(error))]
    faults = [
        Fault(name, _differing(name, getattr(row, name), due))
        for name, due in derived(domain, question, row.quality, row.models.get("judge", "")).items()
        if not (_same_chat(row, domain, due) if name == "messages" else getattr(row, name) == due)
    ]
    if not 1 <= row.quality <= 5:
        faults.append(Fault("quality", f"is {row.quality}, and a mean score lies between 1 and 5"))
    for name, seats in (("models", set(row.models)), ("usage", set(row.usage))):
        if seats != set(SEATS):
            faults.append(Fault(name, f"names {sorted(seats)}, and the seats are {sorted(SEATS)}"))
    return faults + _defender_faults(row, question) + _evidence_faults(row, question, domain)


def question_of(row: Survivor) -> Question:
    """Return the row's question; ValidationError where its parts do not hold together."""
    return Question.model_validate(row.model_dump(include=set(Question.model_fields)))


@lru_cache(maxsize=64)
def _domain(name: str) -> Domain:
    return load_domain(name)


def _same_chat(row: Survivor, domain: Domain, due: Sequence[Message]) -> bool:
    """Compare the turns; the system's words come from a prompt, so they are due only where the prompts are the same."""
    first = 0 if row.prompts_fingerprint == domain.fingerprint else 1
    return len(row.messages) == len(due) and row.messages[first:] == list(due)[first:]


def _defender_faults(row: Survivor, question: Question) -> list[Fault]:
    told, faults = row.defender, []
    if told.model != row.models.get("defender"):
        faults.append(f"is {told.model!r}, but models names {row.models.get('defender')!r}")
    if not 0 <= told.passed <= told.samples or not told.samples:
        faults.append(f"passed {told.passed} of {told.samples} samples")
    elif (told.wrong_answer is None) != (told.passed == told.samples):
        kept = "no wrong answer is" if told.wrong_answer is None else "a wrong answer is"
        faults.append(f"passed {told.passed} of {told.samples} samples, but {kept} kept")
    if told.wrong_answer and question.accepts(told.wrong_answer.answer):
        faults.append(f"the answer kept as wrong is right: {told.wrong_answer.answer!r}")
    return [Fault("defender", what) for what in faults]


def _evidence_faults(row: Survivor, question: Question, domain: Domain) -> list[Fault]:
    """Check that the programs on record are those that a kept row has, and that they are the ones that were hashed."""
    faults = []
    for number, run in enumerate(row.evidence, start=1):
        if run.code_sha256 != code_hash(run.code):
            faults.append(f"program {number} is not the one whose hash is recorded")
    attackers = [run for run in row.evidence if run.by == "attacker"]
    if [run.code for run in attackers] != [row.program] * bool(row.program.strip()):
        faults.append("the attacker's programs on record are not exactly the row's own")
    if not all(run.ok and question.accepts(run.stdout) for run in attackers):
        faults.append(f"no run of the row's program on record printed {row.answer!r}")
    if domain.judge_must_run and not any(run.ok for run in row.evidence if run.by == "judge"):
        faults.append("no program of the judge's on record ran to its end")
    return [Fault("evidence", what) for what in faults]


async def program_faults(row: Survivor, sandbox: Sandbox) -> list[Fault]:
    """Run the row's program and its evidence again, and compare what they print."""
    try:
        question = question_of(row)
    except ValidationError:
        return []  # which `field_faults` reports
    faults = []
    if row.program.strip():
        run = (await sandbox.run(row.program)).trusted()
        if run.status != "ok" or not question.accepts(run.stdout):
            faults.append(Fault("program", f"{_ended(run)}, but the answer is {row.answer!r}"))
    for number, past in enumerate(row.evidence, start=1):
        if past.ok and (differs := await _differs(past, sandbox)):
            faults.append(Fault("evidence", f"program {number} ({past.by}) {differs}"))
    return faults


async def _differs(past: ProgramRun, sandbox: Sandbox) -> str:
    """Run a program again, as it was run then; say how it differs, or nothing."""
    if past.by == "judge":
        again = (await run_python(sandbox, {"code": past.code})).execution
    else:
        again = (await sandbox.run(past.code)).trusted()
    if again is None:
        return "cannot be run"
    if again.status == "ok" and again.stdout == past.stdout:
        return ""
    return f"{_ended(again)}, but {past.stdout[-200:]!r} is recorded"


def _ended(run: Execution) -> str:
    return f"printed {run.stdout[-200:]!r}" if run.status == "ok" else f"ended with {run.status}: {run.stderr[-200:]!r}"


def _differing(name: str, is_: object, due: object) -> str:
    """Say how a field differs from what the others give; a conversation is too long to show where."""
    if name == "messages":
        return "are not the conversation that the other fields give"
    return f"is {_short(is_)}, but the other fields give {_short(due)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
