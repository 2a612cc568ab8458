"""What can be wrong with one row of a dataset: each check takes what it needs and returns the faults it found.

Nothing in a row is trusted: derived fields are recomputed, and programs are rerun.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from agents.records import SEATS, ProgramRun, Proof, Question, describe
from agents.row_versions import RowVersionError, read_survivor
from agents.rows import SCHEMA_VERSION, Message, Survivor
from graph.question.form import LEAST_CORRECTNESS, form_faults
from graph.question.proof import Refuted, prove
from graph.question.survivor import derived, row_sha256
from prompts.domain import Domain, DomainError, load_domain
from tools.inputs.draws import REDRAWS
from tools.inputs.kinds import read_input, wire
from tools.judge_tools.python import run_python
from tools.programs.solve import call_solve
from tools.sandbox.port import Execution, Limits, Sandbox, code_hash
from tools.steps.faults import step_faults

FIRST_PROVED = 3
"""Schema version from which rows carry their proof."""
LEAST_DRAWS = 16
"""Fresh redrawn inputs on which both programs must agree again."""


class Fault(NamedTuple):
    """One thing that is wrong: the check that noticed, and what it saw."""

    check: str
    what: str


class ReadRow(NamedTuple):
    """A line of the file: its row, None where it is none; its id, as far as it can be told; and what is wrong."""

    row: Survivor | None
    id: str
    faults: list[Fault]
    proved: bool = True
    """Whether its schema knew proofs; programs of earlier ones printed their answer."""


def read_row(line: bytes) -> ReadRow:
    """Read a line strictly: JSON without a key twice, exactly the fields and types of a row, and their hash."""
    try:
        fields = json.loads(line.decode(), object_pairs_hook=_reject_duplicate_keys, parse_constant=_reject_nan)
    except (ValueError, RecursionError) as error:
        return ReadRow(None, "", [Fault("json", str(error))])
    name = str(fields.get("id", "")) if isinstance(fields, dict) else ""
    try:
        row = read_survivor(line, strict=True)
    except ValidationError as error:
        return ReadRow(None, name, [Fault("fields", describe(error))])
    except RowVersionError as error:
        return ReadRow(None, name, [Fault("schema_version", str(error))])
    faults = _form_faults(row, fields) if fields.get("schema_version") == SCHEMA_VERSION else []
    if not row.sha256:
        faults.append(Fault("sha256", "the row has none, so not every change would show"))
    elif row.sha256 != row_sha256(fields):
        faults.append(Fault("sha256", "the row was changed after it was written: its hash is another"))
    return ReadRow(row, name, faults, proved=fields.get("schema_version", 1) >= FIRST_PROVED)


def _form_faults(row: Survivor, fields: Mapping[str, Any]) -> list[Fault]:
    """Say which fields have another form than that in which rows of any two runs load together."""
    return [
        Fault("fields", f"{name} is written as {_short(fields[name])}, and a row has {_short(value)}")
        for name, value in row.model_dump(mode="json").items()
        if json.dumps(value, sort_keys=True) != json.dumps(fields[name], sort_keys=True)
    ]


def _reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError(f"a key stands twice among {[key for key, _ in pairs]}")
    return fields


def _reject_nan(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def field_faults(row: Survivor, *, proved: bool = True) -> list[Fault]:
    """Check that the fields hold together; nothing is run.

    Args:
        row: What was read.
        proved: Whether the file's schema knew proofs.
    """
    try:
        question, domain = question_of(row), _domain(row.domain)
    except ValidationError as error:
        return [Fault("question", describe(error))]
    except DomainError as error:
        return [Fault("domain", str(error))]
    faults = [
        Fault(name, _differing(name, getattr(row, name), expected))
        for name, expected in derived(domain, question, row.quality, row.models.get("judge", "")).items()
        if not (_same_chat(row, domain, expected) if name == "messages" else getattr(row, name) == expected)
    ]
    if not 1 <= row.quality <= 5:
        faults.append(Fault("quality", f"is {row.quality}, and a mean score lies between 1 and 5"))
    for name, seats in (("models", set(row.models)), ("usage", set(row.usage))):
        if seats != set(SEATS):
            faults.append(Fault(name, f"names {sorted(seats)}, and the seats are {sorted(SEATS)}"))
    faults += _defender_faults(row, question) + _evidence_faults(row)
    if row.review is not None and row.review.decision == "rejected":
        faults.append(Fault("review", f"{row.review.by} rejected the question, and it is among the rows"))
    return faults + (_proof_faults(row, question) if proved else [])


def question_of(row: Survivor) -> Question:
    """Return the row's question; ValidationError where its parts do not hold together."""
    return Question.model_validate(row.model_dump(include=set(Question.model_fields)))


@lru_cache(maxsize=64)
def _domain(name: str) -> Domain:
    return load_domain(name)


def _same_chat(row: Survivor, domain: Domain, expected: Sequence[Message]) -> bool:
    """Compare the turns; the system message is a prompt, so it is compared only where the prompts are the same."""
    first = 0 if row.prompts_fingerprint == domain.fingerprint else 1
    return len(row.messages) == len(expected) and row.messages[first:] == list(expected)[first:]


