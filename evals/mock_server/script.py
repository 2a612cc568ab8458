"""The settings of the scripted models, and which request meets which fault.

Every fault is drawn from a hash of the script's seed and of what is asked: a replay meets the same faults, and a
test can work out beforehand which questions deserve to be kept.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evals.mock_server.liars.table import SCRIPTED
from evals.mock_server.liars.worlds import bare
from evals.mock_server.word_problems import WordProblem, compose, read

Plan = Literal["true", "malformed", "duplicate", "wrong_alike", "wrong_apart"]
"""What an Attacker's reply is; a wrong answer's program returns it too (`alike`), or returns the truth (`apart`)."""

Share = Annotated[float, Field(ge=0, le=1)]
Flaw = Literal[
    "defender_right", "judge_lazy", "judge_wrong", "judge_prints", "low_quality", "split_rubric", "same_reasoning"
]
FLAWS: tuple[Flaw, ...] = ("defender_right", "judge_lazy", "judge_wrong", "low_quality")
LOOK_BACK = 64
"""How many seeds back the original of a duplicate may be."""


class Script(BaseModel):
    """All settings of the scripted models; with the defaults nothing fails."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(default=1, description="every draw depends on it")
    wrong_answer: Share = Field(default=0.0, description="share of wrong answers; every other program returns it too")
    duplicates: Share = Field(default=0.0, description="share of questions that repeat one of the 64 seeds before")
    malformed: Share = Field(default=0.0, description="share of first replies, of each seat, that cannot be used")
    http_500: Share = Field(default=0.0, description="share of requests whose first try answers HTTP 500")
    http_429: Share = Field(default=0.0, description="share of requests whose first try answers HTTP 429")
    retry_after_s: float = Field(default=1.0, ge=0, description="the Retry-After of HTTP 429, seconds")
    defender_right: Share = Field(default=0.0, description="share of questions that the Defender answers truly")
    defender_tires: Share = Field(
        default=0.0, description="by how much defender_right falls with each step beyond five"
    )
    obliging: bool = Field(default=False, description="the Attacker writes as many steps as its brief asks for")
    judge_lazy: Share = Field(default=0.0, description="share of questions the Judge first answers without a tool")
    judge_wrong: Share = Field(default=0.0, description="share of questions for which the Judge's program is wrong")
    judge_prints: Share = Field(
        default=0.0, description="share of questions whose answer the Judge prints before it submits"
    )
    low_quality: Share = Field(default=0.0, description="share of questions whose reference gets a low rubric")
    split_rubric: Share = Field(default=0.0, description="share of questions whose rubric scores lie far apart")
    same_reasoning: Share = Field(
        default=0.0, description="share of questions whose reasoning the Judge calls that of their neighbour"
    )
    latency_s: float = Field(default=0.0, ge=0, description="seconds each call takes")
    hang_s: float = Field(default=0.0, ge=0, description="seconds by which the first try of a hanging request is late")
    hangs: Share = Field(default=1.0, description="share of requests that hang, where hang_s is set")
    rubbish: bool = Field(default=False, description="every reply is rubbish")
    refuse_json_schema: bool = Field(default=False, description="answer HTTP 400 to response_format")
    refuse_tools: bool = Field(default=False, description="answer HTTP 400 to functions that return a record")
    liar: str = Field(default="", description="who lies, by turns: names of evals.mock_server.liars.table with commas")
    batches: bool = Field(default=False, description="offer a batch API")
    batch_s: float = Field(default=0.0, ge=0, description="seconds that a batch takes")
    batch_expires: Share = Field(default=0.0, description="share of a batch's requests that expire")
    key: str = Field(default="", description="the only API key accepted; empty accepts any")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for names in (("malformed", "duplicates", "wrong_answer"), ("http_500", "http_429")):
            if sum(getattr(self, name) for name in names) > 1:
                raise ValueError(f"the shares {', '.join(names)} exclude each other: together at most 1")
        if self.obliging and self.duplicates:
            raise ValueError(
                "an obliging Attacker repeats nothing: what it wrote before depends on briefs that are gone"
            )
        if unknown := [name for name in self.liars if name not in SCRIPTED]:
            raise ValueError(f"there is no liar {unknown[0]!r}; there are: {', '.join(SCRIPTED)}")
        return self

    @property
    def liars(self) -> tuple[str, ...]:
        """The names of those who lie by turns."""
        return tuple(filter(None, self.liar.split(",")))

    def liar_of(self, seed: int) -> str:
        """Return who lies about the question of a brief's seed, empty for nobody."""
        return self.liars[seed % len(self.liars)] if self.liars else ""

    def draw(self, *about: object) -> float:
        """Return a number in [0, 1) that depends on the script's seed and on `about` alone."""
        digest = hashlib.sha256(json.dumps([self.seed, *about]).encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def truth(self, question: str) -> str | None:
        """Return the number that a story of this server comes to, read from its text; None for any other text."""
        problem = read(bare(question))
        return None if problem is None else str(problem.answer)

    def problem(self, seed: int, attempt: int, steps: int | None = None) -> WordProblem:
        """Return the problem for a brief's seed and attempt; of 3 to 6 steps if no number is given."""
        return compose(f"{self.seed}/{seed}/{attempt}", steps or 3 + int(self.draw("steps", seed, attempt) * 4))

    def plan(self, seed: int, attempt: int) -> Plan:
        """Return what the Attacker's first reply to a brief is."""
        chance = self.draw("plan", seed, attempt)
        shares: tuple[tuple[Plan, float], ...] = (
            ("malformed", self.malformed),
            ("duplicate", self.duplicates),
            ("wrong_alike", self.wrong_answer / 2),
            ("wrong_apart", self.wrong_answer / 2),
        )
        for plan, share in shares:
            if chance < share:
                return plan if plan != "duplicate" or self.original(seed, attempt) is not None else "true"
            chance -= share
        return "true"

    def holds(self, share: Flaw, text: str) -> bool:
        """Return whether the question meets that fault."""
        bound: float = getattr(self, share)
        if share == "defender_right" and self.defender_tires and (problem := read(text)):
            bound -= self.defender_tires * (len(problem.working) - 5)
        return self.draw(share, " ".join(text.casefold().split())) < bound

    def deserving(self, seed: int, attempt: int = 1) -> bool:
        """Whether a sound pipeline keeps this brief's question, were it the first of its kind."""
        text = self.problem(seed, attempt).text
        return self.plan(seed, attempt) == "true" and not any(self.holds(fault, text) for fault in FLAWS)

    def original(self, seed: int, attempt: int) -> WordProblem | None:
        """Return the problem that a duplicate repeats, one of an earlier seed worth keeping; None if there is none."""
        start = seed - 1 - int(self.draw("distance", seed, attempt) * 8)
        for earlier in range(start, seed - LOOK_BACK, -1):
            clear = self.draw("plan", earlier, 1) >= self.malformed + self.duplicates + self.wrong_answer
            if earlier >= 0 and clear and self.deserving(earlier):
                return self.problem(earlier, 1)
        return None
