"""Families about chance: probability."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

MARBLES = Family(
    name="marbles",
    topic="probability",
    skill="draws without replacement",
    words={
        "box": ("bag", "drawer", "pot", "basket", "jar"),
        "thing": ("marbles", "buttons", "beads", "tokens", "socks"),
        "one": ("red", "green", "white", "striped"),
        "two": ("blue", "black", "yellow", "spotted"),
    },
    opening=Line(
        forms=(
            "A {box} holds {a} {one} {thing} and {b} {two} {thing}.",
            "There are {a} {one} and {b} {two} {thing} in a {box}.",
            "Into an empty {box} go {b} {two} {thing} together with {a} {one} ones.",
        ),
        sets={"wanted": "a", "others": "b"},
        draws={"a": range(4, 16), "b": range(4, 16)},
        check="wanted, others = {a}, {b}",
    ),
    moves=(
        Line(
            forms=("{k} more {one} {thing} are dropped into the {box}.", "Somebody adds {k} {one} {thing}."),
            sets={"wanted": "wanted + k"},
            draws={"k": range(2, 9)},
            why="With {k} more there are {eq} {one} {thing}.",
            check="wanted = len([*range(wanted), *range({k})])",
        ),
        Line(
            forms=("{k} more {two} {thing} are dropped into the {box}.", "Somebody adds {k} {two} {thing}."),
            sets={"others": "others + k"},
            draws={"k": range(2, 9)},
            why="With {k} more there are {eq} {two} {thing}.",
            check="others = len([*range(others), *range({k})])",
        ),
        Line(
            forms=("A child takes {k} of the {one} {thing} away.", "{k} {one} {thing} break and are removed."),
            sets={"wanted": "wanted - k"},
            draws={"k": range(2, 7)},
            why="Without {k} of them {eq} {one} {thing} remain.",
            check="assert {k} <= wanted\nwanted = len(range({k}, wanted))",
        ),
        Line(
            forms=("A child takes {k} of the {two} {thing} away.", "{k} {two} {thing} break and are removed."),
            sets={"others": "others - k"},
            draws={"k": range(2, 7)},
            why="Without {k} of them {eq} {two} {thing} remain.",
            check="assert {k} <= others\nothers = len(range({k}, others))",
        ),
    ),
    closing=Line(
        forms=(
            "Two {thing} are drawn one after the other, and none is put back; "
            "what is the exact probability that both are {one}?",
            "With what exact probability are two {thing}, drawn at once, both {one}?",
            "Find the exact probability that two {thing}, drawn in a row with nothing put back, are both {one}.",
        ),
        sets={"chance": "wanted * (wanted - 1) / ((wanted + others) * (wanted + others - 1))"},
        why="The ordered ways to draw two {one} {thing} over all ordered ways give {eq}.",
        constants={"drawn": 2},
        check="from math import comb\nreturn Fraction(comb(wanted, {drawn}), comb(wanted + others, {drawn}))",
    ),
    answer="chance",
    kind="expression",
    digits=None,
    largest=4_000,
)

GATES = Family(
    name="gates",
    topic="probability",
    skill="conditional probability",
    words={"thing": ("parcel", "signal", "salmon", "application", "probe", "spore")},
    opening=Line(
        forms=(
            "A {thing} gets through the first barrier in {a} cases out of {b}.",
            "Out of {b} tries, a {thing} passes the first barrier {a} times on average.",
            "The first barrier lets a {thing} pass with probability {a} in {b}.",
        ),
        sets={"chance": "a / b"},
        draws={"a": range(2, 12), "b": range(7, 20)},
        needs=(("a", "b"),),
        why="The first barrier is passed with probability {eq}.",
        check="assert {a} <= {b}\nchance = 1 - Fraction({b} - {a}, {b})",
    ),
    moves=(
        Line(
            forms=(
                "The following barrier, independent of all before, lets {a} out of {b} through.",
                "A further independent barrier is passed in {a} of {b} cases.",
            ),
            sets={"chance": "chance * a / b"},
            draws={"a": range(1, 9), "b": range(3, 14)},
            needs=(("a", "b"),),
            why="Passing this one as well has probability {eq}.",
            check="assert {a} <= {b}\nchance -= chance * Fraction({b} - {a}, {b})",
        ),
        Line(
            forms=(
                "Whatever has been stopped so far is let through after all in {a} out of {b} cases.",
                "Of those stopped until now, {a} in {b} slip through by a side door.",
            ),
            sets={"chance": "chance + (1 - chance) * a / b"},
            draws={"a": range(1, 5), "b": range(5, 12)},
            needs=(("a", "b"),),
            why="Those rescued raise the probability to {eq}.",
            check="assert {a} <= {b}\nchance = 1 - (1 - chance) * (1 - Fraction({a}, {b}))",
        ),
        Line(
            forms=(
                "A fault strikes independently in {a} of {b} cases and stops everything.",
                "Lightning, which comes independently with probability {a} in {b}, ends the passage.",
            ),
            sets={"chance": "chance * (b - a) / b"},
            draws={"a": range(1, 4), "b": range(5, 12)},
            needs=(("a", "b"),),
            why="Being spared by it too has probability {eq}.",
            check="assert {a} <= {b}\nchance = chance - chance * Fraction({a}, {b})",
        ),
    ),
    closing=Line(
        forms=(
            "What is the exact probability that the {thing} gets through in the end?",
            "Give the exact probability of success as a fraction.",
            "With which exact probability does a {thing} make it?",
        ),
        check="return chance",
    ),
    answer="chance",
    kind="expression",
    digits=None,
    largest=1,
)

RAFFLE = Family(
    name="raffle",
    topic="probability",
    skill="expected value of a game",
    words={"event": ("fair", "school fete", "harvest festival", "club evening", "regatta")},
    opening=Line(
        forms=(
            "At a {event} a raffle has {n} tickets, and the prizes are worth {v} dollars together.",
            "The {event} sells {n} raffle tickets for prizes of {v} dollars in all.",
            "Prizes worth {v} dollars wait for the buyers of {n} tickets at a {event}.",
        ),
        sets={"tickets": "n", "value": "v"},
        draws={"n": range(40, 240), "v": range(100, 900)},
        check="tickets, value = {n}, {v}",
    ),
    moves=(
        Line(
            forms=(
                "{k} further prizes of {p} dollars each are given.",
                "A shop donates {k} prizes, each worth {p} dollars.",
            ),
            sets={"value": "value + k * p"},
            draws={"k": range(2, 12), "p": range(5, 40)},
            why="The new prizes raise the total value to {eq} dollars.",
            check="for _ in range({k}):\n    value += {p}",
        ),
        Line(
            forms=(
                "{k} books of {m} tickets are printed in addition.",
                "The number of tickets grows by {k} rolls of {m}.",
            ),
            sets={"tickets": "tickets + k * m"},
            draws={"k": range(2, 9), "m": range(5, 30)},
            why="The number of tickets becomes {eq}.",
            check="tickets += sum([{m}] * {k})",
        ),
        Line(
            forms=(
                "{k} tickets are lost before the sale and taken out.",
                "A puddle ruins {k} tickets, which no longer count.",
            ),
            sets={"tickets": "tickets - k"},
            draws={"k": range(3, 35)},
            why="That leaves {eq} tickets.",
            check="assert {k} <= tickets\ntickets = len(range({k}, tickets))",
        ),
        Line(
            forms=("A prize of {p} dollars is withdrawn.", "One prize, worth {p} dollars, breaks and is taken out."),
            sets={"value": "value - p"},
            draws={"p": range(10, 80)},
            why="Without that prize the value is {eq} dollars.",
            check="value -= {p}",
        ),
    ),
    closing=Line(
        forms=(
            "All tickets are equally likely; what is the exact expected win of one ticket in dollars?",
            "Exactly how many dollars does a ticket win on average?",
            "Find the exact expected value of a single ticket, in dollars.",
        ),
        sets={"mean": "value / tickets"},
        why="Sharing the value among all tickets gives {eq} dollars a ticket.",
        check="each, rest = divmod(value, tickets)\nreturn each + Fraction(rest, tickets)",
    ),
    answer="mean",
    kind="expression",
    digits=None,
    largest=20_000,
)

FAMILIES = (MARBLES, GATES, RAFFLE)
