"""Faults of the scripted models come in the share asked for, and the same in every replay."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from agents.records import Answer, Question, Verdict
from evals.mock_server.server import Script, serve
from prompts.render import fence
from tests.service.chat import PYTHON_TOOL, asked, brief, post, printed, question_of, say, solve, structured
from tools.answers import final_answer, same_number


async def test_shares_of_wrong_answers_and_duplicates_are_as_asked() -> None:
    script = Script(wrong_answer=0.25, duplicates=0.10)
    async with serve(script) as server:
        questions = await asyncio.gather(*(question_of(server, seed) for seed in range(400)))
    truths = [script.truth(question.question) for question in questions]
    wrong = [n for n in range(400) if truths[n] != questions[n].answer]
    calls = [
        f"exec({question.program!r})\nprint(solve(**{ ({one.name: int(one.value) for one in question.inputs}) }))"
        for question in questions
    ]
    outputs = printed("\n".join(calls)).split()
    alike = [n for n in wrong if outputs[n] == questions[n].answer]
    apart = [n for n in wrong if outputs[n] == truths[n]]
    assert 75 <= len(wrong) <= 125
    assert len(alike) + len(apart) == len(wrong)
    assert 0.3 <= len(alike) / len(wrong) <= 0.7
    texts = Counter(" ".join(question.question.casefold().split()) for question in questions)
    repeats = 400 - len(texts)
    assert 25 <= repeats <= 55
    assert repeats == sum(script.plan(seed, 1) == "duplicate" for seed in range(400))
    assert len({question.question for question in questions}) > len(texts), "some repeats differ in case or spacing"


async def test_what_a_duplicate_repeats_deserved_to_be_kept() -> None:
    script = Script(wrong_answer=0.25, duplicates=0.3, defender_right=0.3)
    async with serve(script) as server:
        questions = {seed: await question_of(server, seed) for seed in range(1, 80)}
    seen = {" ".join(questions[seed].question.casefold().split()) for seed in questions if script.deserving(seed)}
    copies = [seed for seed in questions if script.plan(seed, 1) == "duplicate"]
    assert len(copies) > 10
    assert all(" ".join(questions[seed].question.casefold().split()) in seen for seed in copies)
    assert not any(script.deserving(seed) for seed in copies)


async def test_unusable_replies_are_mended_when_asked_again() -> None:
    script = Script(malformed=0.3)
    async with serve(script) as server:
        bad: list[dict[str, Any]] = []
        for seed in range(120):
            message = await say(server, "attacker", brief(seed))
            try:
                question = Question.model_validate_json(message["content"])
                if script.truth(question.question) is not None:
                    continue
            except ValidationError:
                assert script.plan(seed, 1) == "malformed"
            bad.append(message)
            again = await say(
                server, "attacker", brief(seed), message, {"role": "user", "content": "That was unusable."}
            )
            question = Question.model_validate_json(again["content"])
            assert script.truth(question.question) == question.answer
    assert 20 <= len(bad) <= 52
    assert len({message["content"] for message in bad}) == len(bad)


async def test_defender_and_judge_fail_for_the_share_asked() -> None:
    script = Script(defender_right=0.4, judge_lazy=0.2, judge_wrong=0.3, low_quality=0.3)
    counts: Counter[str] = Counter()
    async with serve(script) as server:
        for seed in range(120):
            question = await question_of(server, seed)
            given = await say(server, "defender", asked(question.question), **structured(Answer))
            counts["right"] += same_number(Answer.model_validate_json(given["content"]).answer, question.answer)
            call = await say(server, "judge", asked(question.question), tools=[PYTHON_TOOL])
            if not call.get("tool_calls"):
                counts["lazy"] += 1
                again = await say(
                    server,
                    "judge",
                    asked(question.question),
                    call,
                    {"role": "user", "content": "Run it."},
                    tools=[PYTHON_TOOL],
                )
                assert again["tool_calls"]
            else:
                counts["wrong"] += await solve(server, question.question) != question.answer
            shown = {"role": "user", "content": fence("reference", question.model_dump())}
            verdict = await say(server, "judge", shown, **structured(Verdict))
            counts["low"] += Verdict.model_validate_json(verdict["content"]).reference_rubric.mean < 2
    assert 33 <= counts["right"] <= 63
    assert 12 <= counts["lazy"] <= 36
    assert 15 <= counts["wrong"] <= 45
    assert 22 <= counts["low"] <= 50


async def test_an_obliging_attacker_writes_what_is_asked_and_a_tired_defender_fails_where_that_is_long() -> None:
    script = Script(obliging=True, defender_right=0.5, defender_tires=0.15)
    right, most = Counter[int](), 60
    async with serve(script) as server:
        for steps in (2, 5, 8):
            for seed in range(most):
                question = await question_of(server, seed, hops=steps)
                assert abs(len(question.steps) - steps) <= 1
                given = await say(server, "defender", asked(question.question), **structured(Answer))
                right[steps] += same_number(Answer.model_validate_json(given["content"]).answer, question.answer)
    assert right[2] > 0.75 * most > 0.65 * most > right[5] > 0.35 * most > 0.25 * most > right[8]


async def test_http_errors_come_in_their_share_and_not_on_the_second_try() -> None:
    async with serve(Script(http_500=0.2, http_429=0.1, retry_after_s=3)) as server:
        first = [await post(server, "attacker", brief(seed)) for seed in range(150)]
        second = [await post(server, "attacker", brief(seed)) for seed in range(150)]
    statuses = Counter(response.status_code for response in first)
    assert 17 <= statuses[500] <= 43
    assert 6 <= statuses[429] <= 25
    assert {response.headers["retry-after"] for response in first if response.status_code == 429} == {"3"}
    assert {response.status_code for response in second} == {200}
    assert "message" in next(response for response in first if response.status_code == 500).json()["error"]


async def test_replays_meet_the_same_replies_and_another_seed_meets_others() -> None:
    script = Script(wrong_answer=0.3, duplicates=0.2, malformed=0.2)

    async def replies(script: Script) -> list[str]:
        async with serve(script) as server:
            return [str((await say(server, "attacker", brief(seed)))["content"]) for seed in range(30)]

    assert await replies(script) == await replies(script)
    assert not set(await replies(script)) & set(await replies(Script(seed=2)))


async def test_rubbish_is_never_a_record() -> None:
    async with serve(Script(rubbish=True)) as server:
        for seat, message in (("attacker", brief(1)), ("defender", asked("Why?")), ("judge", asked("Why?"))):
            text = (await say(server, seat, message, tools=[PYTHON_TOOL]))["content"]
            assert "{" not in text
            assert final_answer(text) is None


def test_an_obliging_attacker_cannot_repeat_itself() -> None:
    with pytest.raises(ValidationError, match="repeats nothing"):
        Script(obliging=True, duplicates=0.1)


def test_shares_that_exclude_each_other_cannot_exceed_one() -> None:
    with pytest.raises(ValidationError, match="together at most 1"):
        Script(malformed=0.5, duplicates=0.3, wrong_answer=0.3)
