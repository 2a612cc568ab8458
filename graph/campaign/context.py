"""What a run stands on: the opened clients, its folder and store, where it aims, and what it may spend."""

from __future__ import annotations

from dataclasses import dataclass, field

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.base import BaseStore

from agents.records import CandidateInput
from graph.campaign.ledger import Ledger
from graph.campaign.run_folder import RunFolder
from graph.curriculum.bandit import Steering
from graph.question.graph import QuestionGraph
from graph.question.resources import Resources


@dataclass(frozen=True)
class RunContext:
    """What the slots of one run work with."""

    resources: Resources
    graph: QuestionGraph
    saver: AsyncSqliteSaver
    store: BaseStore
    folder: RunFolder
    steering: Steering
    ledger: Ledger
    done: set[int] = field(default_factory=set)
    begun: dict[int, CandidateInput] = field(default_factory=dict)
    """Candidates that an earlier process began and did not end."""
