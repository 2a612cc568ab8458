"""Tell the story of one candidate: what was asked, each attempt and why it was turned back, the end, and the cost.

It reads the run's store and changes nothing, so it may be asked while the run goes on. Exit code 2 where the run, or
the candidate, is not there.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from langchain_core.messages import AIMessage, messages_from_dict

from agents.schema import NoveltyMark, ProgramRun, Question, Rubric, SeatUsage, Survivor, Verdict
from graph.attempts import Attempt
from graph.funnel import spent
from graph.progress import one_line, printable
from graph.settings import Settings
from graph.store import total_usage
from graph.story import Story, find, open_recorded
from tools.judge_tools import cut_middle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the run and the candidate."""
    runs = Settings().runs_dir
    parser.add_argument("run", help="name of the run")
    parser.add_argument("id", help="a candidate's number or id, or a survivor's id")
    parser.add_argument(
        "--runs-dir", type=Path, default=runs, metavar="FOLDER", help=f"holds the runs (default: {runs})"
    )
    parser.add_argument("--replies", action="store_true", help="print every reply of the models in full")


async def run(args: argparse.Namespace) -> int:
    """Find the candidate and print its story."""
    async with open_recorded(args.runs_dir, args.run) as store:
        story = await find(store, args.run, args.id)
    print("\n".join(tell(story, replies=args.replies)))
    return 0


def tell(story: Story, *, replies: bool) -> Iterator[str]:
    """Write the story line by line; whatever a model wrote is made harmless."""
    yield f"candidate {story.index} of run {one_line(story.run)}, {story.candidate}"
    yield from _ending(story)
    yield from _asked(story)
    for attempt in story.attempts:
        yield ""
        yield from _attempt(attempt, story)
    if not story.attempts:
        yield "no attempt has ended"
    yield ""
    yield "cost"
    parts = ({call["seat"]: SeatUsage.model_validate(call["usage"])} for call in story.calls)
    for seat, usage in (story.ended.usage if story.ended else total_usage(parts)).items():
        yield f"  {seat:<10}{usage.calls:>4} calls  {spent(usage)}"
    yield from _calls(story, in_full=replies)


def _ending(story: Story) -> Iterator[str]:
    ended = story.ended
    if ended is None:
        yield "not ended: it is in flight, or its run was stopped"
    elif isinstance(ended, Survivor):
        yield f"kept as {ended.id}, {ended.level}, quality {ended.quality}{', as an anchor' if ended.anchor else ''}"
    else:
        yield f"{ended.outcome}: {one_line(ended.reason, 1000)}"


def _asked(story: Story) -> Iterator[str]:
    if (cell := story.asked) is not None:
        yield f"asked: {one_line(cell.topic)}; {one_line(cell.skill)}; {cell.steps} steps"


def _attempt(attempt: Attempt, story: Story) -> Iterator[str]:
    question, setback = attempt.question, attempt.setback
    yield f"attempt {attempt.number}: " + (
        f"{setback['outcome']}: {one_line(setback['reason'], 1000)}" if setback else "passed every check"
    )
    if attempt is not story.attempts[-1] or story.ended is None:
        yield "  the Attacker was told so, and wrote another question"
    if question is None:
        yield "  no question could be read"
        return
    yield from _question(question)
    for run in attempt.evidence:
        if run.by == "attacker":
            yield from _program(run)
    if attempt.answers:
        yield f"  Defender: right in {attempt.passed} of {len(attempt.answers)} samples"
    for answer in attempt.answers:
        yield f"    {'right' if question.accepts(answer.answer) else 'wrong'}: {one_line(answer.answer)}"
    for run in attempt.evidence:
        if run.by == "judge":
            yield from _program(run)
    if attempt.blind_answer is not None:
        agrees = "agrees" if question.accepts(attempt.blind_answer) else "does not agree"
        yield f"  Judge, blind: {one_line(attempt.blind_answer)}, which {agrees}"
    if attempt.verdict:
        yield from _verdict(attempt.verdict)
    if attempt.novelty:
        yield f"  nearest: {_nearest(attempt.novelty, story)}"


def _question(question: Question) -> Iterator[str]:
    yield "  question"
    yield from _block(question.question)
    for place, choice in enumerate(question.choices):
        yield f"    {chr(ord('A') + place)}) {one_line(choice)}"
    yield "  solution"
    yield from _block("\n".join(f"{number}. {step}" for number, step in enumerate(question.steps, start=1)))
    yield f"  stated answer: {one_line(question.answer)} ({question.answer_kind})"


def _program(run: ProgramRun) -> Iterator[str]:
    yield f"  program of the {run.by}, {'which ended well' if run.ok else 'which failed'}, in {one_line(run.sandbox)}"
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


def _nearest(mark: NoveltyMark, story: Story) -> str:
    if mark.nearest is None:
        return "nothing, it was the first"
    score = "" if mark.score is None else f", {mark.score:.2f}"
    if near := story.survivors.get(mark.nearest):
        return f"candidate {near.index}{score}: {one_line(near.question)}"
    return f"{one_line(mark.nearest)}{score}"


def _calls(story: Story, *, in_full: bool) -> Iterator[str]:
    yield "calls, in the order in which they ended"
    for number, call in enumerate(story.calls, start=1):
        reply = messages_from_dict([call["reply"]])[0]
        tools = [json.dumps(made["args"]) for made in reply.tool_calls] if isinstance(reply, AIMessage) else []
        text = "\n".join([reply.text, *tools]).strip()
        yield f"  {number}. {call['seat']}, {spent(SeatUsage.model_validate(call['usage']))}"
        yield from _block(text) if in_full else [f"    {one_line(text, 100)}"]


def _block(text: str) -> Iterator[str]:
    """Indent a text of several lines; the middle of an endless one is left out."""
    for line in cut_middle(text).expandtabs(4).splitlines():
        yield f"    {printable(line)}".rstrip()
