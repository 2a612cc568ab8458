"""What a lying Attacker changes in its record before its program is written; each takes the record and both answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Change = Callable[[dict[str, Any], str, str], None]
"""Alters a record, given the true and the wrong answer."""


def _note(record: dict[str, Any], sentence: str) -> None:
    record["question"] += f" {sentence}"


def _input(name: str, value: str, kind: str, quote: str) -> dict[str, Any]:
    return {"name": name, "value": value, "kind": kind, "quote": quote, "options": []}


def hidden_answer(kind: str) -> Change:
    """Hide the wrong answer in the text, as an input of that kind."""

    def change(record: dict[str, Any], _: str, wrong: str) -> None:
        _note(record, f"A passer-by guessed {wrong}.")
        record["inputs"].append(_input("guess", wrong, kind, f"A passer-by guessed {wrong}."))

    return change


def distractor(record: dict[str, Any], _true: str, _wrong: str) -> None:
    """Add a number that has nothing to do with the answer."""
    _note(record, "The clerk was 46 years old.")
    record["inputs"].append(_input("age", "46", "integer", "The clerk was 46 years old."))


def constant_inputs(record: dict[str, Any], _true: str, _wrong: str) -> None:
    """Declare all inputs constant, so that nothing is redrawn."""
    record["inputs"] = [{**one, "kind": "constant"} for one in record["inputs"]]


def beside_the_text(record: dict[str, Any], _true: str, wrong: str) -> None:
    """Add an input that the text does not hold."""
    record["inputs"].append(_input("aside", wrong, "integer", f"There were {wrong} of them"))


def other_quotes(record: dict[str, Any], _true: str, _wrong: str) -> None:
    """Give each input the quote of another."""
    quotes = [one["quote"] for one in record["inputs"]]
    turned = [*quotes[1:], quotes[0]]
    record["inputs"] = [{**one, "quote": quote} for one, quote in zip(record["inputs"], turned, strict=True)]


def hidden_numeral(record: dict[str, Any], _true: str, _wrong: str) -> None:
    """Leave a number of the text to no input."""
    stated = {one["value"] for one in record["inputs"]}
    hidden = next(number for number in range(59, 99) if str(number) not in stated)
    _note(record, f"Add {hidden} to that.")


def empty_program(record: dict[str, Any], _true: str, _wrong: str) -> None:
    """Compute nothing."""
    record["inputs"], record["program"] = [], ""


def letter_answer(record: dict[str, Any], _true: str, wrong: str) -> None:
    """State the letter of the wrong option."""
    record["answer"] = "ABCDE"[list(record["choices"]).index(wrong)]


def steps_elsewhere(record: dict[str, Any], true: str, wrong: str) -> None:
    """Let the steps end in another number than the answer."""
    record["steps"] = [*record["steps"][:-1], f"So the result is {wrong}."]
    record["answer"] = true


def broken_equation(record: dict[str, Any], true: str, _: str) -> None:
    """Let an equation of the steps be wrong, and the end right."""
    record["steps"] = [*record["steps"][:-1], f"As {true} + 3 = {true}, it is {true}."]


def padded_lie(record: dict[str, Any], _true: str, wrong: str) -> None:
    """Add a sentence that says nothing wherever the wrong answer is stated."""
    if record["answer"] == wrong:
        record["question"] = f"Read this with care. {record['question']}"


def with_unit(record: dict[str, Any], _: str, wrong: str) -> None:
    """State the wrong answer with a unit that itself contains a number."""
    record["answer"] = f"{wrong} mL/min/1.73 m^2"


def equal_at_a_point(record: dict[str, Any], true: str, _: str) -> None:
    """State a formula that is the true one at 3/7 only."""
    record["answer"] = f"{true} + (7*t - 3)"


def off_topic(record: dict[str, Any], _true: str, _wrong: str) -> None:
    """Write about something that was not asked for."""
    record["topic"] = "something else"


def off_kind(record: dict[str, Any], _true: str, _wrong: str) -> None:
    """Ask for a kind of answer that the domain does not have."""
    record["answer_kind"] = "text"


def off_hops(record: dict[str, Any], _true: str, _wrong: str) -> None:
    """Write more steps than were asked for."""
    record["steps"] = ["Read the story.", "Read it again.", "Mark its numbers.", *record["steps"]]
