"""What the API answers, as records: its OpenAPI description is made of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasPath, BaseModel, ConfigDict, Field

from tools.files.entries import unguarded

State = Literal["starting", "running", "pausing", "cancelling", "elsewhere", "finished", "stopped"]
IN_PROGRESS: tuple[State, ...] = ("starting", "running", "pausing", "cancelling")
"""States of a run that this service carries out."""
MOST_REASON = 1000
"""Characters of a reason that a list shows."""


class Answer(BaseModel):
    """Base of what is answered."""

    model_config = ConfigDict(frozen=True)


class Fault(Answer):
    """Why a request was not carried out."""

    detail: str = Field(description="one line: what is wrong, and what to do")


class RunStatus(Answer):
    """Where a run stands."""

    name: str
    state: State = Field(
        description="`elsewhere`: another process carries it out; `finished`: the target is reached; "
        "`stopped`: it can be resumed"
    )
    ending: str = Field(description="why it ended, or is ending; empty while it goes on")
    target: int = Field(description="rows wanted; 0 where that is not recorded")
    rows: int = Field(description="rows in the dataset")
    candidates: int = Field(description="candidates that have ended")
    outcomes: dict[str, int] = Field(description="candidates by how they ended; the figures are those of the last sum")
    calls: int
    tokens: int
    usd: float | None = Field(description="dollars spent; null where a price is not known")
    seconds: float | None = Field(description="seconds since this sitting began; null where none is in progress")
    note: str = Field(description="the last thing that happened, in one line")
    warnings: list[str]

    @property
    def active(self) -> bool:
        """Whether this service carries it out."""
        return self.state in IN_PROGRESS


class RunList(Answer):
    """Runs, those in progress first."""

    runs: list[RunStatus]


class SurvivorSummary(Answer):
    """What a list shows of a survivor, read from its row."""

    id: str
    index: int
    question: str
    answer: Annotated[str, AfterValidator(unguarded)]
    topic: str
    hops: int
    level: str
    quality: float
    proof: str = Field("", validation_alias=AliasPath("proof", "grade"), description="grade of proof, if there is one")
    passed: int = Field(
        validation_alias=AliasPath("defender", "passed"), description="samples that the Defender got right"
    )
    samples: int = Field(validation_alias=AliasPath("defender", "samples"))
    easy: bool


class SurvivorPage(Answer):
    """One page of survivors."""

    total: int = Field(description="survivors that match, on all pages")
    offset: int
    survivors: list[SurvivorSummary]


class RefusalSummary(Answer):
    """What a list shows of a refused candidate, read from its row."""

    index: int
    outcome: str
    reason: Annotated[str, AfterValidator(lambda text: text[:MOST_REASON])]
    attempts: int
    topic: str = Field("", validation_alias=AliasPath("asked", "topic"))
    question: str = Field(
        "",
        validation_alias=AliasPath("question", "question"),
        description="the last question; empty where none could be read",
    )


class RefusalPage(Answer):
    """One page of refused candidates."""

    total: int
    offset: int
    refusals: list[RefusalSummary]


class SurvivorRow(Answer):
    """A survivor as the dataset has it, field for field; docs/dataset.md says what each holds, and in which form."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    index: int
    question: str
    answer: str

    @classmethod
    def of(cls, row: dict[str, Any]) -> SurvivorRow:
        """Wrap a row that is read from the file."""
        return cls.model_construct(**row)


class Health(Answer):
    """That the service answers."""

    status: Literal["ok"] = "ok"
