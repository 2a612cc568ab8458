"""Stories must be many, unlike each other, and readable back into the truth."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from random import Random

from evals.mock_server.server import Script
from evals.mock_server.word_problems import WORDS, compose, read
from evals.mock_server.word_programs import fit_steps, other_program, own_names, solve_program, stated_inputs
from tools.inputs.kinds import Input
from tools.inputs.numerals import input_faults
from tools.steps.faults import step_faults


def printed(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()


def masked_trigrams(text: str) -> set[tuple[str, ...]]:
    words = ["#" if word.isdigit() else word for word in re.findall(r"\w+", text.casefold())]
    return set(zip(words, words[1:], words[2:], strict=False))


def test_hundreds_of_questions_look_unlike_each_other() -> None:
    script = Script()
    questions = [script.problem(seed, 1).text for seed in range(400)]
    grams = [masked_trigrams(question) for question in questions]
    near = [pair for pair in combinations(range(400), 2) if _jaccard(grams[pair[0]], grams[pair[1]]) >= 0.4]
    assert len(set(questions)) == 400
    assert len({index for _, index in near}) <= 8, [questions[index] for index in near[0]]


def _jaccard(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)


def test_truth_read_from_the_text_is_what_the_program_prints() -> None:
    for steps in range(2, 9):
        for number in range(60):
            problem = compose(f"truth {number}", steps)
            found = read(problem.text)
            assert found is not None, problem.text
            assert found.operations == problem.operations, problem.text
            assert read("  " + problem.text.upper().replace(" ", " \n ")) is not None
            assert problem.answer > 0
            assert 1 <= len(problem.working) <= steps + 1
    problems, runs = [compose(f"run {number}", 5) for number in range(40)], []
    for problem in problems:
        inputs = stated_inputs(problem.text)
        names, call = own_names(inputs), {one["name"]: int(one["value"]) for one in inputs}
        for write in (solve_program, other_program):
            runs.append(f"exec({write(problem, list(names), names)!r})\nprint(solve(**{call}))")
    assert printed("\n".join(runs)).split() == [str(problem.answer) for problem in problems for _ in range(2)]


def test_every_number_of_a_story_is_an_input_and_steps_are_in_order() -> None:
    for number in range(200):
        problem = compose(f"inputs {number}", 2 + number % 7)
        for text in (problem.text, problem.text.upper(), problem.text.replace(" ", "  ")):
            inputs = [Input.model_validate(one) for one in stated_inputs(text)]
            assert input_faults(text, inputs) == []
        for story in (problem, problem.without_a_step(Random(number))):
            steps = fit_steps(story.working, 2 + number % 5)
            assert step_faults(steps, str(story.answer), "number") == []
            assert abs(len(steps) - 2 - number % 5) <= 1
        assert story.answer != problem.answer


def test_text_that_is_no_story_has_no_truth() -> None:
    script = Script()
    text = script.problem(5, 1).text
    assert script.truth(text) is not None
    assert script.truth("What is 2 + 2?") is None
    assert script.truth(text.replace(". ", ". A second clerk saw 5 of them. ", 1)) is None
    assert script.truth(re.sub(r"[^.]*\?$|Find.*$|Work.*$", "", text)) is None


def test_each_operation_has_wordings_of_its_own() -> None:
    cores = [core for part in ("openings", "steps", "asks") for group in WORDS[part].values() for core in group]
    assert len(cores) >= 100
    assert len(set(cores)) == len(cores)
    asides = [text for group in WORDS["asides"].values() for text in group]
    assert not [text for text in asides if re.search(r"\d|\{[nm]\}|\.", text)]
