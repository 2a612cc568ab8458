"""What a node reaches through LangGraph's runtime: the run's settings, the store, the candidate's journal."""

from __future__ import annotations

from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from graph.question.resources import Resources
from graph.question.state import CandidateState
from graph.settings import Settings
from graph.storage.journal import CandidateJournal


def settings_of(runtime: Runtime[Settings]) -> Settings:
    """Return the run's settings; in process the context may be absent."""
    return (runtime.context or Settings()).resolved()


def store_of(runtime: Runtime[Settings]) -> BaseStore:
    """Return LangGraph's store, without which nothing would last."""
    if runtime.store is None:
        raise ValueError("the question graph needs a store: compile it with one, or run it under a LangGraph server")
    return runtime.store


def journal(state: CandidateState, runtime: Runtime[Settings], resources: Resources) -> CandidateJournal:
    """Open the candidate's journal of paid calls, with the ledger of its campaign where it has one."""
    settings = settings_of(runtime)
    admission = resources.ledgers.get(settings.folder)
    return CandidateJournal(store_of(runtime), settings.run_name, state["candidate"], runtime.stream_writer, admission)
