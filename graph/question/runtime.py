"""What a node reaches through LangGraph's runtime: the run's settings, the store, the candidate's journal."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from langgraph.config import get_config
from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from graph.question.resources import Resources
from graph.question.state import CandidateState
from graph.settings import Settings, candidate_id
from graph.storage.journal import CandidateJournal


def settings_of(runtime: Runtime[Settings]) -> Settings:
    """Return the run's settings; in process the context may be absent."""
    return (runtime.context or Settings()).resolved()


def candidate_of(settings: Settings, index: int) -> str:
    """Name the candidate after its thread, so that two served runs share nothing.

    A campaign's thread is the candidate; on a server a thread can be run again, and each run is a candidate of its own.
    """
    place = get_config().get("configurable", {})
    thread, own = place.get("thread_id"), candidate_id(settings.run_name, index)
    if thread in (None, own):
        return own
    return str(uuid5(NAMESPACE_URL, f"nanoflux:{thread}/{place.get('run_id', '')}"))


def store_of(runtime: Runtime[Settings]) -> BaseStore:
    """Return LangGraph's store, without which nothing would last."""
    if runtime.store is None:
        raise ValueError("the question graph needs a store: compile it with one, or run it under a LangGraph server")
    return runtime.store


def journal(
    state: CandidateState, runtime: Runtime[Settings], resources: Resources, *, can_wait: bool = False
) -> CandidateJournal:
    """Open the candidate's journal of paid calls, with the ledger of its campaign where it has one."""
    settings = settings_of(runtime)
    admission = resources.ledgers.get(settings.folder)
    return CandidateJournal(
        store_of(runtime), settings.run_name, state["candidate"], runtime.stream_writer, admission, can_wait=can_wait
    )
