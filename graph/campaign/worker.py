"""Play one candidate of a campaign to its end, from wherever an earlier process left it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl

from agents.errors import NotAdmitted, SeatFault
from agents.records import CandidateInput
from agents.rows import Refusal, Survivor
from graph.campaign.context import RunContext
from graph.settings import Settings, candidate_id
from graph.storage.journal import CandidateJournal
from graph.storage.records import delete_open, read_refusal, read_survivor, write_open, write_refusal
from tools.novelty.port import NoveltyError
from tools.sandbox.port import SandboxError
from tools.tracing import Attribute, span

Event = dict[str, Any]
Tell = Callable[[Event], None]

STOPS = (GraphDrained, NotAdmitted, SeatFault, NoveltyError, SandboxError, sqlite3.Error, OSError)
"""Errors that the candidate did not cause and that every other would meet too: the run stops and can be resumed."""


async def run_candidate(
    context: RunContext, settings: Settings, wanted: CandidateInput, control: RunControl, tell: Tell
) -> Survivor | Refusal:
    """Take the candidate through the graph; its own failure is an outcome like any other.

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
        opened.set_attribute("nanoflux.outcome", ended.outcome)
    return ended


async def _to_its_end(
    context: RunContext, settings: Settings, wanted: CandidateInput, control: RunControl, tell: Tell
) -> Survivor | Refusal:
    index, run = wanted.index, settings.run_name
    candidate, values = candidate_id(run, index), dict[str, Any]()
    config: RunnableConfig = {"configurable": {"thread_id": candidate}, "recursion_limit": _steps_bound(settings)}
    try:
        if index in context.begun:
            paused = await context.graph.aget_state(config)
            if paused.next and not any(task.error for task in paused.tasks):
                values = paused.values
            else:  # it stopped within a step, and that step cannot be taken up
                await context.saver.adelete_thread(candidate)
        else:
            await write_open(context.store, run, candidate, wanted)
        # Steps are checkpointed where a candidate pauses. Any other starts over with the same brief, and its journal
        # gives back every reply that was paid for.
        async for part in context.graph.astream(
            None if values else wanted, config, context=settings, stream_mode=("custom", "values"),
            durability="exit", control=control, version="v2",
        ):  # fmt: skip
            if part["type"] == "values":
                values = dict(part["data"])
                continue
            event = cast(Event, part["data"])
            if event["type"] == "attempt":
                context.steering.tried(wanted.cell)
            tell({"index": index, **event})
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


async def clean_up(context: RunContext, run: str, index: int) -> None:
    """Drop what only a resume of a candidate would need, once its end is everywhere that it belongs."""
    candidate = candidate_id(run, index)
    await context.saver.adelete_thread(candidate)
    await delete_open(context.store, run, candidate)


def _steps_bound(settings: Settings) -> int:
    """Supersteps that no candidate can exceed: each attempt's nodes and judge turns, and a margin."""
    return 10 + settings.max_attempts * (9 + 2 * settings.judge_turns)
