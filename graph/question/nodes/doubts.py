"""Which proved questions a person should look at before they are kept: the doubts that `--review doubtful` goes by."""

from __future__ import annotations

from agents.records import Proof, Question, Verdict
from tools.novelty.port import Decision

SPLIT = 2
"""Points by which the scores of a solution lie apart where its rubric is split."""


def doubts_about(question: Question, proof: Proof, verdict: Verdict, nearest: Decision) -> list[str]:
    """Say what no program has settled about a question.

    Args:
        question: Proved, and well explained by the Judge's rubric.
        proof: Of its answer.
        verdict: The Judge's.
        nearest: What the novelty gate says of it without remembering it.
    """
    doubts = []
    scores = dict(verdict.reference_rubric)
    if max(scores.values()) - min(scores.values()) >= SPLIT:
        low, high = min(scores, key=scores.__getitem__), max(scores, key=scores.__getitem__)
        doubts.append(f"the rubric is split: {high} {scores[high]}, {low} {scores[low]}")
    if proof.grade == "agreed":
        doubts.append("the proof is 'agreed': two seats agree, and nothing is computed")
    if question.answer_kind == "text":
        doubts.append("the answer is free text")
    if nearest.borderline:
        doubts.append(f"it is near another question ({nearest.score or 0:.2f}), by no clear rule")
    return doubts
