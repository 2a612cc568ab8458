"""Families of problems as data: one TOML file both writes a problem and reads it back from its text.

The opening states what is given, each move changes it, a closing asks. Every sentence has several forms with `{slots}`;
the Attacker fills them, and the Judge turns the same forms into patterns, reads the numbers back, and writes its own
program (`check`) over the inputs that state them. The Judge never sees the Attacker's program, so a text that does not
state what was computed is detected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.offline.stories.draws import Draw, Texts
from agents.records import TWISTS, Size, Twist

MOST_HOPS = 8


class _Part(BaseModel):
    """A part of a family; two are equal only where they are one and the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class Case(_Part):
    """One way that a step can go."""

    when: str = Field("", description="the comparison under which it goes this way; empty for always")
    sets: Mapping[str, str] = Field(description="quantities it computes, as formulas over quantities and slots")
    why: str = Field(description="the sentence that explains it; `{eq}` is its equations")


class Step(_Part):
    """One step of the reasoning; of its cases the first whose condition holds is taken."""

    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    rounded: Literal["", "nearest", "up", "down"] = Field("", description="how its value is rounded, as the text says")
    decimals: int = Field(0, ge=0, le=6, description="to how many decimals")

    @model_validator(mode="before")
    @classmethod
    def _one_case(cls, data: Any) -> Any:
        """Let a step without alternatives be written flat."""
        if isinstance(data, dict) and "cases" not in data:
            case = {name: data[name] for name in Case.model_fields if name in data}
            return {"cases": [case], **{name: data[name] for name in data if name not in case}}
        return data


class Line(_Part):
    """A sentence of a problem, and what it states or computes."""

    forms: Annotated[tuple[str, ...], Field(min_length=1)]
    draws: Mapping[str, Draw] = Field({}, description="its number slots")
    texts: Mapping[str, Texts] = Field({}, description="its text slots: strands, dates, names of days")
    facts: Mapping[str, tuple[str, ...]] = Field(
        {}, description="numbers that follow from the slots: a name of FUNCTIONS and what it is called with"
    )
    constants: Mapping[str, int | str] = Field(
        {}, description="numbers that its forms state and no draw changes; a name means the same in all lines"
    )
    needs: tuple[str, ...] = Field((), description="comparisons without which the story cannot be")
    plausible: tuple[str, ...] = Field((), description="comparisons that hold of whatever the Attacker writes")
    sets: Mapping[str, str] = Field({}, description="quantities that it states, no step of the reasoning")
    steps: tuple[Step, ...] = Field((), description="the reasoning that it takes")
    check: str = Field("", description="the Judge's Python for it, by another route; the closing's returns the answer")
    code: str = Field("", description="the Attacker's Python for it, where formulas would not show the work")
    follows: bool = Field(
        False, description="for an opening: whether it refers to the one before it, and so comes after it"
    )
    once: bool = Field(False, description="whether a problem has it at most once")
    answer: str = Field("", description="for a closing: the quantity asked for")
    whole: bool = Field(False, description="for a closing: whether its answer is whole, or may well be")
    inverse: bool = Field(False, description="for a closing: whether it asks back, for what must have been")

    @property
    def computed(self) -> tuple[str, ...]:
        """The quantities that its steps set, each once."""
        return tuple(dict.fromkeys(name for step in self.steps for case in step.cases for name in case.sets))

    @property
    def quantities(self) -> tuple[str, ...]:
        """All quantities it sets."""
        return tuple(dict.fromkeys((*self.sets, *self.computed)))

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        slots = [*self.draws, *self.texts, *self.facts, *self.constants]
        if twice := sorted({name for name in slots if slots.count(name) > 1}):
            raise ValueError(f"{twice[0]!r} is two things at once; give each slot a name of its own")
        return self


