"""One function a format: the rows of a trainer, made from one survivor.

Column names are those that TRL's trainers (SFT, DPO, KTO, GRPO), Axolotl and LLaMA-Factory read without a mapping.
A survivor can make no row (no wrong answer to prefer another to), one, or two (a right and a wrong completion).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agents.rows import Survivor
from evals.exports.verifier import program_of
from tools.answers import reads_as
from tools.files.entries import entry_lines
from tools.steps.equations import equations

Row = dict[str, Any]
RowFormat = Callable[[Survivor], list[Row]]


def as_chat(row: Survivor) -> list[Row]:
    """Return a conversation for supervised fine-tuning."""
    return [{"messages": [message.model_dump() for message in row.messages]}]


def as_prompt_completion(row: Survivor) -> list[Row]:
    """Return prompt and completion: TRL's SFT trainer then trains on the completion alone."""
    return [{"prompt": _prompt(row), "completion": _completion(_reference(row))}]


def as_preference(row: Survivor) -> list[Row]:
    """Return the reference preferred to the Defender's own wrong answer; nothing where that cannot be read."""
    wrong = _wrong(row)
    return (
        []
        if wrong is None
        else [{"prompt": _prompt(row), "chosen": _completion(_reference(row)), "rejected": _completion(wrong)}]
    )


def as_kto(row: Survivor) -> list[Row]:
    """Return the reference as a good completion, and the Defender's wrong answer as a bad one."""
    labelled = [(_reference(row), True), (_wrong(row), False)]
    return [
        {"prompt": _prompt(row), "completion": _completion(text), "label": label}
        for text, label in labelled
        if text is not None
    ]


def as_rlvr(row: Survivor) -> list[Row]:
    """Return prompt, answer and a program that checks a completion, for reinforcement learning."""
    return [
        {
            "id": row.id,
            "prompt": _prompt(row),
            "answer": row.answer,
            "answer_kind": row.answer_kind,
            "choices": entry_lines(row.choices),
            "verifier": program_of(row.answer, row.answer_kind, row.choices),
        }
    ]


def as_prm(row: Survivor) -> list[Row]:
    """Return steps with labels, for a process reward model: whether the equations of each step hold.

    The reference's steps were checked, and its correctness was graded. Of the Defender's wrong answer come the steps
    up to the first whose equation does not hold, where each before it has an equation that was checked; else nothing.
    """
    labelled = [(row.steps, [True] * len(row.steps))]
    wrong = row.defender.wrong_answer
    if wrong is not None and (labels := _labels(wrong.steps)):
        labelled.append((wrong.steps, labels))
    question = row.messages[1].content
    return [{"prompt": question, "completions": steps[: len(labels)], "labels": labels} for steps, labels in labelled]


def as_alpaca(row: Survivor) -> list[Row]:
    """Return instruction and output."""
    system, user, reference = (message.content for message in row.messages)
    return [{"instruction": user, "input": "", "output": reference, "system": system}]


def as_sharegpt(row: Survivor) -> list[Row]:
    """Return a conversation with `from` and `value`."""
    system, user, reference = (message.content for message in row.messages)
    turns = [{"from": "human", "value": user}, {"from": "gpt", "value": reference}]
    return [{"conversations": turns, "system": system}]


def as_row(row: Survivor) -> list[Row]:
    """Return the row whole, as the present version writes it."""
    return [row.model_dump(mode="json")]


EXPORTS: dict[str, RowFormat] = {
    "chat": as_chat,
    "prompt_completion": as_prompt_completion,
    "preference": as_preference,
    "kto": as_kto,
    "rlvr": as_rlvr,
    "prm": as_prm,
    "alpaca": as_alpaca,
    "sharegpt": as_sharegpt,
    "rows": as_row,
}
"""Format by name; to add one, write one function and one row."""


def _prompt(row: Survivor) -> list[Row]:
    return [message.model_dump() for message in row.messages[:-1]]


def _reference(row: Survivor) -> str:
    return row.messages[-1].content


def _completion(text: str) -> list[Row]:
    return [{"role": "assistant", "content": text}]


def _wrong(row: Survivor) -> str | None:
    """Write the Defender's wrong answer as the reference is written; None where it has none that can be read."""
    wrong = row.defender.wrong_answer
    if wrong is None or not wrong.steps or not reads_as(wrong.answer, row.answer_kind, row.choices):
        return None
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(wrong.steps, start=1))
    return f"{steps}\n\nANSWER: {wrong.answer}"


def _labels(steps: Sequence[str]) -> list[bool]:
    """Label the steps up to the first that fails; empty where none fails, or one before it was not checked."""
    labels: list[bool] = []
    rounded: dict[Any, Any] = {}
    for step in steps:
        found = equations(step, rounded)
        labels.append(all(equation.holds for equation in found))
        if not found:
            return []
        if not labels[-1]:
            return labels
    return []
