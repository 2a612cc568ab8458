"""Several answers of a model with a seed to one question are independent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.store.memory import InMemoryStore

from agents.models.rate_limiter import RateLimiter
from agents.models.seat import Seat
from agents.records import Answer
from graph.storage.journal import CandidateJournal


class Seeded(BaseChatModel):
    """Tells the seed that it was asked with."""

    seed: int | None = None

    @property
    def _llm_type(self) -> str:
        return "seeded"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        told = Answer(steps=["I draw."], answer=str(self.seed)).model_dump_json()
        return ChatResult(generations=[ChatGeneration(message=AIMessage(told))])


async def drawn(seed: int | None, samples: Sequence[int]) -> list[tuple[str, str]]:
    seat = Seat(
        name="defender", label="test:seeded", model=Seeded(seed=seed), limiter=RateLimiter("test:seeded"),
        modes=["json_schema"], price=lambda *_: 0.0, translate=lambda *_: None, timeout_s=60, max_output=100,
    )  # fmt: skip
    journal, question = CandidateJournal(InMemoryStore(), "run", "0", lambda _: None), [HumanMessage("Heads or tails?")]
    return [
        (
            Answer.model_validate_json((await seat.say(question, journal, sample=sample)).text).answer,
            (await seat.ask(question, Answer, journal, sample=sample)).answer,
        )
        for sample in samples
    ]


async def test_each_sample_has_a_seed_of_its_own() -> None:
    assert await drawn(7, range(3)) == [("7", "7"), ("8", "8"), ("9", "9")]


async def test_a_model_without_a_seed_is_given_none() -> None:
    assert await drawn(None, range(2)) == [("None", "None")] * 2
