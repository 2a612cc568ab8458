"""The rules: what makes near-duplicates, what makes two questions differ, and texts in many scripts."""

from dataclasses import replace
from typing import Any

import pytest

from tools.novelty.port import DEFAULT_EMBEDDER, NoveltyItem
from tools.novelty.rules.decision import UNCALIBRATED, Neighbour, compare, decide, limits_for
from tools.novelty.rules.program_shape import program_shape
from tools.novelty.rules.question_shape import shape_of

LIMITS = limits_for(DEFAULT_EMBEDDER)
BAKERY = "A bakery sells 120 loaves at $4 each and pays $210 a day. What profit does it make in 7 days?"


def number(question: str, answer: str = "", owner: str = "new", program: str = "") -> NoveltyItem:
    return NoveltyItem(question=question, owner=owner, answer=answer, answer_kind="number", program=program)


def rule(new: NoveltyItem, stored: NoveltyItem, cosine: float, **knobs: Any) -> str | None:
    near_duplicate = compare(new, Neighbour(item=stored, cosine=cosine), LIMITS, **knobs)
    return near_duplicate.rule if near_duplicate else None


def test_spacing_case_and_a_leading_mark_do_not_make_a_new_question() -> None:
    assert rule(number("Q:  " + BAKERY.upper() + "\n"), number(BAKERY), 0.99) == "same_text"


def test_other_numbers_make_a_near_duplicate_though_the_answer_differs() -> None:
    other = BAKERY.replace("120", "95").replace("4", "6").replace("7 days", "twelve days")
    assert rule(number(other, "99"), number(BAKERY, "1890"), 0.5) == "same_words"


def test_other_names_and_things_make_a_near_duplicate_of_a_numeric_question() -> None:
    stored = number("Ann has 5 red pens and buys 7 more at the shop. How many pens does she have altogether now?")
    new = number("Piotr has 8 old coins and finds 3 more in the attic. How many coins does he have altogether now?")
    assert rule(new, stored, 0.4) in ("same_shape", "same_words")


def test_another_ask_about_the_same_story_is_novel() -> None:
    new = number(BAKERY.replace("What profit does it make in 7 days?", "How many loaves pay for one day?"), "53")
    assert rule(new, number(BAKERY, "1890"), 0.97) is None


def test_the_same_numbers_with_another_answer_ask_something_else() -> None:
    stored = number("Of 10000 newborns 4 are ill. What percentage of the people are carriers?", "3.92")
    new = number("Of 10000 men 4 show the trait. What percentage of the women are carriers?", "0.08")
    assert rule(new, stored, 0.84) is None


def test_another_finding_in_the_same_vignette_is_novel() -> None:
    options = ("Right coronary artery", "Left anterior descending artery")
    text = (
        "A 58-year-old man has had chest pain for 2 hours. The ECG shows ST elevation in {}. Which artery is blocked?"
    )
    stored = NoveltyItem(
        question=text.format("leads II, III and aVF"),
        owner="a",
        answer=options[0],
        answer_kind="choice",
        choices=options,
    )
    new = NoveltyItem(
        question=text.format("leads V1 to V4"), owner="b", answer=options[1], answer_kind="choice", choices=options
    )
    assert rule(new, stored, 0.97) is None
    older = stored.model_copy(update={"question": stored.question.replace("58", "71").replace("man", "woman")})
    assert rule(older, stored, 0.9) == "same_words"


def test_the_same_verified_answer_makes_a_near_text_a_near_duplicate() -> None:
    stored, new = number("How many pens?", "42"), number("Count the writing tools on the desk.", "42.0")
    assert rule(new, stored, 0.7) == "same_answer"
    assert rule(new, stored, 0.6) is None
    assert rule(number(new.question, "43"), stored, 0.7) is None


@pytest.mark.parametrize("answer", ["yes", "No", "0", "1", "True", "none of the above"])
def test_an_answer_that_half_of_all_questions_have_proves_nothing(answer: str) -> None:
    sides = [NoveltyItem(question=q, owner=q, answer=answer) for q in ("Is lead heavy?", "Does rain fall upward?")]
    assert rule(sides[0], sides[1], 0.8) is None


def test_letters_of_options_are_no_answers() -> None:
    stored = NoveltyItem(question="Which one?", owner="a", answer="A", answer_kind="choice", choices=("A", "B"))
    new = NoveltyItem(question="What now?", owner="b", answer="cat", answer_kind="choice", choices=("cat", "dog"))
    assert rule(new, stored, 0.8) is None


