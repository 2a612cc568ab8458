"""A record is found wherever it stands in a reply; what is not one is not made into one."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from agents.models.forms.record_text import read_record
from agents.records import Answer, Verdict

ANSWER = {"steps": ["6 * 7 = 42"], "answer": "42"}
TEXT = json.dumps(ANSWER)


@pytest.mark.parametrize(
    "reply",
    [
        TEXT,
        f'<think>{{draft}} {{"steps": []}}</think>{TEXT}',
        f"<think>{TEXT}</think> Done.",
        f"```json\n{TEXT}\n```\nI used {{1, 2}}.",
        TEXT + TEXT,
        f'{{"steps": ["first"], "answer": "41"}} No, wait: {TEXT}',
        TEXT + "<|im_end|>{next}",
        f"[{TEXT}]",
        f'{{"Answer": {TEXT}}}',
        json.dumps({"name": "Answer", "arguments": TEXT}),
        '{"steps": ["6 * 7 = 42"], "answer": 42, "confidence": 1}',
        '{"steps": ["6 * 7 = 42"], "answer": "42",}',
        "{'steps': ['6 * 7 = 42'], 'answer': '42'}",
        '{"steps": ["6 * 7 = 42"], "answer": "42"',
    ],
)
def test_the_record_is_found(reply: str) -> None:
    assert read_record(reply, Answer).model_dump() == ANSWER


def test_a_raw_line_end_within_a_string_stays_one() -> None:
    assert read_record('{"steps": ["a\nb"], "answer": "42"}', Answer).steps == ["a\nb"]


def test_half_a_character_becomes_a_question_mark_and_a_whole_one_stays() -> None:
    found = read_record(r'{"steps": ["a \ud83d", "b \ud83d\ude00"], "answer": "42"}', Answer)
    assert found.steps == ["a ?", "b \U0001f600"]
    assert found.model_dump_json()


@pytest.mark.parametrize("reply", ["", "forty-two", "{}", '{"answer": "42"}', "[1, 2]", '{"steps": 3, "answer": true}'])
def test_what_is_no_record_is_refused(reply: str) -> None:
    with pytest.raises(ValidationError):
        read_record(reply, Answer)


@pytest.mark.parametrize("reply", ['{"steps": ["6 * 7"], "answer": "4', '{"steps": ["6 * 7"], "answer": 4'])
def test_a_reply_that_breaks_off_within_its_answer_is_not_mended(reply: str) -> None:
    with pytest.raises(ValidationError):
        read_record(reply, Answer)


def test_a_reply_that_was_cut_is_not_mended() -> None:
    cut = '{"steps": ["6 * 7 = 42"], "answer": "42"'
    assert read_record(cut, Answer).answer == "42"
    with pytest.raises(ValidationError):
        read_record(cut, Answer, whole=False)


def test_the_fault_that_is_told_is_that_of_the_likeliest_object() -> None:
    with pytest.raises(ValidationError) as caught:
        read_record('{"note": 1} {"independent_answer": "4", "flaws": [], "explanation": "", "well_posed": 7}', Verdict)
    assert {fault["loc"][0] for fault in caught.value.errors()} == {"well_posed", "reference_rubric", "defender_rubric"}


def test_a_file_stays_strict() -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate_json('{"steps": [], "answer": 42}')
