"""Families about money and shares of it: arithmetic and percent."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

PEOPLE = ("Anouk", "Bashir", "Celia", "Dario", "Ewa", "Farid", "Greta", "Hiro", "Imani", "Jonas")

CASH_BOX = Family(
    name="cash box",
    topic="arithmetic",
    skill="multi-step budgeting",
    words={"who": PEOPLE, "group": ("choir", "rowing club", "school band", "chess circle", "garden society")},
    opening=Line(
        forms=(
            "{who} keeps the cash box of the {group}, which holds {a} dollars.",
            "The {group} starts its season with {a} dollars, and {who} writes down every payment.",
            "As treasurer of the {group}, {who} counts {a} dollars before anything happens.",
        ),
        sets={"cash": "a"},
        draws={"a": range(140, 990)},
        check="cash = {a}",
    ),
    moves=(
        Line(
            forms=(
                "The members sell {n} tickets for {k} dollars each.",
                "{n} guests pay an entrance fee of {k} dollars apiece.",
            ),
            sets={"cash": "cash + n * k"},
            draws={"n": range(13, 60), "k": range(4, 18)},
            why="Taking {k} dollars {n} times brings the box to {eq} dollars.",
            check="for _ in range({n}):\n    cash += {k}",
        ),
        Line(
            forms=(
                "{n} helpers work {h} hours each and get {k} dollars an hour.",
                "For {h} hours, {n} musicians are hired, and every one costs {k} dollars an hour.",
            ),
            sets={"cash": "cash - n * h * k"},
            draws={"n": range(2, 6), "h": range(2, 6), "k": range(9, 21)},
            why="Wages for {n} people over {h} hours leave {eq} dollars.",
            check="cash -= sum([{k}] * ({n} * {h}))",
        ),
        Line(
            forms=(
                "As many music stands as possible are bought at {k} dollars each, and only the change goes back.",
                "All the money is spent on folders at {k} dollars each, as far as it reaches, and the rest is kept.",
            ),
            sets={"cash": "cash % k"},
            draws={"k": range(160, 420)},
            why="After buying as many as possible at {k} dollars, the change is {eq} dollars.",
            check="cash -= {k} * len(range({k}, cash + 1, {k}))",
        ),
        Line(
            forms=(
                "A sponsor multiplies whatever is in the box by {m}.",
                "An anonymous donor tops the box up to {m} times its content.",
            ),
            sets={"cash": "cash * m"},
            draws={"m": range(2, 5)},
            why="Multiplying the content by {m} gives {eq} dollars.",
            check="cash = sum(cash for _ in range({m}))",
        ),
        Line(
            forms=(
                "The sum is split evenly among {n} sections, and the box keeps the share of one section.",
                "Each of {n} sections gets an equal part, of which only one part stays in the box.",
            ),
            sets={"cash": "cash / n"},
            draws={"n": range(2, 8)},
            why="One of {n} equal parts is {eq} dollars.",
            check="cash, rest = divmod(cash, {n})\nassert rest == 0",
        ),
    ),
    closing=Line(
        forms=(
            "How many dollars are in the box at the end?",
            "What does {who} count after the last of these payments, in dollars?",
            "Find the final content of the cash box in dollars.",
        ),
        check="return cash",
    ),
    answer="cash",
    largest=200_000,
)

PRICE = Family(
    name="price",
    topic="percent",
    skill="successive discounts and taxes",
    words={"who": PEOPLE, "thing": ("telescope", "cello", "canoe", "greenhouse", "loom", "kiln", "projector")},
    opening=Line(
        forms=(
            "A {thing} is offered to {who} at {a} dollars.",
            "{who} follows the price of a {thing}, which begins at {a} dollars.",
            "The catalogue lists the {thing} that {who} wants at {a} dollars.",
        ),
        sets={"price": "a"},
        draws={"a": range(200, 4000, 20)},
        check="price = Fraction({a})",
    ),
    moves=(
        Line(
            forms=(
                "The shop takes {p} percent off the price of the moment.",
                "A reduction of {p} percent of the current price is granted.",
            ),
            sets={"price": "price - price * p / 100"},
            draws={"p": (5, 10, 12, 15, 20, 25, 30, 35, 40, 45)},
            why="Taking {p} percent off leaves {eq} dollars.",
            check="price *= Fraction(100 - {p}, 100)",
        ),
        Line(
            forms=(
                "The maker then puts the current price up by {p} percent.",
                "A rise of {p} percent of the price as it stands follows.",
            ),
            sets={"price": "price + price * p / 100"},
            draws={"p": (4, 5, 8, 10, 15, 20, 25, 30, 50)},
            why="A rise of {p} percent makes it {eq} dollars.",
            check="price *= Fraction(100 + {p}, 100)",
        ),
        Line(
            forms=("A voucher lowers the price by {k} dollars.", "{k} dollars are refunded for a scratch."),
            sets={"price": "price - k"},
            draws={"k": range(5, 90)},
            why="Subtracting {k} dollars gives {eq} dollars.",
            check="price = price - {k}",
        ),
        Line(
            forms=("Delivery adds {k} dollars.", "A fitting costs {k} dollars more and is put on the bill."),
            sets={"price": "price + k"},
            draws={"k": range(8, 120)},
            why="Adding {k} dollars gives {eq} dollars.",
            check="price = sum([price, {k}])",
        ),
        Line(
            forms=(
                "It turns out that this is only {p} percent of the full price, and the full price must be paid.",
                "The present price counts as {p} percent of what is finally asked, so the whole is asked.",
            ),
            sets={"price": "price * 100 / p"},
            draws={"p": (40, 50, 60, 75, 80)},
            why="If that is {p} percent, the whole is {eq} dollars.",
            check="price = price / Fraction({p}, 100)",
        ),
    ),
    closing=Line(
        forms=(
            "What does the {thing} cost in the end, in dollars?",
            "How many dollars does {who} have to pay at last?",
            "Give the final price in dollars.",
        ),
        check="return price",
    ),
    answer="price",
    digits=2,
    largest=60_000,
)

TOWN = Family(
    name="town",
    topic="percent",
    skill="change of base",
    words={"town": ("Aldmoor", "Brenfield", "Corvale", "Dunmere", "Eastholm", "Fairwick", "Glenross")},
    opening=Line(
        forms=(
            "{town} has {a} inhabitants.",
            "A census in {town} finds {a} people.",
            "The register of {town} begins with {a} names.",
        ),
        sets={"people": "a"},
        draws={"a": range(6400, 96000, 1600)},
        check="people = {a}",
    ),
    moves=(
        Line(
            forms=("Over a decade the number grows by {p} percent.", "New factories raise the number by {p} percent."),
            sets={"people": "people + people * p / 100"},
            draws={"p": (5, 10, 15, 20, 25, 30, 40)},
            why="Growth of {p} percent gives {eq} people.",
            check="people = Fraction(people * (100 + {p}), 100)",
        ),
        Line(
            forms=(
                "Hard years drive {p} percent of the people away.",
                "A flood makes {p} percent of those living there leave.",
            ),
            sets={"people": "people - people * p / 100"},
            draws={"p": (5, 10, 15, 20, 25, 40)},
            why="Losing {p} percent leaves {eq} people.",
            check="people = Fraction(people * (100 - {p}), 100)",
        ),
        Line(
            forms=(
                "{n} families of {k} move in.",
                "A new quarter with {n} houses fills up, {k} people to a house.",
            ),
            sets={"people": "people + n * k"},
            draws={"n": range(20, 200), "k": range(3, 7)},
            why="The newcomers bring the number to {eq} people.",
            check="people += sum([{k}] * {n})",
        ),
        Line(
            forms=(
                "Over {y} years, {k} more people die each year than are born.",
                "In each of {y} years, deaths exceed births by {k} people.",
            ),
            sets={"people": "people - y * k"},
            draws={"y": range(3, 20), "k": range(4, 60)},
            why="With {k} people fewer in each of {y} years there are {eq} people.",
            check="for _ in range({y}):\n    people -= {k}",
        ),
        Line(
            forms=(
                "Of the people there, only the {p} percent who work are counted from now on.",
                "The report goes on with the {p} percent of them who can vote, and forgets the others.",
            ),
            sets={"people": "people * p / 100"},
            draws={"p": (35, 40, 45, 55, 60, 65)},
            why="That part, {p} percent, is {eq} people.",
            check="people -= Fraction(people * (100 - {p}), 100)",
        ),
    ),
    closing=Line(
        forms=(
            "How many people is that in the end?",
            "Which number does the report on {town} finish with?",
            "State the last number of people.",
        ),
        check="return people",
    ),
    answer="people",
    largest=500_000,
    divisions=3,
)

FAMILIES = (CASH_BOX, PRICE, TOWN)
