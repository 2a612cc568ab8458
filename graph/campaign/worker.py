"""Play one candidate of a campaign to its end, from wherever an earlier process left it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl
from langgraph.types import Command, Interrupt, StateSnapshot

from agents.errors import NanoFluxError, NotAdmitted, Outage, SeatFault
from agents.records import CandidateInput
from agents.reviews import Decision, ReviewCase
from agents.rows import Refusal, Survivor
from graph.campaign.context import RunContext
from graph.settings import Settings, candidate_id
from graph.storage.journal import CandidateJournal
from graph.storage.records import delete_open, read_refusal, read_survivor, write_open, write_refusal
from graph.storage.reviews import delete_review, read_decision, write_case
from tools.novelty.port import NoveltyError
from tools.sandbox.port import SandboxError
from tools.tracing import Attribute, span

Event = dict[str, Any]
Tell = Callable[[Event], None]

STOPS = (GraphDrained, NotAdmitted, SeatFault, NoveltyError, SandboxError, sqlite3.Error, OSError)
"""Errors that the candidate did not cause and that every other would meet too: the run stops and can be resumed."""


def why_it_stops(error: BaseException) -> str:
    """Put one of `STOPS` into words."""
    if not isinstance(error, NanoFluxError | NoveltyError | SandboxError):
        return f"{type(error).__name__}: {error}"
    return f"{error}; once it answers again, the same command goes on" if isinstance(error, Outage) else str(error)


async def run_candidate(
    context: RunContext, settings: Settings, wanted: CandidateInput, control: RunControl, tell: Tell
) -> Survivor | Refusal | ReviewCase:
    """Take the candidate through the graph, to its end or to where it waits for a person.

    Its own failure is an outcome like any other.

    Args:
        context: What the run stands on.
        settings: How the run goes.
        wanted: What the candidate is asked for.
        control: Through which it is drained.
        tell: Takes its events.

    Raises:
        STOPS: The run must stop; the candidate goes on in a later one.
    """
    run, index = settings.run_name, wanted.index
    about: dict[str, Attribute] = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": "candidate",
        "gen_ai.conversation.id": candidate_id(run, index),
        "nanoflux.run": run,
        "nanoflux.index": index,
    }
    with span("invoke_workflow candidate", about, harmless=STOPS) as opened:
        ended = await _to_its_end(context, settings, wanted, control, tell)
        opened.set_attribute("nanoflux.outcome", "waiting" if isinstance(ended, ReviewCase) else ended.outcome)
    return ended


async def _to_its_end(
    context: RunContext, settings: Settings, wanted: CandidateInput, control: RunControl, tell: Tell
) -> Survivor | Refusal | ReviewCase:
    index, run = wanted.index, settings.run_name
    candidate, decision = candidate_id(run, index), None
    config: RunnableConfig = {"configurable": {"thread_id": candidate}, "recursion_limit": _steps_bound(settings)}
    given: CandidateInput | Command[Any] | None = wanted
    try:
        if index in context.begun:
            decision = await read_decision(context.store, run, candidate)
            given = await _where_it_paused(context, config, wanted, decision)
        else:
            await write_open(context.store, run, candidate, wanted)
        while True:
            values, asked = await _go(context, settings, wanted, given, config, control, tell)
            if not asked:
                break
            if decision is None or isinstance(given, Command):  # or it was refused, and the case says why
                case = ReviewCase.model_validate(asked[0].value)
                await write_case(context.store, run, case)
                return case
            given = _resumed_with(decision)  # it started over, and has come to where it waited
        if values["survivor_id"]:
            return await read_survivor(context.store, run, values["survivor_id"])
        return await read_refusal(context.store, run, candidate)
    except STOPS:
        raise
    except Exception as error:  # noqa: BLE001  # ends this candidate, by name, and no other
        refusal = Refusal(
            id=candidate, index=index, outcome="failed", reason=f"{type(error).__name__}: {error}", attempts=0,
            asked=wanted.cell, question=None, defender=None, evidence=[],
            usage=await CandidateJournal(context.store, run, candidate, tell).usage(),
        )  # fmt: skip
        await write_refusal(context.store, run, refusal)
        return refusal
    finally:
        CandidateJournal(context.store, run, candidate, tell).forget()


async def _where_it_paused(
    context: RunContext, config: RunnableConfig, wanted: CandidateInput, decision: Decision | None
) -> CandidateInput | Command[Any] | None:
    """Return what the graph goes on with: the decision that it waits for, nothing, or the input to start over with.

    Steps are checkpointed where a candidate pauses. Any other starts over with the same brief, and its journal gives
    back every reply that was paid for.
    """
    paused = await context.graph.aget_state(config)
    if not _can_go_on(paused):
        # It stopped within a step, and that step cannot be taken up.
        await context.saver.adelete_thread(config["configurable"]["thread_id"])
        return wanted
    if decision is not None and any(task.interrupts for task in paused.tasks):
        return _resumed_with(decision)
    return None


async def can_go_on(context: RunContext, candidate: str) -> bool:
    """Whether a candidate goes on where it paused; any other would start over."""
    return _can_go_on(await context.graph.aget_state({"configurable": {"thread_id": candidate}}))


def _can_go_on(paused: StateSnapshot) -> bool:
    return bool(paused.next) and not any(task.error for task in paused.tasks)


def _resumed_with(decision: Decision) -> Command[Any]:
    return Command(resume=decision.model_dump(mode="json"))


async def _go(  # noqa: PLR0913  # what goes through the graph, and how
    context: RunContext, settings: Settings, wanted: CandidateInput, given: CandidateInput | Command[Any] | None,
    config: RunnableConfig, control: RunControl, tell: Tell,
) -> tuple[dict[str, Any], Sequence[Interrupt]]:  # fmt: skip
    """Take the candidate on; return its state at last, and what it asks of a person."""
    values, asked = dict[str, Any](), tuple[Interrupt, ...]()
    async for part in context.graph.astream(
        given, config, context=settings, stream_mode=("custom", "values"),
        durability="exit", control=control, version="v2",
    ):  # fmt: skip
        if part["type"] == "values":
            values, asked = dict(part["data"]), part["interrupts"]
            continue
        event = cast(Event, part["data"])
        if event["type"] == "attempt":
            context.steering.tried(wanted.cell)
        tell({"index": wanted.index, **event})
    return values, asked


async def clean_up(context: RunContext, run: str, index: int) -> None:
    """Drop what only a resume of a candidate would need, once its end is everywhere that it belongs."""
    candidate = candidate_id(run, index)
    await context.saver.adelete_thread(candidate)
    await delete_review(context.store, run, candidate)
    await delete_open(context.store, run, candidate)


def _steps_bound(settings: Settings) -> int:
    """Supersteps that no candidate can exceed: each attempt's nodes and judge turns, and a margin."""
    return 10 + settings.max_attempts * (10 + 2 * settings.judge_turns)
