"""The program Judge: solves a question blind by reading it back, and grades by deterministic checks."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from agents.offline.chat import OfflineError, OfflineModel, fenced_data
from agents.offline.families import all_families
from agents.offline.rubric import Solution, grade
from agents.offline.stories.reading import read
from agents.offline.stories.solving import own_program
from agents.records import Answer, Rubric, Verdict
from tools.answers import same_answer
from tools.inputs.kinds import Input
from tools.judge_tools.submit import SUBMIT

MOST_FLAWS = 12
"""Flaws that a Verdict names."""
UNANSWERED = Rubric(correctness=1, rigor=1, structure=1, completeness=1, clarity=1)


class OfflineJudge(OfflineModel):
    """Solves what the offline Attacker's grammar can write, by a program of its own; says so where it cannot."""

    def reply(self, messages: Sequence[BaseMessage]) -> AIMessage:
        """Take the next turn: submit a program, say why there is none, or return the JSON of a Verdict."""
        question = fenced_data(messages, "question")
        if question is None:
            raise OfflineError("the offline judge needs a question in its messages")
        if fenced_data(messages, "reference") is not None:
            return AIMessage(self._grade(messages).model_dump_json())
        if isinstance(messages[-1], ToolMessage):
            return AIMessage(_conclude(messages[-1].text))
        reading = read(question["question"], all_families())
        if reading is None:
            return AIMessage("I cannot read this question: it fits no family of the offline profile.")
        stated = [Input(**given, options=[]) for given in question.get("inputs", [])]
        code = own_program(reading, stated)
        if code is None:
            return AIMessage("I have no program for this question: its inputs do not state what its text does.")
        call = {"name": SUBMIT, "args": {"code": code}, "id": f"call_{len(messages)}", "type": "tool_call"}
        return AIMessage(content="", tool_calls=[call])

    def _grade(self, messages: Sequence[BaseMessage]) -> Verdict:
        question, reference = fenced_data(messages, "question"), fenced_data(messages, "reference")
        answered = fenced_data(messages, "defender")
        defence = Answer.model_validate(answered) if answered else None
        independent = str(reference["independent_answer"])

        def solution(given: Answer) -> Solution:
            right = same_answer(given.answer, independent, question["answer_kind"], question["choices"])
            return Solution(given.steps, given.answer, right)

        steps = [str(step) for step in reference["steps"]]
        given = solution(Answer.model_construct(steps=steps, answer=str(reference["answer"])))
        reading = read(question["question"], all_families())
        needed = sum(len(sentence.line.steps) for sentence in reading.sentences) if reading else len(steps)
        graded = grade(given, question["question"], needed)
        tried = grade(solution(defence), question["question"], needed).rubric if defence else UNANSWERED
        return Verdict(
            independent_answer=independent,
            well_posed=reading is not None,
            reference_rubric=graded.rubric,
            defender_rubric=tried,
            flaws=graded.flaws[:MOST_FLAWS],
            explanation="Graded by a program, not by a model: equations, order, coverage and wording were checked.",
        )


def _conclude(result: str) -> str:
    """Say what became of the program; the recorded answer is what it returned, so none is stated here."""
    if result.startswith("Recorded"):
        return "My program works through the question as it is stated; what it returned is my answer."
    return f"My program failed, so I have no answer: {result.splitlines()[0] if result else 'no output'}"
