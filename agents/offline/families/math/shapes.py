"""Families about space and measures: geometry and unit conversion."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

PLOT = Family(
    name="plot",
    topic="geometry",
    skill="composite areas",
    words={"plot": ("garden", "courtyard", "meadow", "car park", "terrace", "vineyard")},
    opening=Line(
        forms=(
            "A rectangular {plot} is {a} metres long and {b} metres wide.",
            "Surveyors mark out a rectangular {plot} of {a} by {b} metres.",
            "On the plan a {plot} forms a rectangle with sides of {a} and {b} metres.",
        ),
        sets={"area": "a * b"},
        draws={"a": range(15, 60), "b": range(10, 40)},
        why="The rectangle measures {eq} square metres.",
        check="area = sum([{b}] * {a})",
    ),
    moves=(
        Line(
            forms=(
                "A square pond with sides of {s} metres is dug out of it.",
                "A square of {s} metres a side is fenced off and lost.",
            ),
            sets={"area": "area - s ** 2"},
            draws={"s": range(3, 15)},
            why="Without a square of side {s} metres the area is {eq} square metres.",
            check="for row in range({s}):\n    area -= {s}",
        ),
        Line(
            forms=(
                "A strip of {a} by {b} metres is bought and joined to it.",
                "The neighbour sells a rectangle of {a} by {b} metres, which is added.",
            ),
            sets={"area": "area + a * b"},
            draws={"a": range(6, 40), "b": range(3, 20)},
            why="With the rectangle of {a} by {b} metres the area is {eq} square metres.",
            check="for row in range({a}):\n    area += {b}",
        ),
        Line(
            forms=(
                "A corner in the form of a right triangle with legs of {a} and {b} metres is cut off.",
                "Along a new road it loses a right triangle whose legs measure {a} and {b} metres.",
            ),
            sets={"area": "area - a * b / 2"},
            draws={"a": range(4, 30), "b": range(4, 30)},
            why="The triangle takes half of its legs' product, which leaves {eq} square metres.",
            check="area -= Fraction({a} * {b}, 2)",
        ),
        Line(
            forms=(
                "A similar shape with sides {m} times as long takes its place.",
                "The plan is drawn again with every length multiplied by {m}, and the larger shape is built.",
            ),
            sets={"area": "area * m ** 2"},
            draws={"m": range(2, 4)},
            why="Lengths times {m} mean an area of {eq} square metres.",
            check="area = area * {m} * {m}",
        ),
        Line(
            forms=(
                "{n} heirs divide it into equal parts, and one part is kept.",
                "It falls into {n} equal lots, of which one is kept.",
            ),
            sets={"area": "area / n"},
            draws={"n": range(2, 7)},
            why="One of {n} equal parts measures {eq} square metres.",
            check="area = Fraction(area, {n})",
        ),
    ),
    closing=Line(
        forms=(
            "How many square metres remain?",
            "What is the final area in square metres?",
            "Find the area in square metres after all this.",
        ),
        check="return area",
    ),
    answer="area",
    largest=100_000,
)

BRICK = Family(
    name="block",
    topic="geometry",
    skill="surface and volume",
    words={"stuff": ("clay", "wax", "ice", "concrete", "soap", "chocolate")},
    opening=Line(
        forms=(
            "A block of {stuff} measures {a} by {b} by {c} centimetres.",
            "Somebody casts {stuff} into a block that is {a} centimetres long, {b} wide and {c} high.",
            "There is a block of {stuff} with edges of {a}, {b} and {c} centimetres.",
        ),
        sets={"volume": "a * b * c"},
        draws={"a": range(8, 30), "b": range(6, 25), "c": range(4, 20)},
        why="The block of {stuff} has a volume of {eq} cubic centimetres.",
        check="volume = sum({b} * {c} for _ in range({a}))",
    ),
    moves=(
        Line(
            forms=(
                "A cube with edges of {s} centimetres is cut away.",
                "Somebody breaks off a cube of {s} centimetres an edge.",
            ),
            sets={"volume": "volume - s ** 3"},
            draws={"s": range(3, 12)},
            why="Without a cube of edge {s} centimetres the volume is {eq} cubic centimetres.",
            check="for layer in range({s}):\n    volume -= {s} * {s}",
        ),
        Line(
            forms=(
                "A plate of {stuff}, {a} by {b} centimetres and {c} thick, is melted on.",
                "To it comes a slab with edges of {a}, {b} and {c} centimetres.",
            ),
            sets={"volume": "volume + a * b * c"},
            draws={"a": range(5, 20), "b": range(4, 15), "c": range(2, 6)},
            why="The added piece makes the volume {eq} cubic centimetres.",
            check="for layer in range({c}):\n    volume += {a} * {b}",
        ),
        Line(
            forms=(
                "{n} round holes of {v} cubic centimetres each are drilled.",
                "Drilling {n} holes takes {v} cubic centimetres a hole.",
            ),
            sets={"volume": "volume - n * v"},
            draws={"n": range(2, 10), "v": range(6, 50)},
            why="The holes leave {eq} cubic centimetres.",
            check="for _ in range({n}):\n    volume -= {v}",
        ),
        Line(
            forms=(
                "It is cut into {n} equal pieces, and {k} of them are kept.",
                "Of {n} equal pieces only {k} stay on the table.",
            ),
            sets={"volume": "volume * k / n"},
            draws={"n": range(4, 10), "k": range(2, 4)},
            needs=(("k", "n"),),
            why="Keeping {k} of {n} equal pieces leaves {eq} cubic centimetres.",
            check="assert {k} <= {n}\nvolume = sum([Fraction(volume, {n})] * {k})",
        ),
    ),
    closing=Line(
        forms=(
            "How many cubic centimetres of {stuff} are left?",
            "What volume remains, in cubic centimetres?",
            "Find the last volume in cubic centimetres.",
        ),
        check="return volume",
    ),
    answer="volume",
    largest=60_000,
)

KITCHEN = Family(
    name="kitchen",
    topic="unit conversion",
    skill="compound units",
    words={
        "good": ("flour", "sugar", "oats", "lentils", "barley", "salt"),
        "who": ("A baker", "A canteen", "A camp cook", "A mill shop"),
    },
    opening=Line(
        forms=(
            "{who} has {a} kilograms and {g} grams of {good}.",
            "{who} weighs the {good}: {a} kilograms and {g} grams.",
            "{who} finds a sack in which {a} kilograms and {g} grams of {good} are left.",
        ),
        sets={"grams": "a * 1000 + g"},
        draws={"a": range(4, 30), "g": range(50, 1000, 10)},
        why="In grams, the {good} at the start weighs {eq} grams.",
        check="grams = 1000 * {a} + {g}",
    ),
    moves=(
        Line(
            forms=("{n} bags of {k} grams are added.", "A delivery of {n} bags with {k} grams each is tipped in."),
            sets={"grams": "grams + n * k"},
            draws={"n": range(6, 40), "k": range(120, 800, 10)},
            why="Adding {n} bags of {k} grams makes {eq} grams.",
            check="for _ in range({n}):\n    grams += {k}",
        ),
        Line(
            forms=("{k} kilograms and {g} grams are sold.", "A customer carries off {k} kilograms and {g} grams."),
            sets={"grams": "grams - (k * 1000 + g)"},
            draws={"k": range(1, 9), "g": range(50, 1000, 10)},
            why="Taking {k} kilograms and {g} grams away leaves {eq} grams.",
            check="grams -= {g}\nfor _ in range({k}):\n    grams -= 1000",
        ),
        Line(
            forms=(
                "{d} days pass, on each of which {n} loaves take {k} grams apiece.",
                "For {d} days, {n} portions of {k} grams are used a day.",
            ),
            sets={"grams": "grams - d * n * k"},
            draws={"d": range(2, 7), "n": range(3, 20), "k": range(20, 90, 5)},
            why="Using {n} times {k} grams on {d} days leaves {eq} grams.",
            check="for _ in range({d} * {n}):\n    grams -= {k}",
        ),
        Line(
            forms=(
                "A load of {k} kilograms is shared evenly by {n} shops, and one share comes on top.",
                "One of {n} equal shares of {k} kilograms is added.",
            ),
            sets={"grams": "grams + k * 1000 / n"},
            draws={"k": range(4, 60), "n": (2, 4, 5, 8, 10)},
            why="A share of {k} kilograms more makes {eq} grams.",
            check="share, rest = divmod({k} * 1000, {n})\nassert rest == 0\ngrams += share",
        ),
    ),
    closing=Line(
        forms=(
            "How many grams of {good} are there now?",
            "What does the {good} weigh in the end, in grams?",
            "State the last weight in grams.",
        ),
        check="return grams",
    ),
    answer="grams",
    largest=900_000,
)

SHIFT = Family(
    name="shift",
    topic="unit conversion",
    skill="time and pace",
    words={"machine": ("printer", "loom", "press", "telescope", "server", "kiln")},
    opening=Line(
        forms=(
            "A {machine} has run for {h} hours and {m} minutes.",
            "The counter of a {machine} stands at {h} hours and {m} minutes.",
            "Until now a {machine} was in use for {h} hours and {m} minutes.",
        ),
        sets={"seconds": "(h * 60 + m) * 60"},
        draws={"h": range(2, 20), "m": range(3, 60)},
        why="In seconds, the {machine} has run for {eq} seconds.",
        check="from datetime import timedelta\nrun = timedelta(hours={h}, minutes={m})",
    ),
    moves=(
        Line(
            forms=(
                "{n} jobs of {m} minutes and {s} seconds follow.",
                "It does {n} jobs, each lasting {m} minutes and {s} seconds.",
            ),
            sets={"seconds": "seconds + n * (m * 60 + s)"},
            draws={"n": range(3, 20), "m": range(2, 30), "s": range(5, 60)},
            why="The {n} jobs bring the total to {eq} seconds.",
            check="for _ in range({n}):\n    run += timedelta(minutes={m}, seconds={s})",
        ),
        Line(
            forms=(
                "{h} hours and {m} minutes turn out to be standby and are taken off.",
                "An error is corrected by taking off {h} hours and {m} minutes.",
            ),
            sets={"seconds": "seconds - (h * 60 + m) * 60"},
            draws={"h": range(1, 7), "m": range(3, 60)},
            why="Taking {h} hours and {m} minutes off leaves {eq} seconds.",
            check="run -= timedelta(hours={h}, minutes={m})\nassert run >= timedelta()",
        ),
        Line(
            forms=(
                "Over {d} days it runs {m} minutes a day.",
                "A test lasts {d} days with {m} minutes of running on each.",
            ),
            sets={"seconds": "seconds + d * m * 60"},
            draws={"d": range(3, 15), "m": range(12, 120)},
            why="Running {m} minutes on {d} days makes {eq} seconds.",
            check="for _ in range({d}):\n    run += timedelta(minutes={m})",
        ),
        Line(
            forms=(
                "The time is divided evenly among {n} users, and one user goes on with a single share.",
                "One share of {n} equal shares of the time is kept on the counter.",
            ),
            sets={"seconds": "seconds / n"},
            draws={"n": range(2, 7)},
            why="One of {n} shares is {eq} seconds.",
            check="assert not run % timedelta(seconds={n})\nrun = run / {n}",
        ),
    ),
    closing=Line(
        forms=(
            "How many seconds does the counter show?",
            "What is the final running time in seconds?",
            "Give the time at the end in seconds.",
        ),
        check="return Fraction(run.days) * 86400 + run.seconds",
    ),
    answer="seconds",
    largest=900_000,
)

FAMILIES = (PLOT, BRICK, KITCHEN, SHIFT)
