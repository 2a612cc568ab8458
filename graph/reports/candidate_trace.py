"""The trace of one candidate: all that a run's store holds about it, and its form as text.

The store is only read, so this works while the run is going on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, messages_from_dict
from langgraph.store.base import BaseStore

from agents.errors import SetupError
from agents.records import Cell, NoveltyMark, ProgramRun, Proof, Question, Rubric, SeatUsage, Verdict
from agents.reviews import Review, ReviewCase
from agents.rows import Refusal, Survivor
from graph.question.attempts import Attempt, read_attempts
from graph.reports.card import PROOFS
from graph.reports.funnel import spent
from graph.reports.progress import one_line, printable
from graph.settings import candidate_id
from graph.storage.journal import total_usage
from graph.storage.records import read_calls, read_open, read_refusals, read_survivors
from graph.storage.reviews import read_cases
from graph.storage.sqlite import open_store
from tools.judge_tools.port import cut_middle


@dataclass(frozen=True)
class CandidateTrace:
    """All that the store knows of one candidate."""

    run: str
    index: int
    candidate: str
    ended: Survivor | Refusal | None
    """None while the candidate is in flight, and where its run was stopped."""
    asked: Cell | None
    """What it was asked for; None where that was left to the seed."""
    attempts: list[Attempt]
    calls: list[dict[str, Any]]
    """Its journal, in order."""
    survivors: Mapping[str, Survivor]
    """The run's, by candidate: neighbours are named by their candidates."""
    case: ReviewCase | None = None
    """What a reviewer is asked, while the candidate waits for that."""


@asynccontextmanager
async def open_recorded(folder: Path) -> AsyncIterator[BaseStore]:
    """Open a run's store to read only.

    Raises:
        SetupError: There is no such run, or its store cannot be read.
    """
    file = _file(folder)
    try:
        async with open_store(file, read_only=True) as store:
            yield store
    except sqlite3.Error as error:
        raise SetupError(f"cannot read {str(file)!r}: {error}; is it the store of a run?") from error


def _file(folder: Path) -> Path:
    file, runs_dir, run = folder / "store.sqlite", folder.parent, folder.name
    if not file.is_file():
        known = sorted(path.parent.name for path in runs_dir.glob("*/store.sqlite"))
        raise SetupError(f"there is no run {run!r} in {str(runs_dir)!r}; {_choose(run, known) or 'none is there'}")
    return file


async def find(store: BaseStore, run: str, name: str) -> CandidateTrace:
    """Return the trace of the candidate of that number or id, or of the survivor of that id.

    Raises:
        SetupError: The run has none; the message names the nearest.
    """
    survivors, refusals = await read_survivors(store, run), await read_refusals(store, run)
    rows: list[Survivor | Refusal] = [*refusals, *survivors]
    ended = {row.index: row for row in rows}
    asked = {wanted.index: wanted.cell for wanted in await read_open(store, run)}
    asked |= {row.index: row.asked for row in rows if row.asked is not None}
    indexes = sorted({*ended, *asked})
    names = {str(index): index for index in indexes} | {candidate_id(run, index): index for index in indexes}
    names |= {row.id: row.index for row in survivors}
    if name not in names:
        span = f"numbers are {indexes[0]} to {indexes[-1]}" if indexes else "it has started none yet"
        near = _choose(name, list(names))
        raise SetupError(f"run {run!r} has no candidate or survivor {name!r}; {span}{'; ' * bool(near)}{near}")
    index = names[name]
    candidate = candidate_id(run, index)
    return CandidateTrace(
        run=run,
        index=index,
        candidate=candidate,
        ended=ended.get(index),
        asked=asked.get(index),
        attempts=await read_attempts(store, run, candidate),
        calls=await read_calls(store, run, candidate),
        survivors={candidate_id(run, row.index): row for row in survivors},
        case=next((case for case in await read_cases(store, run) if case.candidate == candidate), None),
    )