def _defender_faults(row: Survivor, question: Question) -> list[Fault]:
    defence, faults = row.defender, []
    if defence.model != row.models.get("defender"):
        faults.append(f"is {defence.model!r}, but models names {row.models.get('defender')!r}")
    if not 0 <= defence.passed <= defence.samples or not defence.samples:
        faults.append(f"passed {defence.passed} of {defence.samples} samples")
    elif (defence.wrong_answer is None) != (defence.passed == defence.samples):
        kept = "no wrong answer is" if defence.wrong_answer is None else "a wrong answer is"
        faults.append(f"passed {defence.passed} of {defence.samples} samples, but {kept} kept")
    if defence.wrong_answer and question.accepts(defence.wrong_answer.answer):
        faults.append(f"the answer kept as wrong is right: {defence.wrong_answer.answer!r}")
    return [Fault("defender", what) for what in faults]


def _evidence_faults(row: Survivor) -> list[Fault]:
    """Check that the programs on record are the ones that were hashed."""
    return [
        Fault("evidence", f"program {number} is not the one whose hash is recorded")
        for number, run in enumerate(row.evidence, start=1)
        if run.code_sha256 != code_hash(run.code)
    ]


def _proof_faults(row: Survivor, question: Question) -> list[Fault]:
    """Check what proof, rubrics and inputs say of each other and of the text."""
    proof = row.proof
    if proof is None or row.reference_rubric is None:
        return [Fault("proof", "the row has none")]
    faults = [*form_faults(question), *step_faults(row.steps, row.answer, row.answer_kind, row.choices)]
    names = [one.name for one in row.inputs]
    if unknown := [name for name in (*proof.depends_on, *proof.distractors) if name not in names]:
        faults.append(f"the proof names {unknown[0]!r}, which is no input")
    if proof.agreed != proof.counted or proof.counted > proof.draws:
        faults.append(f"{proof.agreed} of {proof.counted} counted draws of {proof.draws} agreed")
    if (proof.grade == "agreed") != (not row.inputs):
        faults.append(f"the grade is {proof.grade!r}, with {len(row.inputs)} inputs")
    if round(row.reference_rubric.mean, 2) != row.quality:
        faults.append(f"quality is {row.quality}, and the rubric's mean {row.reference_rubric.mean:.2f}")
    if row.reference_rubric.correctness < LEAST_CORRECTNESS:
        faults.append(f"the rubric gives {row.reference_rubric.correctness} of 5 for correctness")
    return [Fault("proof", what) for what in faults]


async def program_faults(row: Survivor, sandbox: Sandbox, limits: Limits, seed: int) -> list[Fault]:
    """Prove the row's answer again, with its own seed and a fresh one, and run the Judge's programs again."""
    try:
        question = question_of(row)
    except ValidationError:
        return []  # which `field_faults` reports
    faults = await (_printed if row.proof is None else _proved_again)(row, question, sandbox, limits, seed)
    for number, past in enumerate(row.evidence, start=1):
        if past.ok and (differs := await _differs(past, sandbox)):
            faults.append(Fault("evidence", f"program {number} ({past.by}) {differs}"))
    return faults


async def _printed(row: Survivor, question: Question, sandbox: Sandbox, limits: Limits, _: int) -> list[Fault]:
    """Check a row of a schema without proofs: its program printed the answer."""
    if not row.program.strip():
        return []
    run = (await sandbox.run(row.program, limits=limits)).trusted()
    if run.status == "ok" and question.accepts(run.stdout):
        return []
    return [Fault("program", f"{_ended(run)}, but the answer is {row.answer!r}")]


async def _proved_again(row: Survivor, question: Question, sandbox: Sandbox, limits: Limits, seed: int) -> list[Fault]:
    recorded = row.proof
    if recorded is None or form_faults(question):
        return []  # which `field_faults` reports
    if not question.inputs:
        return [] if question.accepts(row.judge_answer) else [Fault("proof", "the Judge's answer is another")]

    async def again(wanted: int, seed: int) -> Proof | Refuted:
        return await prove(question, row.judge_program, sandbox, limits, wanted=wanted, seed=seed)

    as_recorded, afresh = await again(max(recorded.counted, 1), recorded.seed), await again(LEAST_DRAWS, seed)
    faults = [Fault("proof", one.reason) for one in (as_recorded, afresh) if isinstance(one, Refuted)]
    if isinstance(as_recorded, Proof) and recorded.redraws == REDRAWS and as_recorded != recorded:
        faults.append(Fault("proof", f"the row has {recorded!r}, and proved again it is {as_recorded!r}"))
    stated = [{one.name: wire(read_input(one)) for one in question.inputs}]
    formula = question.answer_kind == "expression"
    judged = (await call_solve(sandbox, row.judge_program, stated, formula=formula, limits=limits)).first
    if isinstance(judged, str) or judged.text != row.judge_answer:
        faults.append(Fault("judge_answer", f"is {row.judge_answer!r}, and the Judge's program returns another"))
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


def _differing(name: str, is_: object, expected: object) -> str:
    """Say how a field differs from what the others give; a conversation is too long to show where."""
    if name == "messages":
        return "are not the conversation that the other fields give"
    return f"is {_short(is_)}, but the other fields give {_short(expected)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
