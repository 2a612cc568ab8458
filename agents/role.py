"""A role at work: which model plays it, in which domain, and where its replies for one candidate are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from langchain_core.messages import AIMessage, BaseMessage

from agents.models.calls import Journal
from agents.models.seat import Seat
from agents.records import Record
from prompts.domain import Domain

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Role:
    """What every call of one seat for one candidate needs; the role functions take it first."""

    domain: Domain
    seat: Seat
    journal: Journal
    parse_retries: int = 2
    """How often an unreadable reply is asked for again."""

    async def ask(self, messages: Sequence[BaseMessage], record: type[R], *, sample: int = 0, **shapes: Any) -> R:
        """Ask for a record; see `Seat.ask` for what is raised. `shapes` say what is known of the form of fields."""
        return await self.seat.ask(
            messages, record, self.journal, sample=sample, parse_retries=self.parse_retries, shapes=shapes
        )

    async def say(
        self,
        messages: Sequence[BaseMessage],
        *,
        tools: Sequence[dict[str, Any]] = (),
        sample: int = 0,
        grammar: str = "",
    ) -> AIMessage:
        """Let the model speak freely, with tools that it may call; a small one within a grammar."""
        return await self.seat.say(messages, self.journal, tools=tools, sample=sample, grammar=grammar)