def test_the_same_numbers_make_a_twin_only_while_an_answer_is_unknown() -> None:
    stored = number("With 30 liters a minute in and 10 out, when is a tank of 900 liters full?", "45")
    text = "A reservoir takes 900 litres; 30 flow in each minute while 10 escape. How long does filling last?"
    assert rule(number(text), stored, 0.7) == "same_numbers"
    assert rule(number(text, "46"), stored, 0.7) is None


def test_strict_refuses_the_same_program_in_other_clothes() -> None:
    code = "m = 120 * 4\nn = 60 * 4 / 2\nprint((m + n - 210) * 7)"
    reskinned = "guests = 9 * 230\nchildren = 80 * 9 / 2\nprint((children + guests - 640) * 5)"
    stored, new = number("Bread?", "1", program=code), number("Films?", "2", program=reskinned)
    assert rule(new, stored, 0.2) is None
    assert rule(new, stored, 0.2, strict=True) == "same_program"
    other = number("Films?", "2", program=reskinned.replace("- 640", "* 640"))
    assert rule(other, stored, 0.2, strict=True) is None


@pytest.mark.parametrize("program", ["", "print(2 * 3)", "def broken(", "\0", "(" * 5000, "x = 1\nprint(x)"])
def test_a_program_that_says_little_has_no_shape(program: str) -> None:
    assert program_shape(program) == ""


def test_an_owner_is_never_its_own_near_duplicate_but_a_benchmark_is_always_looked_at() -> None:
    mine = Neighbour(item=number(BAKERY, owner="me"), cosine=1.0)
    assert decide(number(BAKERY, owner="me"), [mine], LIMITS).verdict == "novel"
    item = Neighbour(item=number(BAKERY, owner="me"), cosine=1.0, benchmark="gsm")
    found = decide(number(BAKERY, owner="me"), [mine, item], LIMITS)
    assert (found.verdict, found.nearest) == ("contaminated", "gsm:me")


def test_a_benchmark_item_counts_from_a_lower_cosine_on_and_comes_first() -> None:
    near = Neighbour(item=number("Something else entirely?", owner="x"), cosine=0.95)
    item = Neighbour(item=number("And another thing?", owner="17"), cosine=0.86, benchmark="gsm")
    found = decide(number(BAKERY), [near, item], LIMITS)
    assert (found.verdict, found.rule, found.nearest) == ("contaminated", "near_vector", "gsm:17")
    assert "a benchmark's question" in found.feedback


def test_a_near_question_that_passes_is_borderline() -> None:
    near = Neighbour(item=number("Something else entirely?", owner="x"), cosine=0.8)
    assert decide(number(BAKERY), [near], LIMITS).borderline
    far = replace(near, cosine=0.3)
    assert not decide(number(BAKERY), [far], LIMITS).borderline
    assert decide(number(BAKERY), [far], LIMITS).feedback == ""


def test_an_embedder_without_calibrated_limits_is_hardly_believed() -> None:
    assert limits_for("no/such") is UNCALIBRATED
    assert compare(number("One?"), Neighbour(item=number("Two?"), cosine=0.95), UNCALIBRATED) is None


@pytest.mark.parametrize(
    "text",
    [
        "一个水箱有900升，每分钟流入30升，多少分钟装满？",
        "В банке 900 литров воды, каждую минуту вытекает 30 литров. Через сколько минут она опустеет?",
        "يملأ أنبوب خزانًا سعته 900 لتر بمعدل 30 لترًا في الدقيقة. كم دقيقة يستغرق؟",
        "ถังน้ำมี 900 ลิตร ไหลออก 30 ลิตรต่อนาที ใช้เวลากี่นาที",
        "🙂🙂🙂",
        "\u200b",
        "?",
    ],
)
def test_any_script_is_compared_with_itself_and_with_another(text: str) -> None:
    new, other = number(text, "30", owner="a"), number("今天的天气怎么样？ 12 34", "7", owner="b")
    assert rule(new, number(text + " ", "30", owner="b"), 1.0) == "same_text"
    assert rule(new, other, 0.2) is None


def test_chinese_with_other_numbers_is_a_near_duplicate() -> None:
    text = "一个水箱有{}升，每分钟流入{}升，多少分钟装满？"
    assert rule(number(text.format(900, 30)), number(text.format(800, 20)), 0.5) == "same_words"


def test_numbers_are_read_by_value_and_formulas_are_left_whole() -> None:
    assert dict(shape_of("twenty five pens, 1,200 coins and 0.50 m, to two decimals").numbers) == {
        "25": 1,
        "1200": 1,
        "0.5": 1,
    }
    assert shape_of("the H2O in BRCA1 at 3 m/s^2").numbers == (("3", 1),)
