"""Families for medicine at the bedside: clinical calculations. The patients are invented."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

CLEARANCE = Family(
    name="clearance",
    topic="clinical calculations",
    skill="creatinine clearance and estimated filtration rate",
    words={"man": ("A retired miner", "A fisherman", "A male teacher", "A groom", "A male nurse")},
    opening=Line(
        forms=(
            "{man} is {a} years old, weighs {w} kg and has a serum creatinine of {c} mg/dL.",
            "{man} comes with a serum creatinine of {c} mg/dL at {a} years and {w} kg.",
            "{man} aged {a} with {w} kg shows a serum creatinine of {c} mg/dL.",
        ),
        draws={"a": range(35, 80), "w": range(55, 110), "c": range(1, 6)},
        sets={"age": "a", "weight": "w", "creatinine": "c"},
        check="age, weight, creatinine = {a}, {w}, {c}",
    ),
    moves=(
        Line(
            forms=("{k} years go by.", "He is seen again {k} years later."),
            draws={"k": range(1, 9)},
            sets={"age": "age + k"},
            why="After {k} years the age is {eq} years.",
            check="for _ in range({k}):\n    age += 1",
        ),
        Line(
            forms=("He loses {k} kg.", "A diet takes {k} kg off."),
            draws={"k": range(2, 14)},
            sets={"weight": "weight - k"},
            why="Losing {k} kg leaves {eq} kg.",
            check="weight -= {k}",
        ),
        Line(
            forms=("He gains {k} kg a month for {n} months.", "In each of {n} months {k} kg are gained."),
            draws={"k": range(1, 4), "n": range(2, 7)},
            sets={"weight": "weight + n * k"},
            why="Gaining {k} kg in each of {n} months makes {eq} kg.",
            check="weight += sum([{k}] * {n})",
        ),
        Line(
            forms=(
                "His creatinine rises to {m} times its value.",
                "The laboratory now finds {m} times the creatinine.",
            ),
            draws={"m": range(2, 4)},
            sets={"creatinine": "creatinine * m"},
            why="With {m} times the value the creatinine is {eq} mg/dL.",
            check="creatinine = sum([creatinine] * {m})",
        ),
    ),
    closing=Line(
        forms=(
            "By Cockcroft and Gault, (140 - age) x weight / (72 x creatinine), what is his exact clearance in mL/min?",
            "Give his exact clearance in mL/min by (140 - age) x weight / (72 x creatinine).",
        ),
        sets={"clearance": "(top_age - age) * weight / (factor * creatinine)"},
        constants={"top_age": 140, "factor": 72},
        needs=(("age", "top_age"),),
        why="The formula gives a clearance of {eq} mL/min.",
        check="assert age <= {top_age}\nyears = len(range(age, {top_age}))\n"
        "return Fraction(years, {factor}) * weight / creatinine",
    ),
    answer="clearance",
    digits=None,
    largest=20_000,
)

ANION_GAP = Family(
    name="anion gap",
    topic="clinical calculations",
    skill="anion gap from electrolytes",
    words={"unit": ("ward", "clinic", "emergency room", "dialysis unit", "stroke unit")},
    opening=Line(
        forms=(
            "A {unit} sample shows sodium {s}, chloride {c} and bicarbonate {b} mmol/L.",
            "In the {unit}, sodium is {s}, chloride {c} and bicarbonate {b} mmol/L.",
            "Sodium {s}, chloride {c}, bicarbonate {b} mmol/L: so reads a report from the {unit}.",
        ),
        draws={"s": range(132, 150), "c": range(92, 106), "b": range(12, 24)},
        sets={"sodium": "s", "chloride": "c", "bicarbonate": "b"},
        check="sodium, chloride, bicarbonate = {s}, {c}, {b}",
    ),
    moves=(
        Line(
            forms=("Treatment lifts the bicarbonate by {k} mmol/L.", "Bicarbonate climbs by {k} mmol/L."),
            draws={"k": range(1, 6)},
            sets={"bicarbonate": "bicarbonate + k"},
            why="The bicarbonate rises to {eq} mmol/L.",
            check="for _ in range({k}):\n    bicarbonate += 1",
        ),
        Line(
            forms=("Chloride climbs by {k} mmol/L.", "Saline lifts the chloride by {k} mmol/L."),
            draws={"k": range(1, 7)},
            sets={"chloride": "chloride + k"},
            why="The chloride rises to {eq} mmol/L.",
            check="for _ in range({k}):\n    chloride += 1",
        ),
        Line(
            forms=(
                "Sodium drifts up by {k} mmol/L in each of {n} draws.",
                "Over {n} draws the sodium gains {k} mmol/L a draw.",
            ),
            draws={"k": range(1, 4), "n": range(2, 5)},
            sets={"sodium": "sodium + n * k"},
            why="The sodium rises to {eq} mmol/L.",
            check="sodium += sum([{k}] * {n})",
        ),
        Line(
            forms=("Bicarbonate falls by {k} mmol/L.", "Shock takes {k} mmol/L off the bicarbonate."),
            draws={"k": range(1, 5)},
            sets={"bicarbonate": "bicarbonate - k"},
            why="The bicarbonate falls to {eq} mmol/L.",
            check="bicarbonate -= {k}",
        ),
        Line(
            forms=("Sodium falls by {k} mmol/L.", "Free water takes {k} mmol/L off the sodium."),
            draws={"k": range(1, 6)},
            sets={"sodium": "sodium - k"},
            why="The sodium falls to {eq} mmol/L.",
            check="sodium -= {k}",
        ),
    ),
    closing=Line(
        forms=(
            "What is the anion gap, sodium less chloride and bicarbonate, in mmol/L?",
            "Give the anion gap (sodium minus the sum of chloride and bicarbonate) in mmol/L.",
        ),
        sets={"gap": "sodium - (chloride + bicarbonate)"},
        why="Sodium less the two anions gives a gap of {eq} mmol/L.",
        check="gap = sum([sodium, -chloride, -bicarbonate])\nassert gap >= 0\nreturn gap",
    ),
    answer="gap",
    largest=400,
)

BALANCE = Family(
    name="fluid balance",
    topic="clinical calculations",
    skill="fluid balance over a shift",
    words={"who": ("Patient A", "Patient B", "The first patient", "The patient by the window", "A burns patient")},
    opening=Line(
        forms=(
            "{who} has taken in {a} mL more than was lost.",
            "The chart of fluids begins for {who} with a surplus of {a} mL.",
            "{who} starts the shift {a} mL in surplus.",
        ),
        draws={"a": range(300, 1500, 10)},
        sets={"balance": "a"},
        check="balance = {a}",
    ),
    moves=(
        Line(
            forms=("An infusion of {r} mL an hour runs for {h} hours.", "Over {h} hours {r} mL an hour are infused."),
            draws={"r": range(40, 160, 5), "h": range(2, 10)},
            sets={"balance": "balance + r * h"},
            why="The infusion raises the surplus to {eq} mL.",
            check="for _ in range({h}):\n    balance += {r}",
        ),
        Line(
            forms=("Urine amounts to {r} mL an hour for {h} hours.", "For {h} hours {r} mL of urine leave every hour."),
            draws={"r": range(20, 110, 5), "h": range(2, 9)},
            sets={"balance": "balance - r * h"},
            why="Urine brings the surplus to {eq} mL.",
            check="for _ in range({h}):\n    balance -= {r}",
        ),
        Line(
            forms=("{n} drinks of {k} mL are taken.", "The tray notes {n} cups, {k} mL each."),
            draws={"n": range(2, 7), "k": range(80, 260, 10)},
            sets={"balance": "balance + n * k"},
            why="Drinking {n} times {k} mL makes the surplus {eq} mL.",
            check="balance += sum([{k}] * {n})",
        ),
        Line(
            forms=("A drain fills {n} times with {k} mL.", "{n} bottles of {k} mL come out of a drain."),
            draws={"n": range(2, 6), "k": range(40, 180, 10)},
            sets={"balance": "balance - n * k"},
            why="The drain lowers the surplus to {eq} mL.",
            check="balance -= sum([{k}] * {n})",
        ),
    ),
    closing=Line(
        forms=(
            "What is the surplus in mL at the end?",
            "How many mL of surplus does the chart close with?",
            "Give the final fluid balance in mL.",
        ),
        check="return balance",
    ),
    answer="balance",
    largest=20_000,
)

FAMILIES = (CLEARANCE, ANION_GAP, BALANCE)
