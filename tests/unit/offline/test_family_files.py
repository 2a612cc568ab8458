from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from agents.offline.families import FamilyError, load_family
from agents.offline.stories.composing import compose
from agents.offline.stories.reading import read

GOOD = """
topic = "arithmetic"
skill = "stock that grows and shrinks"
whole = true

[words]
thing = ["egg", "hen"]

[[opening]]
forms = ["A shed holds {a} {thing|a}s.", "There are {a} {thing|s} in a shed."]
draws = { a = [10, 90] }
sets = { stock = "a" }
check = "stock = {a}"

[[moves]]
forms = ["{n} more are brought.", "[Somebody|A child] brings {n} more."]
draws = { n = [3, "stock - 1"] }
steps = [{ sets = { stock = "stock + n" }, why = "With {n} more there are {eq}." }]
check = "stock = sum([stock, {n}])"

[[closings]]
forms = ["How many {thing|s} are there now?"]
answer = "stock"
check = "return stock"
"""


def family_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "math" / "shed.toml"
    path.parent.mkdir()
    path.write_text(text)
    return path


def test_a_dropped_file_is_a_family(tmp_path: Path) -> None:
    family = load_family(family_file(tmp_path, GOOD.replace("{a} {thing|a}s", "{a} {thing|s}")))
    problem = compose(family, 2, Random(1))
    assert len(problem.steps) == 2
    assert "eggs" in problem.text or "hens" in problem.text
    reading = read(problem.text, [family])
    assert reading is not None
    assert len(reading.sentences) == 4
    assert family.hops == (1, 2), "each wording of a move stands in a problem once at most"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("topic =", "topic", "not valid TOML"),
        ('topic = "arithmetic"', "", "topic: Field required"),
        ("whole = true", "wholly = true", "wholly: Extra inputs are not permitted"),
        ("a = [10, 90]", "a = [10]", r"opening.0.draws.a.*: .*write a span as \[low, high\]"),
        ("{n} more are", "{m} more are", "there is no slot 'm'"),
        ("{n} more are", "Some more are", "lacks {n}"),
        ("{thing|s} are there", "{thing|many} are there", "'many' is no manner of writing"),
        ('"stock + n"', '"stock + m"', "the formula 'stock \\+ m' names 'm', which is nowhere set"),
        ('"stock + n"', '"stock +"', "cannot read 'stock \\+'"),
        ("With {n} more", "With {k} more", "the explanation names 'k', which is nowhere set"),
        ('answer = "stock"', 'answer = "store"', "a closing asks for 'store', which no line sets"),
        ("draws = { n =", "draws = { stock =", "the slot 'stock' has the name of a quantity"),
        ('sets = { stock = "a" }', 'facts = { g = ["tally", "a"] }\nsets = { stock = "a" }', "no function 'tally'"),
    ],
)
def test_a_malformed_file_is_refused_with_the_file_the_place_and_the_fault(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    path = family_file(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(FamilyError, match=message) as refused:
        load_family(path)
    assert str(path) in str(refused.value)