def _choose(name: str, known: list[str]) -> str:
    """Suggest the names that were perhaps meant."""
    near = [one for one in known if name and one.startswith(name)] or get_close_matches(name, known, cutoff=0.3)
    return f"nearest: {', '.join((near or known)[:3])}" if known else ""


def tell(trace: CandidateTrace, *, replies: bool) -> Iterator[str]:
    """Write the trace line by line; text that a model wrote is made safe to print."""
    yield f"candidate {trace.index} of run {one_line(trace.run)}, {trace.candidate}"
    yield from _ending(trace)
    yield from _asked(trace)
    for attempt in trace.attempts:
        yield ""
        yield from _attempt(attempt, trace)
    if trace.case is not None:
        yield ""
        yield from tell_case(trace.case)
    elif not trace.attempts:
        yield "no attempt has ended"
    yield ""
    yield "cost"
    parts = ({call["seat"]: SeatUsage.model_validate(call["usage"])} for call in trace.calls)
    for seat, usage in (trace.ended.usage if trace.ended else total_usage(parts)).items():
        yield f"  {seat:<10}{usage.calls:>4} calls  {spent(usage)}"
    yield from _calls(trace, in_full=replies)


def tell_case(case: ReviewCase) -> Iterator[str]:
    """Write what a reviewer is shown, line by line; safe to print as `tell` is."""
    yield f"candidate {case.index} waits for review"
    yield from (f"  doubt: {one_line(doubt, 1000)}" for doubt in case.doubts)
    if case.fault:
        yield f"  the last decision was refused: {one_line(case.fault, 1000)}"
    yield from _question(case.question)
    yield f"  Defender: right in {case.passed} of {len(case.answers)} samples"
    for answer in case.answers:
        yield f"    {'right' if case.question.accepts(answer.answer) else 'wrong'}: {one_line(answer.answer)}"
    if case.judge_program:
        yield "  Judge's solution"
        yield from _block(case.judge_program)
    yield f"  Judge, blind: {one_line(case.judge_answer)}"
    yield from _proof(case.proof)
    yield from _verdict(case.verdict)
    if case.nearest:
        yield f"  nearest: {one_line(case.nearest)}"


def _review(review: Review) -> Iterator[str]:
    note = f": {one_line(review.note, 1000)}" if review.note else ""
    yield f"{review.decision} by {one_line(review.by)}, {one_line(review.when)}{note}"
    if review.edited:
        yield f"  edited: {one_line(', '.join(review.edited))}"
    yield from (f"  doubt: {one_line(doubt, 1000)}" for doubt in review.doubts)


def _ending(trace: CandidateTrace) -> Iterator[str]:
    ended = trace.ended
    if trace.case is not None:
        yield "not ended: it waits for review"
    elif ended is None:
        yield "not ended: it is in flight, or its run was stopped"
    elif isinstance(ended, Survivor):
        yield f"kept as {ended.id}, {ended.level}, quality {ended.quality}{', as an easy' if ended.easy else ''}"
    else:
        yield f"{ended.outcome}: {one_line(ended.reason, 1000)}"
    if ended is not None and ended.review is not None:
        yield from _review(ended.review)


def _asked(trace: CandidateTrace) -> Iterator[str]:
    if (cell := trace.asked) is not None:
        twist = "" if cell.twist == "none" else f", {cell.twist}"
        yield f"asked: {one_line(cell.topic)}; {one_line(cell.skill)}; {cell.hops} hops, {cell.size} numbers{twist}"


