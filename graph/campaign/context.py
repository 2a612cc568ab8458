"""What a run stands on: the opened clients, its folder and store, where it aims, and what it may spend."""

from __future__ import annotations

from dataclasses import dataclass, field

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.base import BaseStore

from agents.records import CandidateInput
from agents.reviews import ReviewCase
from graph.campaign.folder.run_folder import RunFolder
from graph.campaign.spending.ledger import Ledger
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
    waiting: dict[int, ReviewCase] = field(default_factory=dict)
    """Cases that wait for a person, or whose decision is not carried out yet."""

    decided: set[int] = field(default_factory=set)
    """Of these, those whose decision is there."""

    def room(self, *, easy: bool) -> int:
        """Return how many rows of a kind are wanted beyond those that there are, and those that may come of cases."""
        return max(0, self.folder.room(easy=easy) - sum(case.easy == easy for case in self.waiting.values()))

    @property
    def missing(self) -> int:
        """Rows that are wanted beyond those that there are, and those that may come of cases."""
        return self.folder.settings.target - len(self.folder.rows) - len(self.waiting)