class Family(_Part):
    """A kind of problem; name and domain come from the file's place, all else from the file."""

    name: str
    domain: str
    topic: str = Field(description="the topic that it belongs to, as the domain pack spells it")
    skill: str = Field(description="the skill that it exercises, as the domain pack spells it")
    words: Mapping[str, tuple[str, ...]] = Field({}, description="cosmetic slots, drawn once for a problem")
    cast: tuple[Mapping[str, str | int | float], ...] = Field(
        (), description="words, and numbers for the bounds of draws, that belong together: one row for a problem"
    )
    opening: Annotated[tuple[Line, ...], Field(min_length=1)] = Field(description="what is given, in any order")
    moves: tuple[Line, ...] = ()
    distractors: tuple[Line, ...] = Field((), description="sentences that state a number which nothing needs")
    closings: Annotated[tuple[Line, ...], Field(min_length=1)] = Field(description="the questions that can be asked")
    kind: Literal["number", "choice", "expression"] = "number"
    choices: tuple[str, ...] = Field((), description="the options of a choice; the answer's quantity is an index")
    whole: bool = Field(False, description="whether what is counted stays whole; else the story cannot be")
    digits: int = Field(4, ge=0, le=9, description="decimals that quantities may have, where they are not whole")
    exact: bool = Field(False, description="whether quantities may be any fraction")
    largest: int = Field(10_000_000, description="no quantity grows beyond it; 1 for shares and probabilities")
    divisions: int = Field(2, description="moves at most that must come out even, where what is counted stays whole")
    sizes: Annotated[tuple[Size, ...], Field(min_length=1)] = Field(
        ("school",), description="sizes of numbers that the family has"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        known = {name for line in self.lines for name in line.quantities}
        for closing in self.closings:
            if closing.answer not in known:
                raise ValueError(f"a closing asks for {closing.answer!r}, which no line sets")
        drawn = {name for line in self.lines for name in (*line.draws, *line.texts)}
        if hidden := sorted(drawn & known):
            raise ValueError(f"the slot {hidden[0]!r} has the name of a quantity; rename one of them")
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("choices belong to the kind 'choice', and only to it")
        if len({frozenset(row) for row in self.cast}) > 1:
            raise ValueError("every row of the cast needs the same names")
        return self

    @property
    def lines(self) -> tuple[Line, ...]:
        """All sentences that it can have."""
        return (*self.opening, *self.moves, *self.distractors, *self.closings)

    @cached_property
    def named(self) -> Mapping[str, tuple[str, ...]]:
        """What each word slot can be."""
        cast = {name: tuple(str(row[name]) for row in self.cast) for name in (self.cast or ({},))[0]}
        return {**cast, **self.words}

    @cached_property
    def reach(self) -> int:
        """The most steps that its moves can make: each as often as it has forms, or once."""
        return sum(len(move.steps) * (1 if move.once else len(move.forms)) for move in self.moves)

    @cached_property
    def hops(self) -> tuple[int, ...]:
        """The numbers of reasoning steps that its problems can have."""
        return self._hops(self.closings)

    def hops_with(self, twist: Twist) -> tuple[int, ...]:
        """Return the numbers of reasoning steps that its problems with a twist can have; none where it has no such."""
        if twist == "inverse":
            return self._hops(self.asking("inverse"))
        return self.hops if twist == "none" or self.distractors else ()

    @property
    def twists(self) -> tuple[Twist, ...]:
        """The twists that its problems can have."""
        return tuple(twist for twist in TWISTS if self.hops_with(twist))

    def asking(self, twist: Twist) -> tuple[Line, ...]:
        """Return the closings that ask so; where nothing of the kind is wanted, any may."""
        return tuple(line for line in self.closings if line.inverse or twist != "inverse")

    def _hops(self, closings: Sequence[Line]) -> tuple[int, ...]:
        given = sum(len(line.steps) for line in self.opening)
        reach = min(MOST_HOPS, self.reach)
        asked = {given + len(closing.steps) + more for closing in closings for more in range(reach + 1)}
        return tuple(sorted(hops for hops in asked if 1 <= hops <= MOST_HOPS))