def _attempt(attempt: Attempt, trace: CandidateTrace) -> Iterator[str]:
    question, rejection = attempt.question, attempt.rejection
    yield f"attempt {attempt.number}: " + (
        f"{rejection['outcome']}: {one_line(rejection['reason'], 1000)}" if rejection else "passed every check"
    )
    if attempt is not trace.attempts[-1] or trace.ended is None:
        yield "  the Attacker got this as feedback, and wrote another question"
    if question is None:
        yield "  no question could be read"
        return
    yield from _question(question)
    if attempt.answers:
        yield f"  Defender: right in {attempt.passed} of {len(attempt.answers)} samples"
    for answer in attempt.answers:
        yield f"    {'right' if question.accepts(answer.answer) else 'wrong'}: {one_line(answer.answer)}"
    for run in attempt.evidence:
        yield from _program(run)
    if attempt.blind_answer is not None:
        if attempt.judge_program:
            yield "  Judge's solution"
            yield from _block(attempt.judge_program)
        agrees = "agrees" if question.accepts(attempt.blind_answer) else "does not agree"
        yield f"  Judge, blind: {one_line(attempt.blind_answer)}, which {agrees}"
    if attempt.proof:
        yield from _proof(attempt.proof)
    if attempt.verdict:
        yield from _verdict(attempt.verdict)
    if attempt.novelty:
        yield f"  nearest: {_nearest(attempt.novelty, trace)}"


def _question(question: Question) -> Iterator[str]:
    yield "  question"
    yield from _block(question.question)
    for place, choice in enumerate(question.choices):
        yield f"    {chr(ord('A') + place)}) {one_line(choice)}"
    yield "  solution"
    yield from _block("\n".join(f"{number}. {step}" for number, step in enumerate(question.steps, start=1)))
    yield f"  stated answer: {one_line(question.answer)} ({question.answer_kind})"
    for one in question.inputs:
        yield f"    {one_line(one.name)} = {one_line(one.value)} ({one.kind}): {one_line(one.quote)}"
    if question.program:
        yield "  program"
        yield from _block(question.program)


def _proof(proof: Proof) -> Iterator[str]:
    yield f"  proof: {proof.grade}; {PROOFS[proof.grade]}"
    if proof.draws:
        yield f"    {proof.agreed} of {proof.counted} counted draws agree, of {proof.draws} made with seed {proof.seed}"
    if proof.distractors:
        yield f"    distractors: {one_line(', '.join(proof.distractors))}"


def _program(run: ProgramRun) -> Iterator[str]:
    yield f"  program of the {run.by}, {'which succeeded' if run.ok else 'which failed'}, in {one_line(run.sandbox)}"
    yield from _block(run.code)
    yield "  printed"
    yield from _block(run.stdout or "(nothing)")


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f"  verdict: {'well posed' if verdict.well_posed else 'not well posed'}"
    for whose, rubric in (("solution", verdict.reference_rubric), ("Defender", verdict.defender_rubric)):
        yield f"    {whose}: {_rubric(rubric)}"
    for flaw in verdict.flaws:
        yield f"    flaw: {one_line(flaw)}"
    yield from _block(verdict.explanation)


def _rubric(rubric: Rubric) -> str:
    return f"{rubric.mean:.1f} ({', '.join(f'{name} {score}' for name, score in rubric)})"


def _nearest(mark: NoveltyMark, trace: CandidateTrace) -> str:
    if not mark.nearest:
        return "nothing, it was the first"
    if near := trace.survivors.get(mark.nearest):
        return f"candidate {near.index}, {mark.score:.2f}: {one_line(near.question)}"
    return f"{one_line(mark.nearest)}, {mark.score:.2f}"


def _calls(trace: CandidateTrace, *, in_full: bool) -> Iterator[str]:
    yield "calls, in the order in which they ended"
    for number, call in enumerate(trace.calls, start=1):
        reply = messages_from_dict([call["reply"]])[0]
        tools = [json.dumps(made["args"]) for made in reply.tool_calls] if isinstance(reply, AIMessage) else []
        text = "\n".join([reply.text, *tools]).strip()
        yield f"  {number}. {call['seat']}, {spent(SeatUsage.model_validate(call['usage']))}"
        yield from _block(text) if in_full else [f"    {one_line(text, 100)}"]


def _block(text: str) -> Iterator[str]:
    """Indent a text of several lines; the middle of a very long one is left out."""
    for line in cut_middle(text).expandtabs(4).splitlines():
        yield f"    {printable(line)}".rstrip()
