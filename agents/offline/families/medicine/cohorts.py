"""Families for medicine about populations: epidemiology."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

SCREENING = Family(
    name="screening",
    topic="epidemiology",
    skill="predictive values from prevalence",
    words={"disease": ("a latent infection", "a silent tumour", "a rare anaemia", "a thyroid disorder")},
    opening=Line(
        forms=(
            "Of the people invited to a screening, {d} have {disease} and {h} do not.",
            "{d} people with {disease} and {h} without it are invited to a screening.",
            "A screening reaches {h} healthy people and {d} with {disease}.",
        ),
        draws={"d": range(20, 200, 5), "h": range(300, 3000, 20)},
        sets={"ill": "d", "healthy": "h"},
        check="ill, healthy = Fraction({d}), Fraction({h})",
    ),
    moves=(
        Line(
            forms=("{k} more people who have it join.", "A clinic sends {k} further people who have it."),
            draws={"k": range(5, 60)},
            sets={"ill": "ill + k"},
            why="That makes {eq} people with the disease.",
            check="ill = sum([ill, {k}])",
        ),
        Line(
            forms=("{n} offices send {k} healthy people each.", "From {n} schools come {k} healthy people apiece."),
            draws={"n": range(3, 15), "k": range(10, 70)},
            sets={"healthy": "healthy + n * k"},
            why="That makes {eq} people without the disease.",
            check="for _ in range({n}):\n    healthy += {k}",
        ),
        Line(
            forms=("Of the healthy, {p} percent do not turn up.", "The healthy stay away in {p} percent of cases."),
            draws={"p": (5, 10, 15, 20, 25, 30)},
            sets={"healthy": "healthy - healthy * p / 100"},
            why="Without {p} percent there are {eq} healthy people.",
            check="healthy *= Fraction(100 - {p}, 100)",
        ),
        Line(
            forms=(
                "One in {n} of those who have it is treated elsewhere and leaves.",
                "Of those who have it, one in {n} drops out.",
            ),
            draws={"n": range(3, 9)},
            sets={"ill": "ill - ill / n"},
            why="Without one in {n} there are {eq} people with the disease.",
            check="ill = ill / {n} * ({n} - 1)",
        ),
    ),
    closing=Line(
        forms=(
            "The test has a sensitivity of {s} percent and a specificity of {t} percent; what is its exact positive "
            "predictive value here?",
            "With sensitivity {s} percent and specificity {t} percent, what exact share of positive results is right?",
        ),
        draws={"s": range(70, 100), "t": range(80, 100)},
        sets={"value": "ill * s / (ill * s + healthy * (100 - t))"},
        why="True positives over all positives, both times 100, give {eq}.",
        check="right = ill * Fraction({s}, 100)\nwrong = healthy - healthy * Fraction({t}, 100)\n"
        "return 1 - wrong / (right + wrong)",
    ),
    answer="value",
    digits=None,
    largest=20_000,
)

TRIAL = Family(
    name="trial",
    topic="epidemiology",
    skill="number needed to treat from trial counts",
    words={"drug": ("a statin", "a vaccine", "an anticoagulant", "a new inhaler", "a lozenge")},
    opening=Line(
        forms=(
            "In a trial of {drug}, {e} of {n} treated people and {f} of {m} controls fall ill.",
            "A trial of {drug} counts {e} cases among {n} treated and {f} among {m} controls.",
            "Of {n} people on {drug}, {e} fall ill; of {m} controls, {f} do.",
        ),
        draws={"e": range(4, 30), "n": range(150, 420, 10), "f": range(40, 120), "m": range(150, 420, 10)},
        sets={"cases": "e", "treated": "n", "events": "f", "controls": "m"},
        check="arms = [[{e}, {n}], [{f}, {m}]]",
    ),
    moves=(
        Line(
            forms=("A late report adds {k} cases among the treated.", "{k} further treated people fall ill."),
            draws={"k": range(1, 8)},
            sets={"cases": "cases + k"},
            why="That makes {eq} cases among the treated.",
            check="arms[0][0] += {k}",
        ),
        Line(
            forms=(
                "{s} sites add {k} treated people each, all well.",
                "The treated arm grows by {s} groups of {k}, who all stay well.",
            ),
            draws={"s": range(2, 7), "k": range(8, 30)},
            sets={"treated": "treated + s * k"},
            why="The treated arm grows to {eq} people.",
            check="for _ in range({s}):\n    arms[0][1] += {k}",
        ),
        Line(
            forms=(
                "{s} sites add {k} controls each, all well.",
                "The control arm grows by {s} groups of {k}, who all stay well.",
            ),
            draws={"s": range(2, 6), "k": range(5, 20)},
            sets={"controls": "controls + s * k"},
            why="The control arm grows to {eq} people.",
            check="for _ in range({s}):\n    arms[1][1] += {k}",
        ),
        Line(
            forms=(
                "{k} cases among the controls are withdrawn as errors, though the people stay in.",
                "For {k} controls the diagnosis is revoked, so they count as well.",
            ),
            draws={"k": range(2, 12)},
            sets={"events": "events - k"},
            why="That leaves {eq} cases among the controls.",
            check="arms[1][0] -= {k}\nassert arms[1][0] >= 0",
        ),
    ),
    closing=Line(
        forms=(
            "What is the exact number needed to treat, without rounding?",
            "Give the number needed to treat as an exact fraction.",
        ),
        sets={"nnt": "1 / (events / controls - cases / treated)"},
        needs=(("cases", "treated"), ("events", "controls")),
        why="One over the difference of the two risks is {eq}.",
        check="treated, control = [Fraction(ill, size) for ill, size in arms]\n"
        "assert 0 <= treated < control <= 1\nreturn (control - treated) ** -1",
    ),
    answer="nnt",
    digits=None,
    largest=3_000,
)

INCIDENCE = Family(
    name="incidence",
    topic="epidemiology",
    skill="standardised rates",
    words={
        "region": ("a coastal county", "a mining town", "a string of suburbs", "a mountain canton", "a river delta")
    },
    opening=Line(
        forms=(
            "A cohort in {region} has {c} cases in {p} person-years.",
            "In {region}, {p} person-years of follow-up bring {c} cases.",
            "Registers of {region} hold {c} cases and {p} person-years.",
        ),
        draws={"c": range(12, 140), "p": range(400, 5000, 20)},
        sets={"cases": "c", "years": "p"},
        check="cases, years = {c}, {p}",
    ),
    moves=(
        Line(
            forms=("{n} people are followed for {y} more years.", "Follow-up of {n} people goes on for {y} years."),
            draws={"n": range(30, 300), "y": range(2, 9)},
            sets={"years": "years + n * y"},
            why="Following {n} people for {y} years makes {eq} person-years.",
            check="for _ in range({y}):\n    years += {n}",
        ),
        Line(
            forms=("{n} outbreaks bring {k} cases each.", "Each of {n} outbreaks adds {k} cases."),
            draws={"n": range(2, 7), "k": range(3, 14)},
            sets={"cases": "cases + n * k"},
            why="The outbreaks raise the number to {eq} cases.",
            check="cases += sum([{k}] * {n})",
        ),
        Line(
            forms=("{k} cases turn out to be duplicates.", "A second look strikes off {k} cases."),
            draws={"k": range(2, 11)},
            sets={"cases": "cases - k"},
            why="Striking off {k} leaves {eq} cases.",
            check="assert {k} <= cases\ncases = len(range({k}, cases))",
        ),
        Line(
            forms=(
                "{n} people move away, which takes {y} person-years each off the record.",
                "For {n} emigrants {y} person-years apiece are cancelled.",
            ),
            draws={"n": range(5, 40), "y": range(1, 5)},
            sets={"years": "years - n * y"},
            why="Without them there are {eq} person-years.",
            check="for _ in range({n}):\n    years -= {y}",
        ),
    ),
    closing=Line(
        forms=(
            "What is the exact incidence per 1000 person-years?",
            "Exactly how many cases is that per 1000 person-years?",
        ),
        sets={"rate": "cases * per / years"},
        constants={"per": 1000},
        why="Per {per} person-years the incidence is {eq}.",
        check="return Fraction(cases, years) * {per}",
    ),
    answer="rate",
    digits=None,
    largest=100_000,
)

FAMILIES = (SCREENING, TRIAL, INCIDENCE)
