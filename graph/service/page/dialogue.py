"""What a run's store has of one candidate: the Judge's turns from the journal, and why its attempts were refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, messages_from_dict

from agents.errors import SetupError
from graph.question.attempts import read_attempts
from graph.reports.candidate_trace import open_recorded
from graph.service.faults import Missing
from graph.settings import candidate_id
from graph.storage.records import read_calls, read_refusal
from tools.judge_tools.port import cut_middle


class ToolCall(NamedTuple):
    """A tool that the Judge called; `printed` is None where its output is not kept."""

    name: str
    given: str
    printed: str | None


class Turn(NamedTuple):
    """One reply of the Judge."""

    text: str
    calls: list[ToolCall]


async def read_dialogue(folder: Path, index: int, evidence: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """Return the Judge's turns in their order; none where the run's store is not here.

    Args:
        folder: The run's.
        index: The candidate's number.
        evidence: Programs that ran for it, with what they printed.
    """
    try:
        async with open_recorded(folder) as store:
            calls = await read_calls(store, folder.name, candidate_id(folder.name, index))
    except SetupError:  # a folder that was copied without its store
        return []
    printed = {run["code"].strip(): run["stdout"] for run in evidence}
    return [_turn(call["reply"], printed) for call in calls if call["seat"] == "judge"]


async def read_refused(folder: Path, index: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return why a candidate was refused, and its attempts in their order, as plain data.

    Raises:
        Missing: The run's store is not here, or has no refused candidate of that number.
    """
    candidate = candidate_id(folder.name, index)
    try:
        async with open_recorded(folder) as store:
            refusal = await read_refusal(store, folder.name, candidate)
            attempts = await read_attempts(store, folder.name, candidate)
    except SetupError as error:
        raise Missing(str(error)) from error
    except KeyError as error:
        raise Missing(f"run {folder.name!r} has no refused candidate {index}") from error
    return refusal.model_dump(mode="json"), [attempt.model_dump(mode="json") for attempt in attempts]


def _turn(reply: dict[str, Any], printed: Mapping[str, str]) -> Turn:
    message = messages_from_dict([reply])[0]
    made = message.tool_calls if isinstance(message, AIMessage) else []
    return Turn(
        cut_middle(_readable(message.text.strip())), [_call(call["name"], call["args"], printed) for call in made]
    )


def _call(name: str, given: Mapping[str, Any], printed: Mapping[str, str]) -> ToolCall:
    code = given.get("code")
    if isinstance(code, str):
        return ToolCall(name, cut_middle(code), printed.get(code.strip()))
    return ToolCall(name, cut_middle(json.dumps(given, indent=1, ensure_ascii=False)), None)


def _readable(text: str) -> str:
    """Indent a record, which models write on one line."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return json.dumps(found, indent=1, ensure_ascii=False) if isinstance(found, dict | list) else text
