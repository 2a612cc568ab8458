"""The records that pass between the roles; each is frozen and checked once, where it enters.

Models return `Question`, `Answer` and `Verdict` by structured output whose schema title is the class name, so
these three have no default values: strict servers want every property required. `Question.blemishes` is no exception,
since no model is asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from tools.answers import AnswerKind, read_number, reads_as, same_answer
from tools.inputs.kinds import Input

Outcome = Literal[
    "kept",
    "duplicate",
    "contaminated",
    "malformed",
    "off_brief",
    "unverified",
    "too_easy",
    "low_quality",
    "rejected_in_review",
    "failed",
    "stopped",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

ProofGrade = Literal["agreed", "cited", "computed", "perturbed"]
PROOF_GRADES: tuple[ProofGrade, ...] = get_args(ProofGrade)
"""From the weakest to the strongest; `graph.question.proof` says what each takes."""

Level = Literal["L1", "L2", "L3", "L4", "L5"]
Size = Literal["small", "school", "large"]
SIZES: tuple[Size, ...] = get_args(Size)
"""How large the numbers of a question are: below about twenty, as at school, or with more digits than that."""
Twist = Literal["none", "distractor", "inverse"]
TWISTS: tuple[Twist, ...] = get_args(Twist)
"""What a question is asked to have beside its chain of steps: a quantity that nothing needs, or that it asks back."""
DefenderForm = Literal["json", "prose", "few_shot"]
DEFENDER_FORMS: tuple[DefenderForm, ...] = get_args(DefenderForm)
"""How a Defender answers: as a record, in prose that ends in `ANSWER:`, or so after worked examples."""

SeatName = Literal["attacker", "defender", "judge"]
SEATS: tuple[SeatName, ...] = get_args(SeatName)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Score = Annotated[int, Field(ge=1, le=5)]


class Record(BaseModel):
    """Base of every record: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def describe(error: ValidationError) -> str:
    """Say in one line what of a record did not validate, without the library's links."""
    faults = [f"{'.'.join(str(part) for part in fault['loc']) or 'reply'}: {fault['msg']}" for fault in error.errors()]
    return "; ".join(faults[:5])


class Cell(Record):
    """Where a question aims: one cell of the domain's map."""

    topic: str
    skill: str
    hops: int
    size: Size = "school"
    twist: Twist = "none"


class Brief(Record):
    """What the Attacker is told for one attempt."""

    domain: str
    topic: str
    skill: str
    hops: int = Field(ge=1, le=8, description="reasoning steps the question should need")
    size: Size = Field("school", description="how large its numbers should be")
    twist: Twist = Field("none", description="what it should have beside: nothing, a distractor, an inverse question")
    seed: int = Field(description="makes this brief's question differ from every other's")
    attempt: int = Field(default=1, ge=1)
    feedback: str = Field(default="", description="why the previous attempt was refused")


class Question(Record):
    """A question with its worked solution and a program that proves the answer."""

    question: Text
    steps: list[Text] = Field(min_length=1, description="the worked solution, one reasoning step an item")
    answer: Text = Field(description="the final answer alone; for choice, the text of the option, not its letter")
    answer_kind: AnswerKind
    choices: list[Text] = Field(description="the options where answer_kind is choice, else empty")
    inputs: list[Input] = Field(description="every quantity of the text; empty only where nothing is computed")
    program: str = Field(
        description="Python that defines solve(...) over exactly the inputs' names and returns the answer; "
        "may be empty for choice and text"
    )
    topic: Text
    skills: list[Text]
    blemishes: SkipJsonSchema[list[Text]] = Field(
        default=[], description="what was put into the steps on purpose, by name; only the offline Attacker does so"
    )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.answer_kind == "choice":
            if len(set(self.choices)) < 2 or len(set(self.choices)) != len(self.choices):
                raise ValueError("a choice question needs at least two different choices")
            if self.answer not in self.choices:
                raise ValueError(f"answer {self.answer!r} is not among the choices {self.choices!r}")
        elif self.choices:
            raise ValueError(f"choices must be empty where answer_kind is {self.answer_kind!r}")
        if self.answer_kind in ("number", "expression") and not self.program.strip():
            raise ValueError(f"a program is required where answer_kind is {self.answer_kind!r}")
        if self.answer_kind == "number" and read_number(self.answer) is None:
            raise ValueError(f"answer {self.answer!r} is not a number, but answer_kind is 'number'")
        return self

    def admits(self, given: str) -> bool:
        """Whether this can be read as an answer of the question's kind, right or wrong."""
        return reads_as(given, self.answer_kind, self.choices)

    def accepts(self, given: str) -> bool:
        """Whether a program's output, or somebody's answer, is the stated answer."""
        return same_answer(given, self.answer, self.answer_kind, self.choices)


