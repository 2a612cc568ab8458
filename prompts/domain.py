"""Domain packs: one TOML file in `prompts/domains/` adapts the common role prompts to a domain.

Adding a domain means dropping one file there, or into `domains/` of the current folder; nothing else has to change.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from prompts.render import fingerprint

FOLDER = Path(__file__).parent / "domains"
OWN_FOLDER = Path("domains")
"""Where `init --domain NAME` writes, below the current folder; a pack there does not replace one of `FOLDER`."""
CRITERIA = ("correctness", "rigor", "structure", "completeness", "clarity")


class DomainError(ValueError):
    """A domain pack is missing or malformed."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Guidance(_Part):
    """What the domain adds to each role's prompt."""

    attacker: str
    defender: str
    judge: str


class Topic(_Part):
    """A topic and the skills that its questions can exercise."""

    skills: Annotated[tuple[str, ...], Field(min_length=1)]


class Anchors(_Part):
    """What each score from 1 to 5 means for one criterion."""

    score_1: str
    score_2: str
    score_3: str
    score_4: str
    score_5: str


class WorkedExample(_Part):
    """An easy question with the reply that a model in prose should give."""

    question: str
    reply: str


AnswerKind = Literal["number", "choice", "expression", "text"]


class Domain(_Part):
    """A domain pack; `name` and `fingerprint` come from the loader, all else from the TOML file."""

    name: str
    title: str
    benchmark: str = Field(description="the row of BENCHMARKS that measures this domain")
    answer_kinds: Annotated[tuple[AnswerKind, ...], Field(min_length=1)]
    judge_tools: tuple[str, ...] = Field(description="names of tools the Judge may call")
    proof: dict[AnswerKind, Literal["agreed", "cited", "computed", "perturbed"]] = Field(
        description="by kind of answer, the lowest grade of proof to keep"
    )
    hops: tuple[int, int] = Field(description="fewest and most reasoning steps to ask for")
    sizes: Annotated[tuple[Literal["small", "school", "large"], ...], Field(min_length=1)] = Field(
        ("school",), description="sizes of numbers to ask for"
    )
    twists: Annotated[tuple[Literal["none", "distractor", "inverse"], ...], Field(min_length=1)] = Field(
        ("none", "distractor", "inverse"), description="what to ask for beside the chain of steps"
    )
    guidance: Guidance
    topics: Annotated[dict[str, Topic], Field(min_length=1)]
    rubric: dict[str, Anchors]
    worked_examples: tuple[WorkedExample, ...] = Field(
        (), description="easy questions with their replies, shown to a Defender whose form is few_shot"
    )
    exemplars: tuple[dict[str, Any], ...] = Field(description="a few worked questions in the form of Question")
    fingerprint: str = Field(description="hash of this pack and of every prompt file")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if set(self.rubric) != set(CRITERIA):
            raise ValueError(f"rubric must anchor exactly {', '.join(CRITERIA)}")
        if lacking := [kind for kind in self.answer_kinds if kind not in self.proof]:
            raise ValueError(f"[proof] names no lowest grade for answers of kind {lacking[0]!r}")
        low, high = self.hops
        if not 1 <= low <= high <= 8:
            raise ValueError(f"hops must lie within 1 to 8, lowest first; it is {self.hops!r}")
        return self

    def rubric_text(self) -> str:
        """Write the rubric's anchors as Markdown for the Judge."""
        lines: list[str] = []
        for criterion in CRITERIA:
            lines.append(f"**{criterion}**")
            lines += [f"- {score}: {getattr(self.rubric[criterion], f'score_{score}')}" for score in range(1, 6)]
        return "\n".join(lines)


def domain_files() -> dict[str, Path]:
    """Return the files of all packs by name, sorted."""
    own, ours = OWN_FOLDER.glob("*.toml"), FOLDER.glob("*.toml")
    return dict(sorted({path.stem: path for path in (*own, *ours)}.items()))


def domain_names() -> list[str]:
    """Return the names of all packs, sorted."""
    return list(domain_files())


def load_domain(name: str) -> Domain:
    """Read and check one pack.

    Raises `DomainError` with the file and the fault where it is unknown or malformed.
    """
    files = domain_files()
    if name not in files:
        raise DomainError(f"unknown domain {name!r}; known: {', '.join(files)} (one file each in {FOLDER})")
    return read_pack(files[name])


def read_pack(path: Path) -> Domain:
    """Read and check the pack in a file, which gives it its name.

    Raises:
        DomainError: It is malformed; the message names the file and the fault.
    """
    try:
        source = path.read_text(encoding="utf-8")
        return Domain.model_validate({**tomllib.loads(source), "name": path.stem, "fingerprint": fingerprint(source)})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DomainError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the pack"
        raise DomainError(f"{path}: {place}: {first['msg']}") from error
