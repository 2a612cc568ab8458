"""What can be said of a question from its form alone, before a program runs or a model is asked."""

from __future__ import annotations

import re

from agents.records import Brief, Question
from prompts.domain import Domain
from tools.answers import normalise_question
from tools.inputs.numerals import input_faults
from tools.programs.solve import static_fault

HOPS_OFF = 1
"""Steps more or fewer than asked for that still count as what was asked for."""
LEAST_CORRECTNESS = 4
"""Rubric score of correctness below which a solution is refused, whatever its mean."""


def off_brief(question: Question, brief: Brief, domain: Domain) -> str:
    """Say what was asked for and what came, where they differ."""
    hops = len(question.steps)
    if question.answer_kind not in domain.answer_kinds:
        return f"asked for an answer of kind {' or '.join(domain.answer_kinds)}, and {question.answer_kind!r} came"
    if question.topic.casefold() != brief.topic.casefold():
        return f"asked for the topic {brief.topic!r}, and {question.topic!r} came"
    if abs(hops - brief.hops) > HOPS_OFF:
        return f"asked for {brief.hops} reasoning steps, and {hops} came"
    return ""


def form_faults(question: Question) -> list[str]:
    """Say what is wrong with inputs and program before anything runs."""
    if not question.program.strip():
        return ["inputs are given, and no program that takes them"] if question.inputs else []
    if not question.inputs:
        return ["a program is given, and no inputs that it could take"]
    faults = input_faults(question.question, question.inputs)
    if fault := static_fault(question.program, [one.name for one in question.inputs]):
        faults.append(f"the program: {fault}")
    return faults


def same_again(question: Question, refused: Question) -> bool:
    """Whether a question is one that was refused: word for word, or but for idle sentences and with another answer.

    An ambiguous question may come again with a sentence that makes it clear, but not with another guess at its answer.
    """
    mine, theirs = normalise_question(question.question), normalise_question(refused.question)
    if mine == theirs:
        return True
    stated, stated_before = _stating(mine), _stating(theirs)
    return question.answer != refused.answer and (stated <= stated_before or stated_before <= stated)


def _stating(text: str) -> set[str]:
    """Return the sentences that state a number or ask something; all where none does."""
    sentences = {sentence.strip() for sentence in re.split(r"(?<=[.?!]) ", text)}
    return {sentence for sentence in sentences if re.search(r"\d|\?", sentence)} or sentences
