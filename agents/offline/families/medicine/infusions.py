"""Families for medicine about amounts given: dosing. The patients are invented and the rules stated in the text."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

WEIGHT_DOSE = Family(
    name="weight dose",
    topic="dosing",
    skill="weight-based dosing with a cap",
    words={"patient": ("A child", "A toddler", "A teenager", "An adult", "A trial participant")},
    opening=Line(
        forms=(
            "{patient} who weighs {w} kg is ordered {d} mg per kg as a daily amount.",
            "{patient} of {w} kg is to get {d} mg per kg each day.",
            "{patient} has a body weight of {w} kg, and the daily amount is {d} mg per kg.",
        ),
        draws={"w": range(12, 90), "d": range(3, 40)},
        sets={"dose": "w * d"},
        why="A weight of {w} kg at {d} mg per kg makes {eq} mg.",
        check="dose = 0\nfor kilogram in range({w}):\n    dose += {d}",
    ),
    moves=(
        Line(
            forms=(
                "Poor renal function cuts the amount by {p} percent.",
                "The pharmacist lowers the amount by {p} percent.",
            ),
            draws={"p": (10, 20, 25, 30, 40, 50)},
            sets={"dose": "dose - dose * p / 100"},
            why="Lowering it by {p} percent leaves {eq} mg.",
            check="dose = Fraction(dose) * (100 - {p}) / 100",
        ),
        Line(
            forms=("{n} rescue doses of {k} mg are added.", "On top, {n} extra doses of {k} mg are given."),
            draws={"n": range(2, 6), "k": range(10, 90, 5)},
            sets={"dose": "dose + n * k"},
            why="With {n} doses of {k} mg more it is {eq} mg.",
            check="for _ in range({n}):\n    dose += {k}",
        ),
        Line(
            forms=(
                "The amount is divided into {n} equal doses, and one of them is considered from here.",
                "Of {n} equal parts of the amount, only one is given now, and only that one counts.",
            ),
            draws={"n": range(2, 7)},
            sets={"dose": "dose / n"},
            why="One of {n} equal doses is {eq} mg.",
            check="dose = Fraction(dose, {n})",
        ),
        Line(
            forms=(
                "The same is repeated for {n} days, and all of it is added up.",
                "A course of {n} days is dispensed, {n} times the present amount.",
            ),
            draws={"n": range(3, 15)},
            sets={"dose": "dose * n"},
            why="Over {n} days that makes {eq} mg.",
            check="dose = sum([dose] * {n})",
        ),
        Line(
            forms=("{k} mg are spilt.", "A syringe with {k} mg is thrown away."),
            draws={"k": range(5, 60)},
            sets={"dose": "dose - k"},
            why="Without {k} mg there remain {eq} mg.",
            check="dose = dose - {k}",
        ),
    ),
    closing=Line(
        forms=(
            "How many milligrams is that in the end?",
            "What is the final amount in mg?",
            "State the resulting amount in milligrams.",
        ),
        check="return dose",
    ),
    answer="dose",
    largest=100_000,
)

DRIP = Family(
    name="drip",
    topic="dosing",
    skill="infusion rates and concentrations",
    words={"fluid": ("saline", "dextrose solution", "Ringer's lactate", "plasma expander")},
    opening=Line(
        forms=(
            "A bag contains {v} mL of {fluid}.",
            "The nurse hangs {v} mL of {fluid}.",
            "An infusion of {fluid} starts with {v} mL in the bag.",
        ),
        draws={"v": range(400, 2000, 50)},
        sets={"volume": "v"},
        check="volume = {v}",
    ),
    moves=(
        Line(
            forms=("It runs at {r} mL an hour for {h} hours.", "For {h} hours {r} mL an hour flow out of it."),
            draws={"r": range(20, 90, 5), "h": range(2, 8)},
            sets={"volume": "volume - r * h"},
            why="After {h} hours at {r} mL an hour there are {eq} mL left.",
            check="for _ in range({h}):\n    volume -= {r}",
        ),
        Line(
            forms=(
                "{n} ampoules of {k} mL are injected into the bag.",
                "A drug is mixed in from {n} ampoules of {k} mL.",
            ),
            draws={"n": range(2, 10), "k": range(5, 35)},
            sets={"volume": "volume + n * k"},
            why="The {n} ampoules raise it to {eq} mL.",
            check="volume += sum([{k}] * {n})",
        ),
        Line(
            forms=("A second bag of {k} mL is joined to it.", "{k} mL more are connected in line."),
            draws={"k": range(100, 800, 25)},
            sets={"volume": "volume + k"},
            why="With the second bag it is {eq} mL.",
            check="volume = sum([volume, {k}])",
        ),
        Line(
            forms=("A leak loses {k} mL.", "{k} mL drip to the floor before anyone notices."),
            draws={"k": range(8, 70)},
            sets={"volume": "volume - k"},
            why="The leak leaves {eq} mL.",
            check="volume -= {k}",
        ),
    ),
    closing=Line(
        forms=(
            "The rest is to run in over {h} hours at {g} drops per mL; how many drops a minute is that exactly?",
            "At {g} drops per mL, exactly how many drops a minute empty the bag in {h} hours?",
        ),
        draws={"h": range(2, 13), "g": (10, 15, 20, 60)},
        sets={"rate": "volume * g / (h * 60)"},
        why="With {g} drops per mL over {h} hours of 60 minutes it is {eq} drops a minute.",
        check="minutes = len(range(0, {h} * 60))\nreturn Fraction(volume * {g}, minutes)",
    ),
    answer="rate",
    digits=None,
    largest=50_000,
)

SYRINGE = Family(
    name="syringe",
    topic="dosing",
    skill="infusion rates and concentrations",
    words={"drug": ("the antibiotic", "the sedative", "the vasopressor", "the study drug", "the diuretic")},
    opening=Line(
        forms=(
            "A syringe holds {m} mg of {drug} in {v} mL.",
            "Into a syringe go {m} mg of {drug}, made up to {v} mL.",
            "In {v} mL of a syringe there are {m} mg of {drug}.",
        ),
        draws={"m": range(40, 500, 10), "v": range(10, 50)},
        sets={"mass": "m", "volume": "v"},
        check="mass, volume = Fraction({m}), Fraction({v})",
    ),
    moves=(
        Line(
            forms=("{k} mL of diluent are drawn up in addition.", "It is diluted with {k} mL of saline."),
            draws={"k": range(3, 25)},
            sets={"volume": "volume + k"},
            why="The diluent makes it {eq} mL.",
            check="volume = volume + {k}",
        ),
        Line(
            forms=(
                "One part in {n} of the mixed content is given to the patient.",
                "The patient receives one of {n} equal parts of the content.",
            ),
            draws={"n": range(2, 9)},
            sets={"mass": "mass - mass / n", "volume": "volume - volume / n"},
            why="Giving one part in {n} leaves, in mg and mL, {eq}.",
            check="mass *= Fraction({n} - 1, {n})\nvolume *= Fraction({n} - 1, {n})",
        ),
        Line(
            forms=(
                "{n} vials of {k} mg in {q} mL each are added.",
                "From {n} vials, each {k} mg in {q} mL, all is drawn up.",
            ),
            draws={"n": range(2, 6), "k": range(10, 80, 5), "q": range(2, 8)},
            sets={"mass": "mass + n * k", "volume": "volume + n * q"},
            why="With the content of {n} vials there are, in mg and mL, {eq}.",
            check="for _ in range({n}):\n    mass += {k}\n    volume += {q}",
        ),
        Line(
            forms=(
                "{k} mg of powder are dissolved in it without a change of volume.",
                "Another {k} mg of dry drug dissolve in the same volume.",
            ),
            draws={"k": range(5, 90)},
            sets={"mass": "mass + k"},
            why="The powder makes it {eq} mg.",
            check="mass = sum([mass, {k}])",
        ),
    ),
    closing=Line(
        forms=(
            "What is the exact concentration in mg per mL?",
            "Exactly how many mg does one mL contain now?",
        ),
        sets={"strength": "mass / volume"},
        why="The concentration is {eq} mg per mL.",
        check="return mass / volume",
    ),
    answer="strength",
    digits=None,
    largest=50_000,
)

FAMILIES = (WEIGHT_DOSE, DRIP, SYRINGE)
