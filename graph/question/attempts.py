"""What became of each attempt of a candidate, kept for `explain`: a retry clears it from the state.

One record an attempt in `(run, "attempts", candidate)`, written once the attempt is over; the first account stands.
"""

from __future__ import annotations

from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from agents.records import Answer, Brief, NoveltyMark, ProgramRun, Proof, Question, Record, Verdict
from graph.question.runtime import settings_of, store_of
from graph.question.state import CandidateState, Rejection
from graph.settings import Settings
from graph.storage.records import scan


class Attempt(Record):
    """One attempt as its state was when it ended; None and empty where it did not come that far."""

    number: int
    brief: Brief
    rejection: Rejection | None
    question: Question | None
    evidence: list[ProgramRun]
    answers: list[Answer]
    passed: int
    judge_program: str
    blind_answer: str | None
    proof: Proof | None
    verdict: Verdict | None
    novelty: NoveltyMark | None


async def write_attempt(state: CandidateState, runtime: Runtime[Settings]) -> Attempt | None:
    """Write down, and tell, how the attempt in hand ended, unless that is already written.

    Returns:
        The attempt as it is written down; None where none has begun.
    """
    settings, store = settings_of(runtime), store_of(runtime)
    number = settings.max_attempts - state["attempts_left"]
    namespace, key = (settings.run_name, "attempts", state["candidate"]), f"{number:03}"
    if number < 1:
        return None
    if written := await store.aget(namespace, key):
        return Attempt.model_validate(written.value)
    fields = {name: value for name, value in state.items() if name in Attempt.model_fields}
    attempt = Attempt.model_validate({"number": number, **fields})
    await store.aput(namespace, key, attempt.model_dump(mode="json"), index=False)
    rejection = attempt.rejection
    runtime.stream_writer(
        {
            "type": "attempt",
            "number": number,
            "outcome": rejection["outcome"] if rejection else "kept",
            "reason": rejection["reason"] if rejection else "",
            "samples": len(attempt.answers),
            "passed": attempt.passed,
        }
    )
    return attempt


async def read_rejections(store: BaseStore, run: str) -> list[Rejection]:
    """Return why attempts of a run were refused, also of candidates that were kept later."""
    attempts = [item.value async for item in scan(store, (run, "attempts"))]
    return [attempt["rejection"] for attempt in attempts if attempt["rejection"]]


async def read_attempts(store: BaseStore, run: str, candidate: str) -> list[Attempt]:
    """Return the attempts of a candidate that have ended, in their order."""
    attempts = [Attempt.model_validate(item.value) async for item in scan(store, (run, "attempts", candidate))]
    return sorted(attempts, key=lambda attempt: attempt.number)
