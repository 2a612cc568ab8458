"""The cases of a run that wait for a person, and the decisions about them, in the run's store.

Namespaces: `(run, "waiting")` and `(run, "decided")`, both by candidate. A case is there until its candidate has ended;
a decision until it is carried out, or refused.
"""

from __future__ import annotations

from langgraph.store.base import BaseStore

from agents.reviews import Decision, ReviewCase
from graph.storage.records import scan


async def write_case(store: BaseStore, run: str, case: ReviewCase) -> None:
    """Note that a candidate waits; a decision that was refused is over with that."""
    await store.aput((run, "waiting"), case.candidate, case.model_dump(mode="json"), index=False)
    await store.adelete((run, "decided"), case.candidate)


async def read_cases(store: BaseStore, run: str) -> list[ReviewCase]:
    """Return the cases of a run, decided ones that are not carried out included, by candidate number."""
    cases = [ReviewCase.model_validate(item.value) async for item in scan(store, (run, "waiting"))]
    return sorted(cases, key=lambda case: case.index)


async def write_decision(store: BaseStore, run: str, candidate: str, decision: Decision) -> None:
    """Note what was decided."""
    await store.aput((run, "decided"), candidate, decision.model_dump(mode="json"), index=False)


async def read_decision(store: BaseStore, run: str, candidate: str) -> Decision | None:
    """Return what was decided about a candidate and is not carried out yet."""
    item = await store.aget((run, "decided"), candidate)
    return None if item is None else Decision.model_validate(item.value)


async def read_decided(store: BaseStore, run: str) -> set[str]:
    """Return the candidates whose decision is not carried out yet."""
    return {item.key async for item in scan(store, (run, "decided"))}


async def delete_review(store: BaseStore, run: str, candidate: str) -> None:
    """Forget case and decision of a candidate that has ended."""
    await store.adelete((run, "waiting"), candidate)
    await store.adelete((run, "decided"), candidate)
