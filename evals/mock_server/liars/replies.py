"""What the seats reply under a script with a liar, and which kept rows are wrong."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.rows import Survivor
from evals.mock_server.liars.table import HONEST, SCRIPTED, Liar
from evals.mock_server.liars.worlds import NOTE, World, bare, mark, marked
from evals.mock_server.word_problems import Operation, WordProblem, read
from evals.mock_server.word_programs import fit_steps, match_inputs, other_program, solve_program, stated_inputs

NAMES = tuple(SCRIPTED)


@dataclass(frozen=True)
class Story:
    """A problem, the wrong one that a liar takes it for, and the kind of answer asked for."""

    problem: WordProblem
    slip: WordProblem
    world: World

    @property
    def true(self) -> str:
        """The true answer."""
        return self.world.of(self.problem.answer)

    @property
    def wrong(self) -> str:
        """The liar's."""
        return self.world.of(self.slip.answer)

    @classmethod
    def of(cls, problem: WordProblem, world: World) -> Story:
        """Choose the wrong problem; always the same for a text."""
        slip = problem.without_a_step(random.Random(problem.text.casefold()))  # noqa: S311  # reproducible, no secret
        if world.of(slip.answer) == world.of(problem.answer):
            slip = WordProblem((*problem.operations, Operation("add", 1)), problem.text)
        return cls(problem, slip, world)


def read_story(liar: Liar, text: str) -> Story | None:
    """Read a story from a question; None where this server did not compose it."""
    problem = read(bare(text))
    return Story.of(problem, liar.world) if problem else None


def lying_question(name: str, problem: WordProblem, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Attacker's record."""
    liar = SCRIPTED[name]
    story, attempt, world = Story.of(problem, liar.world), int(data.get("attempt", 1)), liar.world
    lies = liar.states == "wrong" and not (liar.repeats and attempt == 1)
    problem = story.slip if lies else story.problem
    record: dict[str, Any] = {
        "question": f"{problem.text}{NOTE}{world.note} {mark(NAMES, name)}".replace("  ", " "),
        "steps": fit_steps(problem.working, int(data["hops"])),
        "answer": world.of(problem.answer),
        "answer_kind": world.kind,
        "choices": list(world.options(story.problem.answer, story.slip.answer)),
        "inputs": [*stated_inputs(problem.text), *world.inputs],
        "topic": data.get("topic") or "arithmetic",
        "skills": [data.get("skill") or "arithmetic"],
    }
    if liar.change:
        liar.change(record, story.true, story.wrong)
    body = "true" if not lies and liar.repeats else liar.program
    record.setdefault("program", _program(story, body, record["inputs"], solve_program))
    return record


def lying_solution(liar: Liar, text: str, inputs: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the Judge's program, None where it talks instead."""
    story = read_story(liar, text)
    if liar.talks or story is None:
        return None
    return _program(story, liar.judge, inputs, other_program)


def lying_talk(liar: Liar, text: str) -> str:
    """Return what the Judge says in place of a program."""
    story = read_story(liar, text)
    if story is None or not liar.talks:
        return "I have not met this kind of question."
    return liar.talks.replace("{true}", story.true).replace("{wrong}", story.wrong)


def lying_answer(liar: Liar, text: str, choices: Sequence[str], slip: int) -> str:
    """Return the Defender's answer: a wrong one, or the true one in the liar's form."""
    story = read_story(liar, text)
    if story is None:
        return "I do not know"
    if liar.defender:
        letter = "ABCDEFG"[list(choices).index(story.true)] if story.true in choices else ""
        forms = {"true": story.true, "letter": letter, "grouped": f"{story.problem.answer:,}"}
        return liar.defender.format(**forms)
    others = [choice for choice in choices if choice != story.true]
    return others[slip % len(others)] if others else liar.world.of(story.problem.answer + slip)


def liar_in(text: str) -> Liar | None:
    """Return who lies about a question, by its mark; None where nobody does."""
    name = marked(NAMES, text)
    return SCRIPTED[name] if name else None


def is_wrong(liar_name: str, row: Survivor) -> bool:
    """Whether a kept row should not have been: its answer is not the truth, or its liar proves nothing by it."""
    liar = SCRIPTED[liar_name]
    story = read_story(liar, row.question)
    return liar_name not in HONEST or story is None or row.answer != story.true


def _program(story: Story, body: str, inputs: Sequence[Mapping[str, Any]], write: Any) -> str:
    parameters, names = [str(one["name"]) for one in inputs], match_inputs(story.problem.text, inputs)
    body = {"true": "return honest(*given)", "wrong": "return slip(*given)"}.get(body, body)
    world, lines = story.world, ["from fractions import Fraction"]
    for name, problem in (("honest", story.problem), ("slip", story.slip)):
        solve = write(problem, parameters, names).replace("def solve(", f"def {name}_number(")
        lines += [solve, f"def {name}(*given):", f"    x = {name}_number(*given)", f"    return {world.code}"]
    for name, number in (("TRUE", story.problem.answer), ("WRONG", story.slip.answer)):
        lines += [f"x = {number}", f"{name} = {world.code}"]
    stated = ", ".join(_literal(str(one["value"])) for one in inputs)
    lines += [
        f"STATED = ({stated},)",
        f"def solve({', '.join(parameters)}):",
        f"    given = ({', '.join(parameters)},)",
        *(f"    {line}" for line in body.splitlines()),
    ]
    return "\n".join(lines) + "\n"


def _literal(value: str) -> str:
    return value if value.isdecimal() else f"Fraction({value!r})"
