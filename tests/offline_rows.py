"""Rows as a run would write them, made from the offline families: real questions, programs and evidence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from typing import Any

from langchain_core.messages import HumanMessage

from agents.offline.attacker import OfflineAttacker
from agents.offline.families import all_families, topics
from agents.offline.stories.reading import read
from agents.offline.stories.solving import own_program
from agents.records import SEATS, Brief, Proof, Question, SeatName, SeatUsage
from agents.rows import Survivor
from graph.question.proof import prove, seed_of
from graph.question.state import CandidateState
from graph.question.survivor import build_survivor, novelty_item, program_run
from prompts.domain import domain_names, load_domain
from prompts.render import fence
from tools.inputs.kinds import read_input, wire
from tools.judge_tools.python import run_python
from tools.novelty.port import Novelty
from tools.programs.solve import call_solve
from tools.programs.values import Value
from tools.sandbox.port import Limits, Sandbox

MODELS: dict[SeatName, str] = {"attacker": "offline:attacker", "defender": "openai:d", "judge": "openai:j"}
GRADE = {"correctness": 5, "rigor": 4, "structure": 5, "completeness": 4, "clarity": 4}


async def offline_rows(sandbox: Sandbox, gate: Novelty) -> AsyncIterator[Survivor]:
    """Give rows without end, all domains in turn, with what a Defender can have done: wrong, wrong at times, right."""
    for index in count():
        domain = load_domain(domain_names()[index % len(domain_names())])
        written = topics(domain.name)
        topic = sorted(written)[index % len(written)]
        hops = sorted(set().union(*written[topic].values()) - {1})
        brief = Brief(domain=domain.name, topic=topic, skill="any", hops=hops[index % len(hops)], seed=index)
        asked = fence("brief", brief.model_dump())
        question = Question.model_validate_json(OfflineAttacker().invoke([HumanMessage(asked)]).text)
        state = await _judged(index, brief, question, sandbox)
        decision = await gate.admit(novelty_item(question, state["candidate"]))
        if decision.verdict != "novel":
            continue
        state["novelty"] = {
            "nearest": decision.nearest or "", "score": decision.score or 0.0, "embedder": gate.embedder,
        }  # fmt: skip
        usage = {seat: SeatUsage(calls=1, input_tokens=900, output_tokens=90, usd=0.00125) for seat in SEATS}
        yield build_survivor(state, domain, MODELS, usage, sandbox.guarantees())


async def _judged(index: int, brief: Brief, question: Question, sandbox: Sandbox) -> CandidateState:
    reading = read(question.question, all_families())
    assert reading is not None
    judge_program = own_program(reading, question.inputs)
    assert judge_program is not None
    proof = await prove(question, judge_program, sandbox, Limits(), wanted=16, seed=seed_of(question))
    assert isinstance(proof, Proof), proof
    stated = [{one.name: wire(read_input(one)) for one in question.inputs}]
    formula = question.answer_kind == "expression"
    judged = (await call_solve(sandbox, judge_program, stated, formula=formula, limits=Limits())).first
    assert isinstance(judged, Value), judged
    tried = await run_python(sandbox, {"code": f"print({index} * 7)"})
    assert tried.execution is not None
    wrong = {"steps": ["I guess."], "answer": "-987654321"}
    right = {"steps": question.steps, "answer": question.answer}
    easy = index % 4 == 3
    answers: list[dict[str, Any]] = [right] if easy else [right, wrong, wrong] if index % 3 == 0 else [wrong]
    state: dict[str, Any] = {
        "index": index,
        "candidate": f"candidate-{index}",
        "brief": brief.model_dump(),
        "question": question.model_dump(),
        "judge_program": judge_program,
        "blind_answer": judged.text,
        "proof": proof.model_dump(),
        "evidence": [program_run(tried.code, tried.execution).model_dump()],
        "answers": answers,
        "passed": sum(question.accepts(answer["answer"]) for answer in answers),
        "easy": easy,
        "review": None,
        "verdict": {
            "independent_answer": question.answer, "well_posed": True, "flaws": [], "explanation": "",
            "reference_rubric": GRADE, "defender_rubric": GRADE,
        },
    }  # fmt: skip
    return state  # type: ignore[return-value]  # what `build_survivor` and `offer` read of it
