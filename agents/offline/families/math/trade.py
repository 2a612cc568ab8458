"""Families about quantities of goods and money: arithmetic and percent."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

PEOPLE = ("Mara", "Odhran", "Ines", "Tadeo", "Yuki", "Selma", "Bram", "Nadia")

WAREHOUSE = Family(
    name="warehouse",
    topic="arithmetic",
    skill="tracking a stock",
    words={"who": PEOPLE, "thing": ("jars", "lamps", "kettles", "bricks", "notebooks", "batteries")},
    opening=Line(
        forms=(
            "{who} runs a small warehouse that holds {a} {thing} on Monday morning.",
            "At the start of the week there are {a} {thing} in the store that {who} looks after.",
            "The stock book of {who} opens with {a} {thing}.",
        ),
        sets={"stock": "a"},
        draws={"a": range(120, 900)},
        check="stock = {a}",
    ),
    moves=(
        Line(
            forms=(
                "A lorry brings {n} crates of {k} {thing} each.",
                "Then {n} boxes arrive, every one with {k} {thing} in it.",
            ),
            sets={"stock": "stock + n * k"},
            draws={"n": range(3, 30), "k": range(6, 48)},
            why="The delivery of {n} lots of {k} raises the stock to {eq}.",
            check="stock = stock + sum([{k}] * {n})",
        ),
        Line(
            forms=("{n} shops collect {k} {thing} apiece.", "Orders of {k} {thing} go out to {n} customers."),
            sets={"stock": "stock - n * k"},
            draws={"n": range(3, 20), "k": range(5, 40)},
            why="Taking {n} orders of {k} away leaves {eq} {thing}.",
            check="for _ in range({n}):\n    stock = stock - {k}",
        ),
        Line(
            forms=("What is left is packed evenly on {n} pallets, and only one of the pallets is kept.",),
            sets={"stock": "stock / n"},
            draws={"n": range(2, 9)},
            why="One of {n} equal pallets holds {eq} {thing}.",
            check="stock, rest = divmod(stock, {n})\nassert rest == 0",
        ),
        Line(
            forms=("A second warehouse with {n} times as many {thing} is merged into it.",),
            sets={"stock": "stock + stock * n"},
            draws={"n": range(2, 5)},
            why="Merging adds {n} times the stock: {eq} {thing}.",
            check="stock = stock * ({n} + 1)",
        ),
    ),
    closing=Line(
        forms=(
            "How many {thing} are in the warehouse now?",
            "What number of {thing} does the stock book of {who} show in the end?",
        ),
        check="return stock",
    ),
    answer="stock",
)

FAMILIES = (WAREHOUSE,)
