"""Which rows a caller wants to see, as the parameters of an address; the same for the API and for the pages."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from graph.service.answers import RefusalSummary, SurvivorSummary

MOST_ROWS = 200


class PageQuery(BaseModel):
    """Which part of a list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = Field("", max_length=200, description="only rows with this text")
    offset: int = Field(0, ge=0, le=10**9, description="rows to skip")
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="rows to return at most")


class SurvivorQuery(PageQuery):
    """Which survivors."""

    topic: str = Field("", max_length=200, description="only rows of this topic")
    level: str = Field("", max_length=2, description="only rows of this level, such as L4")
    proof: str = Field("", max_length=20, description="only rows with this grade of proof")
    hops: int = Field(0, ge=0, le=100, description="only rows of so many reasoning steps; all if 0")

    def takes(self, row: SurvivorSummary) -> bool:
        """Whether a survivor is one of them."""
        return (
            self.topic in ("", row.topic)
            and self.level in ("", row.level)
            and self.proof in ("", row.proof)
            and self.hops in (0, row.hops)
            and self.search.casefold() in f"{row.question}\n{row.answer}\n{row.id}".casefold()
        )


class RefusalQuery(PageQuery):
    """Which refused candidates."""

    outcome: str = Field("", max_length=20, description="only candidates that ended so, such as too_easy")

    def takes(self, row: RefusalSummary) -> bool:
        """Whether a refused candidate is one of them."""
        return (
            self.outcome in ("", row.outcome)
            and self.search.casefold() in f"{row.index}\n{row.reason}\n{row.question}".casefold()
        )
