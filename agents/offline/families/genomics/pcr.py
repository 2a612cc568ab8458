"""Families for genomics at the bench: primer and PCR design."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line
from agents.offline.stories.texts import Strands

DEGREES = {"per_weak": 2, "per_strong": 4}

WALLACE = Family(
    name="wallace",
    topic="primer and pcr design",
    skill="melting temperature by a stated formula",
    words={"target": ("barcode", "promoter", "exon", "ribosomal gene", "marker")},
    opening=Line(
        forms=(
            "By the Wallace rule (2 degrees for each A or T, 4 for each G or C), judge the {target} primer {strand}.",
            "A {target} primer reads {strand}; each A or T counts 2 degrees and each G or C counts 4.",
            "With 2 degrees for A or T and 4 degrees for G or C, take the {target} primer {strand}.",
        ),
        texts={"strand": Strands(16)},
        constants=DEGREES,
        facts={
            "weak": lambda slots: sum(base in "AT" for base in slots["strand"]),
            "strong": lambda slots: sum(base in "GC" for base in slots["strand"]),
        },
        sets={"tm": "per_weak * weak + per_strong * strong"},
        why="The primer has {weak} A or T and {strong} G or C, so its temperature is {eq} degrees.",
        code="primer = {strand}\nweak = len([base for base in primer if base in 'AT'])\n"
        "strong = len(primer.replace('A', '').replace('T', ''))\ntm = {per_weak} * weak + {per_strong} * strong",
        check="tm = sum(({per_weak} if base in 'AT' else {per_strong}) for base in {strand})",
    ),
    moves=(
        Line(
            forms=("The primer is extended by {tail}.", "{tail} is added to it and counts by the same rule."),
            texts={"tail": Strands(5)},
            constants=DEGREES,
            facts={
                "weak": lambda slots: sum(base in "AT" for base in slots["tail"]),
                "strong": lambda slots: sum(base in "GC" for base in slots["tail"]),
            },
            sets={"tm": "tm + per_weak * weak + per_strong * strong"},
            why="The extension has {weak} A or T and {strong} G or C, which gives {eq} degrees.",
            code="tail = {tail}\nweak = len([base for base in tail if base in 'AT'])\n"
            "strong = len(tail.replace('A', '').replace('T', ''))\ntm = tm + {per_weak} * weak + {per_strong} * strong",
            check="tm += sum(({per_weak} if base in 'AT' else {per_strong}) for base in {tail})",
        ),
        Line(
            forms=("{n} mismatches cost {k} degrees each.", "At {n} places it mismatches, and each takes {k} degrees."),
            draws={"n": range(2, 6), "k": range(2, 6)},
            sets={"tm": "tm - n * k"},
            why="The mismatches lower it to {eq} degrees.",
            check="for _ in range({n}):\n    tm -= {k}",
        ),
        Line(
            forms=(
                "{n} locked bases raise it by {k} degrees each.",
                "For {n} locked bases {k} degrees apiece are gained.",
            ),
            draws={"n": range(2, 7), "k": range(2, 5)},
            sets={"tm": "tm + n * k"},
            why="The locked bases raise it to {eq} degrees.",
            check="tm += sum([{k}] * {n})",
        ),
        Line(
            forms=("A solvent lowers it by {k} degrees.", "{k} degrees are taken off for the solvent."),
            draws={"k": range(2, 10)},
            sets={"tm": "tm - k"},
            why="With the solvent it is {eq} degrees.",
            check="tm = tm - {k}",
        ),
    ),
    closing=Line(
        forms=(
            "What melting temperature results, in degrees?",
            "How many degrees is the melting temperature in the end?",
            "State the final temperature in degrees.",
        ),
        check="return tm",
    ),
    answer="tm",
    largest=400,
)

COPIES = Family(
    name="copies",
    topic="primer and pcr design",
    skill="amplification efficiency and copy number",
    words={"sample": ("swab", "soil extract", "biopsy", "river sample", "leaf extract")},
    opening=Line(
        forms=(
            "A tube holds {a} template copies from a {sample}.",
            "From a {sample}, {a} copies of the template go into a tube.",
            "The reaction on a {sample} starts with {a} copies.",
        ),
        draws={"a": range(120, 3000, 12)},
        sets={"copies": "a"},
        check="copies = {a}",
    ),
    moves=(
        Line(
            forms=(
                "{c} cycles of perfect doubling are run.",
                "The cycler runs {c} cycles, each of which doubles the copies.",
            ),
            draws={"c": range(3, 9)},
            sets={"copies": "copies * doubling ** c"},
            constants={"doubling": 2},
            why="Doubling {c} times gives {eq} copies.",
            check="for _ in range({c}):\n    copies += copies",
        ),
        Line(
            forms=(
                "One part in {k} is carried over into a new tube.",
                "The tube is diluted so that one part in {k} goes on.",
            ),
            draws={"k": (2, 3, 4, 5, 6, 8, 10, 12, 16, 20)},
            sets={"copies": "copies / k"},
            why="One part in {k} holds {eq} copies.",
            check="copies, rest = divmod(copies, {k})\nassert rest == 0",
        ),
        Line(
            forms=("A spike adds {k} copies.", "{k} copies of a standard are pipetted in."),
            draws={"k": range(48, 2000, 8)},
            sets={"copies": "copies + k"},
            why="With the added copies there are {eq}.",
            check="copies = sum([copies, {k}])",
        ),
        Line(
            forms=(
                "Inhibitors stop one copy in {k} from going on.",
                "Of all copies, one in {k} is damaged and drops out.",
            ),
            draws={"k": (3, 4, 5, 6, 8)},
            sets={"copies": "copies - copies / k"},
            why="Without one in {k} there are {eq} copies.",
            check="copies, rest = divmod(copies, {k})\nassert rest == 0\ncopies *= {k} - 1",
        ),
    ),
    closing=Line(
        forms=(
            "How many copies are in the tube at the end?",
            "What is the final number of copies?",
            "Work out how many copies there are finally.",
        ),
        check="return copies",
    ),
    answer="copies",
    largest=10**9,
)

AMPLICON = Family(
    name="amplicon",
    topic="primer and pcr design",
    skill="amplicon coordinates and length",
    words={"locus": ("exon", "spacer", "insertion site", "satellite", "control region")},
    opening=Line(
        forms=(
            "Around an {locus} the forward primer starts at base {a}, and the product ends with base {b}.",
            "The product over the {locus} reaches from base {a} to base {b}, both included.",
            "Primers for the {locus} frame the bases {a} to {b}, inclusive.",
        ),
        draws={"a": range(200, 900), "b": range(1000, 2400)},
        sets={"length": "b - a + 1"},
        why="With both ends included the product is {eq} bases long.",
        check="length = len(range({a}, {b} + 1))",
    ),
    moves=(
        Line(
            forms=(
                "The two primers get tails of {t} bases each.",
                "A tail of {t} bases is put on each of the two primers.",
            ),
            draws={"t": range(6, 35)},
            sets={"length": "length + ends * t"},
            constants={"ends": 2},
            why="Two tails of {t} bases make it {eq} bases.",
            check="for primer in range({ends}):\n    length += {t}",
        ),
        Line(
            forms=(
                "The patient lacks {n} repeats of {k} bases within it.",
                "A deletion takes {n} repeats of {k} bases out.",
            ),
            draws={"n": range(2, 14), "k": range(2, 9)},
            sets={"length": "length - n * k"},
            why="Without {n} repeats of {k} bases it is {eq} bases.",
            check="for _ in range({n}):\n    length -= {k}",
        ),
        Line(
            forms=(
                "An insertion brings {n} copies of an element of {k} bases.",
                "{n} elements of {k} bases are inserted.",
            ),
            draws={"n": range(2, 8), "k": range(12, 90)},
            sets={"length": "length + n * k"},
            why="The inserted elements make it {eq} bases.",
            check="length += sum([{k}] * {n})",
        ),
        Line(
            forms=(
                "An enzyme cuts it into {n} equal pieces, of which one is kept.",
                "Only one of {n} equal pieces is kept after a digest.",
            ),
            draws={"n": range(2, 6)},
            sets={"length": "length / n"},
            why="One of {n} equal pieces is {eq} bases long.",
            check="length, rest = divmod(length, {n})\nassert rest == 0",
        ),
    ),
    closing=Line(
        forms=(
            "How many bases long is the product then?",
            "What length in bases shows on the gel?",
            "Find the final length in bases.",
        ),
        check="return length",
    ),
    answer="length",
    largest=20_000,
)

FAMILIES = (WALLACE, COPIES, AMPLICON)
