"""Stories must be many, unlike each other, and readable back into the truth."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations

from evals.mock_server.server import Script
from evals.mock_server.word_problems import WORDS, compose, read


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
    programs = [compose(f"run {number}", 5) for number in range(40)]
    script = ";".join(f"exec({problem.program!r})" for problem in programs)
    assert printed(script).split() == [str(problem.answer) for problem in programs]


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
