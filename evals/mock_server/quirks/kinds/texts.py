"""Records among other text, records that are nearly JSON, and records that deviate where it does no harm."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from evals.mock_server.quirks.call import Call
from evals.mock_server.quirks.table import quirk


@quirk(most_calls=8)
def think_with_braces(call: Call) -> Response:
    """Thoughts with braces stand before the record."""
    return call.with_text(lambda text: '<think>It wants {"question": ...}. {"answer": 1}</think>\n' + text)


@quirk(most_calls=8)
def think_closed_only(call: Call) -> Response:
    """Only the end of the thoughts is marked."""
    return call.with_text(lambda text: "Let f(x) = {x | x > 0}.\n</think>\n" + text)


@quirk(most_calls=8)
def fenced(call: Call) -> Response:
    """The record stands in a fence, with remarks."""
    return call.with_text(lambda text: f"Sure!\n```json\n{text}\n```\nHope this helps {{with joy}}!")


@quirk(most_calls=8)
def fence_and_set(call: Call) -> Response:
    """A remark with braces follows the fence."""
    return call.with_text(lambda text: f"```json\n{text}\n```\nI used the set {{1, 2, 3}}.")


@quirk(most_calls=8)
def doubled(call: Call) -> Response:
    """The record comes twice."""
    return call.with_text(lambda text: f"{text}\n{text}")


@quirk(most_calls=8)
def draft_before(call: Call) -> Response:
    """A draft that is no record stands before it."""
    return call.with_text(lambda text: '{"draft": true}\n\nFinal:\n' + text)


@quirk(most_calls=8)
def remark_object_after(call: Call) -> Response:
    """An object that is no record stands after it."""
    return call.with_text(lambda text: text + '\n{"confidence": 0.9}')


@quirk(most_calls=8)
def special_tokens(call: Call) -> Response:
    """Special tokens and another turn follow."""
    return call.with_text(lambda text: text + "<|im_end|>\n<|im_start|>user\n{next}")


@quirk(most_calls=8)
def raw_line_ends(call: Call) -> Response:
    """Line ends within strings are raw."""
    return call.with_text(lambda text: text.replace("\\n", "\n"))


@quirk(most_calls=8)
def in_a_list(call: Call) -> Response:
    """The record is the only item of a list."""
    return call.with_record(lambda record: [record])


@quirk(most_calls=8)
def under_its_name(call: Call) -> Response:
    """The record is the value of one key."""
    return call.with_record(lambda record: {"result": record})


@quirk(most_calls=8)
def as_a_call(call: Call) -> Response:
    """The record is written as a call with arguments."""
    return call.with_record(lambda record: {"name": "record", "arguments": record})


@quirk(most_calls=8)
def json_in_json(call: Call) -> Response:
    """The record is JSON within the JSON of one key."""
    return call.with_record(lambda record: {"arguments": json.dumps(record)})


@quirk(most_calls=8)
def numbers_for_texts(call: Call) -> Response:
    """Answers are numbers where texts were asked for."""

    def changed(record: dict[str, Any]) -> dict[str, Any]:
        for name in ("answer", "independent_answer"):
            if str(record.get(name, "")).isdecimal():
                record[name] = int(record[name])
        return record

    return call.with_record(changed)


@quirk(most_calls=8)
def texts_for_numbers(call: Call) -> Response:
    """Scores are texts where numbers were asked for."""

    def changed(record: dict[str, Any]) -> dict[str, Any]:
        for name in ("reference_rubric", "defender_rubric"):
            if name in record:
                record[name] = {criterion: str(score) for criterion, score in record[name].items()}
        return record

    return call.with_record(changed)


@quirk(most_calls=8)
def extra_fields(call: Call) -> Response:
    """Records have fields that nobody asked for."""
    return call.with_record(lambda record: {**record, "confidence": 0.9, "$schema": "x"})


@quirk(most_calls=8)
def null_for_lists(call: Call) -> Response:
    """Empty lists are null."""
    return call.with_record(lambda record: {name: None if value == [] else value for name, value in record.items()})


@quirk(most_calls=8)
def trailing_commas(call: Call) -> Response:
    """Objects end in a comma."""
    return call.with_text(lambda text: text[:-1] + ",}" if text.endswith("}") else text)


@quirk(most_calls=8)
def brace_missing(call: Call) -> Response:
    """The last brace is missing."""
    return call.with_text(lambda text: text.removesuffix("}"))


@quirk(most_calls=8)
def comments(call: Call) -> Response:
    """A comment stands in the object."""
    return call.with_text(lambda text: text.replace("{", "{ // the record\n", 1) if text.startswith("{") else text)


@quirk(most_calls=8)
def parts(call: Call) -> Response:
    """Content comes in parts, thoughts among them."""
    if call.message.get("content"):
        thought = {"type": "thinking", "thinking": [{"type": "text", "text": "a {draft}"}]}
        call.message["content"] = [thought, {"type": "text", "text": call.message["content"]}]
    return call.true()


@quirk(most_calls=8)
def parts_in_halves(call: Call) -> Response:
    """The text is cut into two parts."""
    if text := call.message.get("content"):
        half = len(text) // 2
        call.message["content"] = [{"type": "text", "text": text[:half]}, {"type": "text", "text": text[half:]}]
    return call.true()


@quirk(most_calls=8)
def record_in_reasoning(call: Call) -> Response:
    """The record stands in the reasoning, and the content is empty."""
    if call.message.get("content"):
        call.message["reasoning_content"] = call.message.pop("content")
        call.message["content"] = ""
    return call.true()


@quirk(most_calls=28)
def schema_ignored(call: Call) -> Response:
    """A schema is accepted and never followed."""
    return (
        call.with_text(lambda _: "Here is a fine reply without any object.") if call.form == "schema" else call.true()
    )


@quirk(stops="cut at.*--max-output-tokens", most_calls=40, give_up_after=2, max_candidates=None)
def cut_at_length(call: Call) -> Response:
    """Every reply is cut at its length."""
    call.choice.update(finish_reason="length", message={"role": "assistant", "content": '{"question": "It was the'})
    return call.true()


@quirk(most_calls=8)
def nul_characters(call: Call) -> Response:
    """Texts hold NUL characters."""
    return call.with_record(lambda record: {**record, "explanation": "a\x00b"} if "explanation" in record else record)


@quirk(most_calls=40, max_candidates=8)
def declines(call: Call) -> Response:
    """Every third message is a refusal."""
    if call.number % 3 == 1:
        call.choice["message"] = {"role": "assistant", "content": None, "refusal": "I can't assist with that."}
    return call.true()


@quirk(most_calls=40, max_candidates=8)
def filter_finish(call: Call) -> Response:
    """Every third reply was stopped by a content filter."""
    if call.number % 3 == 1:
        call.choice.update(finish_reason="content_filter", message={"role": "assistant", "content": None})
    return call.true()
