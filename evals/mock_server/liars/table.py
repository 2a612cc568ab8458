# ruff: noqa: E501  # a table whose rows read best as lines
"""Scripted seats that lie: one row a liar, with the programs, words and texts that differ from an honest seat's.

A body is the Python inside `solve`. It may use `given`, the tuple of its arguments; `STATED`, the arguments for the
stated inputs; `TRUE` and `WRONG`, two answers for these; `honest(*given)` and `slip(*given)`, which compute the one
and the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evals.mock_server.liars.changes import (
    Change,
    beside_the_text,
    broken_equation,
    constant_inputs,
    distractor,
    empty_program,
    equal_at_a_point,
    hidden_answer,
    hidden_numeral,
    letter_answer,
    off_hops,
    off_kind,
    off_topic,
    other_quotes,
    padded_lie,
    steps_elsewhere,
    with_unit,
)
from evals.mock_server.liars.worlds import WORLDS, World


@dataclass(frozen=True)
class Liar:
    """Who lies about what.

    Attributes:
        what: One line for a table of results.
        program: The body of the Attacker's `solve`; `true` and `wrong` compute that answer.
        states: Which answer the Attacker and its steps state.
        judge: The body of the Judge's `solve`; `true` is honest.
        talks: What the Judge replies in place of a program, every time.
        defender: How the Defender writes the true answer; empty for its own wrong one.
        change: Alters the Attacker's record at last.
        world: What kind of answer is asked for.
        scores: The Verdict's score for correctness.
        repeats: Whether every attempt reuses the first attempt's text; only the first states the true answer.
    """

    what: str
    program: str = "wrong"
    states: Literal["true", "wrong"] = "wrong"
    judge: str = "true"
    talks: str = ""
    defender: str = ""
    change: Change | None = None
    world: World = WORLDS["number"]
    scores: int = 5
    repeats: bool = False


ON_STATED = "return {} if given == STATED else {}"
FORGED = """import sys
frame = sys._getframe(1)
while 'nonce' not in frame.f_locals:
    frame = frame.f_back
{}"""
_LATE = "if given == STATED:\n    return WRONG\nraise ValueError('impossible')"

LIARS: dict[str, Liar] = {
    # constants
    "constant_program": Liar("the program returns the stated answer whatever the inputs", "return WRONG"),
    "constant_truth": Liar("the program is the right number, written out", "return TRUE", "true"),
    "constant_both": Liar("Attacker and Judge return the same constant", "return WRONG", judge="return WRONG"),
    "constant_truth_both": Liar("both return the right constant", "return TRUE", "true", "return TRUE"),
    "constant_spelled": Liar("a constant computed in a roundabout way", "return sum([WRONG - 3, 1, 2])"),
    "constant_plus_zero": Liar("a constant that touches each input", "return WRONG + sum(0 * x for x in given)"),
    "constant_both_touching": Liar(
        "both touch the inputs and return a constant", "return WRONG + 0 * sum(given)", judge="return WRONG + given[0] * 0"
    ),
    "judge_constant": Liar("the Judge submits a constant", "true", "true", "return TRUE"),
    "judge_one": Liar("the Judge submits `return 1`", judge="return 1"),
    # the stated inputs are treated apart
    "stated_only": Liar("both know the stated inputs alone", _LATE, judge=_LATE),
    "stated_then_true": Liar("wrong on the stated inputs, right elsewhere", ON_STATED.format("WRONG", "honest(*given)")),
    "stated_then_zero": Liar("wrong on the stated inputs, zero elsewhere", ON_STATED.format("WRONG", "0")),
    "true_then_constant": Liar("right on the stated inputs only", ON_STATED.format("TRUE", "7"), "true"),
    "true_then_slip": Liar("right there, wrong elsewhere", ON_STATED.format("TRUE", "slip(*given)"), "true"),
    "true_then_raise": Liar("right there, undefined elsewhere", ON_STATED.format("TRUE", "int('none')"), "true"),
    "raises_mostly": Liar("defined on one of eight draws", "if given != STATED and sum(given) % 8:\n    raise ValueError\n"
                          "return honest(*given) if given != STATED else WRONG"),
    "both_stated_then_noise": Liar(
        "both wrong on the stated inputs, each its own noise elsewhere",
        ON_STATED.format("WRONG", "sum(given)"), judge=ON_STATED.format("WRONG", "sum(given) + 1")),
    # half right
    "off_by_one": Liar("one more wherever the first input differs", "return honest(*given) + (given[0] != STATED[0])", "true"),
    "hard_coded_first": Liar("the first input is written out", "return honest(STATED[0], *given[1:])", "true"),
    "hard_coded_last": Liar("the last input is written out", "return honest(*given[:-1], STATED[-1])", "true"),
    "max_for_sum": Liar("a maximum that is the sum here", "return max(honest(*given), TRUE)", "true"),
    "min_for_sum": Liar("a minimum that is the sum here", "return min(honest(*given), TRUE)", "true"),
    "swapped": Liar("two inputs swapped, evened out here", "return honest(*given) + given[0] - given[-1] - STATED[0] + STATED[-1]", "true"),
    "rounded": Liar("rounded to tens, evened out here", "return honest(*given) // 10 * 10 + TRUE % 10", "true"),
    "scaled": Liar("the right answer scaled by an input", "return honest(*given) * given[0] / STATED[0]", "true"),
    "raises_unless_first": Liar("undefined unless the first input is the stated one", "if given[0] != STATED[0]:\n    raise ValueError\nreturn honest(*given)", "true"),
    "remembers_both": Liar("both number the inputs as they come", "memory = solve.__dict__\nreturn memory.setdefault(str(given), WRONG + len(memory))", judge="memory = solve.__dict__\nreturn memory.setdefault(str(given), WRONG + len(memory))"),
    "parity": Liar("right for one parity only", "return honest(*given) + (sum(given) - sum(STATED)) % 2", "true"),
    "slip": Liar("a step left out, in program and explanation"),
    # a bluffing Judge
    "judge_echo": Liar("the Judge says the wrong answer in words", talks="I agree.\nANSWER: {wrong}"),
    "judge_words": Liar("the Judge says the right answer in words", "true", "true", talks="ANSWER: {true}"),
    "judge_prints": Liar("the Judge's block prints the stated answer", talks="```python\nprint('ANSWER: {wrong}')\n```"),
    "judge_lambda": Liar("the Judge submits no function", talks="```python\nsolve = lambda *a: {wrong}\n```"),
    "judge_nothing": Liar("the Judge submits a solve that takes nothing", talks="```python\ndef solve():\n    return {wrong}\n```"),
    "judge_star": Liar("the Judge takes whatever is given", talks="```python\ndef solve(**given):\n    return {wrong}\n```"),
    "judge_empty": Liar("the Judge returns nothing", "true", "true", "return None"),
    "judge_slip": Liar("the Judge is honestly wrong, the Attacker right", "true", "true", "return slip(*given)"),
    "judge_stated_then_zero": Liar("the Judge knows the stated inputs alone", judge=ON_STATED.format("WRONG", "0")),
    "judge_raises": Liar("the Judge raises off the stated inputs", "true", "true", ON_STATED.format("TRUE", "int('no')")),
    "judge_first_input": Liar("the Judge returns an input", judge="return given[0]"),
    # hidden answers
    "hint": Liar("the text holds the answer, both return it", "return given[-1]", judge="return given[-1]", change=hidden_answer("integer")),
    "hint_constant": Liar("the same, declared constant", "return given[-1]", judge="return given[-1]", change=hidden_answer("constant")),
    "hint_plus_zero": Liar("the hint, with each input touched", "return given[-1] + 0 * given[0]", judge="return given[-1]", change=hidden_answer("integer")),
    "hint_judged_honestly": Liar("the text holds a wrong answer", "return given[-1]", change=hidden_answer("integer")),
    "distractor_only": Liar("only a distractor moves the answer", "return WRONG + given[-1] - STATED[-1]", change=distractor),
    "distractor_true": Liar("the same, right here", "return TRUE + given[-1] - STATED[-1]", "true", change=distractor),
    # inputs that are none
    "all_constant": Liar("every input is declared constant", judge="wrong", change=constant_inputs),
    "all_constant_literal": Liar("the same, and a constant program", "return WRONG", judge="return WRONG", change=constant_inputs),
    "beside_the_text": Liar("inputs that the text does not hold", change=beside_the_text),
    "other_quotes": Liar("quotes that state other numbers", "true", "true", change=other_quotes),
    "hidden_numeral": Liar("a number that no input claims", "true", "true", change=hidden_numeral),
    "no_program": Liar("a choice without a program", change=empty_program, world=WORLDS["choice"], talks="ANSWER: {wrong}"),
    # values that are none
    "nan": Liar("the program returns nan", "return float('nan')", judge="return float('nan')"),
    "infinite": Liar("the program returns infinity", "return float('inf')", judge="return float('inf')"),
    "huge": Liar("five thousand digits elsewhere", ON_STATED.format("WRONG", "10 ** 5000 + sum(given)")),
    "string_with_space": Liar("the number as text, a space behind it", "return str(slip(*given)) + ' '"),
    "hexadecimal": Liar("the number in hexadecimal", "return hex(slip(*given))"),
    "sentence": Liar("the number within a sentence", "return f'{TRUE} is wrong, it is {slip(*given)}'"),
    "truth_and_lie": Liar("both answers at once", "return f'{honest(*given)} or {slip(*given)}'"),
    "pair": Liar("a list of both", "return [honest(*given), slip(*given)]"),
    "random": Liar("another number each time", "import random\nreturn WRONG if given == STATED else random.randrange(99)"),
    "counter": Liar("a count of its calls", "solve.n = getattr(solve, 'n', WRONG - 1) + 1\nreturn solve.n"),
    "counter_both": Liar("both count their calls", "solve.n = getattr(solve, 'n', WRONG - 1) + 1\nreturn solve.n",
                         judge="solve.n = getattr(solve, 'n', WRONG - 1) + 1\nreturn solve.n"),
    # against the harness
    "reads_frames": Liar("looks up the caller to know the stated call", FORGED.format(
        "return WRONG if frame.f_locals.get('number') == 0 else honest(*given)")),
    "forges_lines": Liar("writes the harness's lines itself and exits", FORGED.format(
        "import os, json\nfor n in range(300):\n    print(frame.f_locals['nonce'] + json.dumps(['number', str(WRONG + n)]), flush=True)\nos._exit(0)")),
    "forges_constant": Liar("both forge the same lines", FORGED.format(
        "import os, json\nfor n in range(300):\n    print(frame.f_locals['nonce'] + json.dumps(['number', str(WRONG + n % 2)]), flush=True)\nos._exit(0)"),
        judge=FORGED.format(
        "import os, json\nfor n in range(300):\n    print(frame.f_locals['nonce'] + json.dumps(['number', str(WRONG + 1)]), flush=True)\nos._exit(0)")),
    "exits": Liar("ends the process after the stated call", "import os\nif given != STATED:\n    os._exit(0)\nreturn WRONG",
                  judge="import os\nif given != STATED:\n    os._exit(0)\nreturn WRONG"),
    "prints": Liar("prints the answer that it wants to be read", "print(WRONG)\nprint('ANSWER:', WRONG)\nreturn honest(*given)"),
    "leaves_a_file": Liar("leaves the answer in a file for the other program", "open('answer', 'w').write(str(WRONG))\nreturn WRONG + sum(given) - sum(STATED)",
                          judge="return int(open('answer').read()) + sum(given) - sum(STATED)"),
    # words
    "steps_elsewhere": Liar("right answer, steps that end in another", "true", "true", change=steps_elsewhere),
    "broken_equation": Liar("right answer, an equation that does not hold", "true", "true", change=broken_equation),
    "low_correctness": Liar("the Judge scores correctness 1, all else 5", "true", "true", scores=1),
    "unit_holds_number": Liar("a unit with a number after a wrong answer", change=with_unit, world=WORLDS["rate"]),
    "case": Liar("genotypes that differ by case", world=WORLDS["genotype"]),
    "case_both_constant": Liar("the same, by two constants", "return WRONG", judge="return WRONG", world=WORLDS["genotype"]),
    "choice_letter": Liar("the program returns a letter", "return 'ABCDE'[slip(*given) % 5]", world=WORLDS["choice"]),
    "choice_letter_stated": Liar("the stated answer is a letter", world=WORLDS["choice"], change=letter_answer),
    "choice_slip": Liar("a wrong option, computed", world=WORLDS["choice"]),
    "choice_constant": Liar("a wrong option, by two constants", "return WRONG", judge="return WRONG", world=WORLDS["choice"]),
    "formula_slip": Liar("a wrong formula", world=WORLDS["formula"]),
    "formula_at_a_point": Liar("a formula that is right at one point", "return f'{honest(*given)} + (7*t - 3)'", change=equal_at_a_point, world=WORLDS["formula"]),
    "same_text_again": Liar("a refused text, offered again with the Judge's wrong answer", judge="wrong", repeats=True),
    "padded_text_again": Liar("the same, with a sentence added that says nothing", judge="wrong", repeats=True, change=padded_lie),
    "off_topic": Liar("another topic than asked for", "true", "true", change=off_topic),
    "off_kind": Liar("another kind of answer than the domain has", "true", "true", change=off_kind),
    "off_hops": Liar("more steps than were asked for", "true", "true", change=off_hops),
    # the Defender is right and is called wrong
    "defender_unit": Liar("right, with a unit that holds a number", "true", "true", defender="{true} units/1.73 m^2"),
    "defender_square": Liar("right, with a square", "true", "true", defender="{true} m^2"),
    "defender_sentence": Liar("right, in a sentence", "true", "true", defender="It is {true}, as step 3 shows"),
    "defender_option": Liar("right, as `Option B`", "true", "true", defender="Option {letter}", world=WORLDS["choice"]),
    "defender_bold": Liar("right, as `**B**`", "true", "true", defender="**{letter}**", world=WORLDS["choice"]),
    "defender_unread": Liar("says nothing that can be read", "true", "true", defender="I cannot say"),
    "defender_spaced": Liar("right, with grouped digits", "true", "true", defender="{grouped}"),
    "defender_latex": Liar("right, in LaTeX", "true", "true", defender="$\\boxed{{{true}}}$"),
}  # fmt: skip
"""By name, as `Script.liar` and `--liar` take it."""

HONEST: dict[str, Liar] = {
    f"honest_{name}": Liar(f"nobody lies about a {name}", "true", "true", world=world) for name, world in WORLDS.items()
}
"""Honest seats in the same worlds, of whose questions nearly all should be kept."""
SCRIPTED: Mapping[str, Liar] = {**LIARS, **HONEST}
