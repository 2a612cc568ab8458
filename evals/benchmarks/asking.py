"""Ask a model the items of a benchmark: each answer is written down as it comes, so that none is paid for twice.

What is written is the journal of a run (`graph.storage.journal`), in a folder of one's own; without a folder it is in
memory and lasts as long as the process.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import openai
from langgraph.store.base import BaseStore
from langgraph.store.memory import InMemoryStore

from agents.defender import answer_question
from agents.errors import NanoFluxError, Unreadable
from agents.models.seat import Seat
from agents.records import DefenderForm, SeatUsage
from agents.role import Role
from evals.benchmarks.published import Item
from graph.cli.output import tell
from graph.storage.journal import CandidateJournal
from graph.storage.sqlite import open_store
from prompts.domain import Domain

Ask = Callable[[Item, CandidateJournal], Awaitable[str | None]]
"""Returns the answer to an item, None where the reply cannot be read."""


class Sitting:
    """One go at a benchmark: where its answers are written, and how far it is."""

    def __init__(self, store: BaseStore, items: int, slots: int) -> None:
        self.store, self.items, self.slots = store, items, slots
        self._began, self._done, self._paid = time.monotonic(), 0, set[int]()

    def journal(self, number: int) -> CandidateJournal:
        """Open the journal of one item."""
        return CandidateJournal(self.store, "benchmark", str(number), lambda _: self._paid.add(number))

    def count(self) -> None:
        """Count one item as asked; at every tenth, say how far it is and how long the rest may take."""
        self._done += 1
        done, items = self._done, self.items
        if done != items and done * 10 // items == (done - 1) * 10 // items:
            return
        earlier = done - len(self._paid)
        left = (time.monotonic() - self._began) / max(1, len(self._paid)) * (items - done)
        words = f" ({earlier} of them earlier)" if earlier else ""
        tell(f"{done} of {items} asked{words}, about {_minutes(left)} left")


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


@asynccontextmanager
async def open_answers(folder: Path | None) -> AsyncIterator[BaseStore]:
    """Open the store of answers: a file in the folder, or memory where there is none.

    Raises:
        SetupError, OSError: The file cannot be opened.
    """
    if folder is None:
        yield InMemoryStore()
        return
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with open_store(folder / "answers.sqlite") as store:
        yield store


async def ask_all(items: Sequence[Item], ask: Ask, sitting: Sitting) -> list[str | None]:
    """Ask each item once; once a call fails no other starts, and those in flight are waited for, and written down.

    Raises:
        CallFailed, SeatFault, SetupError, openai.OpenAIError, ValueError: The model cannot be asked.
    """
    gate, failures = asyncio.Semaphore(sitting.slots), list[Exception]()

    async def one(number: int, item: Item) -> str | None:
        async with gate:
            if failures:
                return None
            try:
                answer = await ask(item, sitting.journal(number))
            except (NanoFluxError, openai.OpenAIError, ValueError) as error:
                failures.append(error)
                return None
        sitting.count()
        return answer

    answers = await asyncio.gather(*(one(number, item) for number, item in enumerate(items)))
    if failures:
        raise failures[0]
    return answers


def seat_asker(seat: Seat, domain: Domain, parse_retries: int, form: DefenderForm) -> Ask:
    """Ask as a run asks its Defender."""

    async def ask(item: Item, journal: CandidateJournal) -> str | None:
        try:
            return (await answer_question(Role(domain, seat, journal, parse_retries), item, form=form)).answer
        except Unreadable:
            return None

    return ask


def request_key(*salt: str) -> str:
    """Name a request that does not go through a seat; equal ones of an item are made once."""
    return hashlib.sha256("\n".join(salt).encode()).hexdigest()[:32]


async def remembered(journal: CandidateJournal, key: str, ask: Callable[[], Awaitable[str | None]]) -> str | None:
    """Return the reply that is written down under the key, else ask and write it down."""
    if (written := await journal.recall(key)) is not None:
        text: str | None = written["text"]
        return text
    reply = await ask()
    await journal.record(key, "defender", SeatUsage(calls=1), {"text": reply})
    return reply
