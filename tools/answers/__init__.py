"""Compare answers by computation; no model has a say here.

One comparison serves the whole project: whether what a model wrote is the stated answer (`same_answer`, and
`answers_agree` where a sandbox is at hand), whether it can be read at all (`reads_as`), and where in a reply the answer
stands (`reply_answer`, and `final_answer` where it must be marked). Text is only ever parsed, never
evaluated in this process: `sympify` and `eval` run code. What two programs returned is compared in
`tools.programs.values`.
"""

from tools.answers.choices import read_choice, same_choice
from tools.answers.compare import answers_agree, reads_as, reply_answer, same_answer, same_expression, same_number
from tools.answers.formulas.sandboxed import compare_expressions
from tools.answers.kinds import EXACT, AnswerKind, Tolerance
from tools.answers.numbers import read_number
from tools.answers.reply import final_answer
from tools.answers.texts import normalise_question, plain, same_text

__all__ = [
    "EXACT",
    "AnswerKind",
    "Tolerance",
    "answers_agree",
    "compare_expressions",
    "final_answer",
    "normalise_question",
    "plain",
    "read_choice",
    "read_number",
    "reads_as",
    "reply_answer",
    "same_answer",
    "same_choice",
    "same_expression",
    "same_number",
    "same_text",
]
