"""Our verdicts beside those of the harnesses that published figures come from; differences are listed with their cause.

inspect_ai is asked itself, as the tasks of inspect_evals ask it: `match(numeric=True)` for numbers, `multiple_choice`
and `choice` for options. lm-eval weighs 576 MB, so its rule for GSM8K stands here as its task files state it: a
pattern, which of its matches counts, and what is dropped before spellings are compared. Its medical sets compare
likelihoods and read no reply; there is nothing to compare.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from evals.benchmarks.formats import load_items
from evals.benchmarks.published import Item
from evals.benchmarks.scores import is_right
from tests import SHARED
from tests.unit.tools.test_model_outputs import ROWS, judged
from tools.answers import reads_as, reply_answer

SAMPLES = SHARED / "benchmarks"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the samples of ../shared/data/benchmarks")
needs_inspect = pytest.mark.skipif(
    importlib.util.find_spec("inspect_ai") is None, reason="the extra benchmarks is not installed: make benchmarks"
)
pytestmark = pytest.mark.filterwarnings("ignore")  # what inspect_ai and its own packages say of one another
NUMBERS = [(number, row) for number, row in enumerate(ROWS) if row["kind"] == "number"]

STRICT, COT = r"#### (\-?[0-9\.\,]+)", r"The answer is (\-?[0-9\.\,]+)."
FLEXIBLE = r"(-?[$0-9.,]{2,})|(-?[0-9]+)"


def lm_eval(text: str, gold: str, pattern: str = FLEXIBLE, which: int = -1) -> bool:
    """Score a reply to GSM8K as lm-eval does: flexible (the last number), or strict (the first match of a pattern)."""
    found = [match if isinstance(match, str) else match[0] or match[1] for match in re.findall(pattern, text)]
    return bool(found) and _spelling(found[which].strip()) == _spelling(gold)


def _spelling(text: str) -> str:
    for dropped in (",", r"\$", r"(?s).*#### ", r"\.$"):
        text = re.sub(dropped, "", text)
    return text.lower()


async def inspect_says(text: str, gold: str, choices: list[str]) -> bool:
    """Score a reply as inspect_ai does."""
    from inspect_ai.model import ChatMessageUser, ModelOutput
    from inspect_ai.scorer import CORRECT, Target, choice, match
    from inspect_ai.solver import TaskState, multiple_choice

    output = ModelOutput.from_content("mockllm/model", text)
    state = TaskState(
        model="mockllm/model", sample_id=1, epoch=1, input="?", messages=[ChatMessageUser(content="?")],
        choices=choices or None, output=output,
    )  # fmt: skip
    if not choices:
        return bool((await match(numeric=True)(state, Target(gold))).value == CORRECT)

    async def reply(asked: Any, **_: Any) -> Any:
        asked.output = output
        return asked

    state = await multiple_choice()(state, reply)
    return bool((await choice()(state, Target(chr(ord("A") + choices.index(gold))))).value == CORRECT)


def differences(harness: str, verdicts: dict[int, bool]) -> None:
    """Compare what differs with what is listed as differing."""
    found = {number for number, verdict in verdicts.items() if verdict is not judged(ROWS[number])}
    listed = {number for number, row in enumerate(ROWS) if harness in row.get("differs", {})}
    assert found == listed


@needs_inspect
async def test_each_difference_from_inspect_is_listed() -> None:
    asked = {n: row for n, row in enumerate(ROWS) if row["kind"] != "text"}
    differences(
        "inspect", {n: await inspect_says(row["output"], row["expected"], row["choices"]) for n, row in asked.items()}
    )


def test_each_difference_from_lm_eval_is_listed() -> None:
    differences("lm_eval", {number: lm_eval(row["output"], row["expected"]) for number, row in NUMBERS})


@pytest.mark.parametrize("pattern", [STRICT, COT])
def test_what_strict_extraction_takes_for_right_is_right_here(pattern: str) -> None:
    taken = [row for _, row in NUMBERS if lm_eval(row["output"], row["expected"], pattern, 0)]
    assert taken
    assert all(judged(row) or "unread" in row for row in taken)


def test_no_difference_makes_an_answer_right_that_the_label_calls_wrong() -> None:
    differing = [row for row in ROWS if "differs" in row]
    assert all(row["right"] for row in differing if judged(row))


def our_verdict(item: Item, reply: str) -> bool:
    given = reply_answer(reply, item.answer_kind, item.choices)
    return given is not None and reads_as(given, item.answer_kind, item.choices) and is_right(item, given)


def _wrong(item: Item) -> str:
    if item.choices:
        return next(one for one in item.choices if one != item.answer)
    return str(int(item.answer.replace(",", "")) + 1)


FORMS: dict[str, Callable[[str], str]] = {
    "strict": "So it is.\n#### {}".format,
    "cot": "3 and 4. The answer is {}.".format,
    "label": "So it is.\nANSWER: {}".format,
}


@needs_samples
@pytest.mark.parametrize("form", FORMS)
def test_every_answer_of_gsm8k_gets_lm_evals_verdict(form: str) -> None:
    for item in load_items(SAMPLES / "gsm8k_test.jsonl", "gsm8k"):
        for given in (item.answer, _wrong(item)):
            reply = FORMS[form](given)
            assert our_verdict(item, reply) is lm_eval(reply, item.answer) is (given == item.answer)


@needs_samples
def test_solutions_of_real_models_get_lm_evals_verdict() -> None:
    differing = []
    for line in (SAMPLES / "judge_gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        gold = row["ground_truth"].rpartition("A: ")[2].strip()
        for author in ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"):
            last = row[author]["solution"].rpartition("A: ")[2]
            reply = f"#### {last}"
            ours = our_verdict(Item(question="?", answer=gold), reply)
            assert ours is row[author]["is_correct"]
            if ours is not lm_eval(reply, gold):
                differing.append((last, gold))
    assert differing == []


@needs_samples
@needs_inspect
async def test_every_letter_of_the_medical_sets_gets_inspects_verdict() -> None:
    for file, form in (
        ("medqa_4options", "medqa"),
        ("medmcqa", "medmcqa"),
        ("pubmedqa", "pubmedqa"),
        ("mmlu_medical", "mmlu"),
    ):
        for item in load_items(SAMPLES / f"{file}.jsonl", form):
            if len(set(item.choices)) < len(item.choices):
                continue  # two letters of one text: the same option here, two there
            for given in (item.answer, _wrong(item)):
                reply = f"So it is.\nANSWER: {chr(ord('A') + item.choices.index(given))}"
                theirs = await inspect_says(reply, item.answer, list(item.choices))
                assert our_verdict(item, reply) is theirs is (given == item.answer)
