"""Try a seat before it matters: one minimal call in each form that it may be asked in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from langchain_core.messages import HumanMessage

from agents.errors import NanoFluxError
from agents.models.calls import Journal
from agents.models.forms.dialect import Form
from agents.models.seat import Seat
from agents.records import Record, Text
from prompts.render import fence, render

TOOL = {
    "type": "function",
    "function": {"name": "say", "description": "say a word", "parameters": {"type": "object", "properties": {}}},
}


class Ready(Record):
    """The word that is asked for."""

    word: Text


def forms_of(seat: Seat) -> Sequence[Form]:
    """Return the forms that a seat may be asked in, in the order in which a run tries them."""
    tools: list[Form] = ["tools"] if seat.name == "judge" else []
    return [*seat.modes, *tools]


async def try_forms(seat: Seat, journal: Journal) -> AsyncIterator[tuple[Form, str]]:
    """Make one minimal call in each form; give the form, and what is wrong with it, or nothing."""
    asked = [HumanMessage(render("trial", word=fence("trial", {"word": "ready"})))]
    for mode in seat.modes:
        try:
            await replace(seat, modes=[mode]).ask(asked, Ready, journal, sample=seat.modes.index(mode), parse_retries=0)
        except NanoFluxError as error:
            yield mode, str(error)
        else:
            yield mode, ""
    if seat.name == "judge":
        yield "tools", await _without_tools(seat, asked, journal)


async def _without_tools(seat: Seat, asked: Sequence[HumanMessage], journal: Journal) -> str:
    """Say why a seat cannot be given tools; nothing where it can."""
    try:
        await seat.say(asked, journal, tools=[TOOL])
    except NanoFluxError as error:
        return str(error)
    return "its server takes no tools" if "tools" in seat.dialect.refused else ""