class Answer(Record):
    """What the Defender says to a question."""

    steps: list[str] = Field(max_length=20, description="the reasoning, one step an item")
    answer: Text = Field(description="the final answer alone")


class Rubric(Record):
    """Five criteria, 1 (worst) to 5 (best); the domain pack says what each score means."""

    correctness: Score
    rigor: Score
    structure: Score
    completeness: Score
    clarity: Score

    @property
    def mean(self) -> float:
        """The plain mean of the five scores, 1.0 to 5.0."""
        return (self.correctness + self.rigor + self.structure + self.completeness + self.clarity) / 5


class Verdict(Record):
    """The Judge's grade, given after its own blind answer was recorded."""

    independent_answer: str
    flaws: list[str]
    explanation: str
    well_posed: bool
    reference_rubric: Rubric
    defender_rubric: Rubric


class SameReasoning(Record):
    """What the Judge says of two questions that the gate's rules leave undecided."""

    reason: str
    same_reasoning: bool


class ProgramRun(Record):
    """One program run in the sandbox, kept as evidence; no clock, so rows repeat byte for byte."""

    by: Literal["attacker", "judge"]
    code: str
    stdout: str
    ok: bool
    sandbox: str
    code_sha256: str


class Proof(Record):
    """How far the answer is computed rather than believed."""

    grade: ProofGrade
    redraws: int = Field(description="version of the rules by which inputs are redrawn")
    seed: int = Field(description="of the redrawn inputs")
    draws: int = Field(description="redrawn inputs on which both programs were called")
    counted: int = Field(description="of them, those on which both gave an answer of the kind")
    agreed: int = Field(description="of those, those on which both gave the same")
    share: float = Field(description="how large a part of the draws gave an answer of the kind")
    depends_on: list[str] = Field(description="inputs that move the answer")
    distractors: list[str] = Field(description="inputs that move nothing")


class Defence(Record):
    """How the Defender fared: passed of samples, and one wrong answer kept whole."""

    model: str
    samples: int
    passed: int
    wrong_answer: Answer | None


class NoveltyMark(Record):
    """The nearest accepted item at the time of acceptance; empty and 0.0 in an empty store."""

    nearest: str
    score: float
    embedder: str


class SeatUsage(Record):
    """Paid work of one seat for one candidate; usd is None where the price is unknown."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None

    @property
    def tokens(self) -> int:
        """Tokens in and out together."""
        return self.input_tokens + self.output_tokens

    @classmethod
    def sum(cls, parts: Iterable[SeatUsage]) -> SeatUsage:
        """Add; money is unknown as soon as a part of it is, and 0.0 where there is no part."""
        calls = input_tokens = output_tokens = 0
        usd: float | None = 0.0
        for part in parts:
            calls += part.calls
            input_tokens += part.input_tokens
            output_tokens += part.output_tokens
            usd = None if usd is None or part.usd is None else usd + part.usd
        return cls(calls=calls, input_tokens=input_tokens, output_tokens=output_tokens, usd=usd)

    def plus(self, more: SeatUsage) -> SeatUsage:
        """Add two."""
        return SeatUsage.sum((self, more))


class Price(NamedTuple):
    """Dollars for a million tokens of a model; cached ones are those of a prompt that the server had at hand."""

    model: str
    input: float
    output: float
    cached: float


class CandidateInput(BaseModel):
    """What starts a candidate: its number decides its brief; the rest overrides parts of that brief."""

    index: int = Field(0, ge=0, description="the candidate's number within its run")
    topic: str | None = Field(None, description="topic of the domain pack; chosen by the seed if not given")
    skill: str | None = Field(None, description="skill to exercise; chosen by the seed if not given")
    hops: int | None = Field(None, ge=1, le=8, description="reasoning steps; chosen by the seed if not given")
    size: Size | None = Field(None, description="size of the numbers; chosen by the seed if not given")
    twist: Twist | None = Field(None, description="what it has beside; chosen by the seed if not given")
    easy: bool = Field(False, description="also keep a question that the defender gets right too often")
    hard: bool = Field(True, description="keep a question that is as hard as --pass-rate says")
    samples_first: int | None = Field(
        None, ge=1, description="defender samples before the judge solves; all of them if not given"
    )

    @property
    def cell(self) -> Cell:
        """The cell that is asked for; ValueError where a part of it is left to the seed."""
        return Cell.model_validate(self.model_dump(include=set(Cell.model_fields), exclude_none=True))
