"""Families for genomics about strands and reads: sequence analysis."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line
from agents.offline.stories.texts import Strands

_LETTERS = {base: (lambda slots, base=base: slots["strand"].count(base)) for base in "ACGT"}
_ADDED = {base: (lambda slots, base=base: slots["tail"].count(base)) for base in "ACGT"}

GC_TALLY = Family(
    name="gc tally",
    topic="sequence analysis",
    skill="reverse complement and strand logic",
    words={"piece": ("fragment", "oligonucleotide", "insert", "linker", "tag")},
    opening=Line(
        forms=(
            "A single-stranded {piece} reads {strand}.",
            "The {piece} {strand} is a single strand.",
            "Sequencing a single-stranded {piece} gives {strand}.",
        ),
        texts={"strand": Strands(18)},
        facts=_LETTERS,
        sets={"gc": "G + C"},
        why="It contains {G} G and {C} C, so {eq} bases are G or C.",
        code="gc = {strand}.count('G') + {strand}.count('C')",
        check="gc = sum(base in 'GC' for base in {strand})",
    ),
    moves=(
        Line(
            forms=("To its 3' end {tail} is ligated.", "The piece is made longer by {tail}."),
            texts={"tail": Strands(9)},
            facts=_ADDED,
            sets={"gc": "gc + G + C"},
            why="The added piece brings {G} G and {C} C, so the count is {eq}.",
            code="gc = gc + {tail}.count('G') + {tail}.count('C')",
            check="gc += sum(base in 'GC' for base in {tail})",
        ),
        Line(
            forms=(
                "All of it is repeated in tandem until there are {n} copies in a row.",
                "A tandem array with {n} copies of the whole is built.",
            ),
            draws={"n": range(3, 12)},
            sets={"gc": "gc * n"},
            why="With {n} copies the count of G and C is {eq}.",
            check="gc = sum([gc] * {n})",
        ),
        Line(
            forms=(
                "Its reverse complement is synthesised and appended to the same strand.",
                "The strand is extended by the reverse complement of itself.",
            ),
            sets={"gc": "gc * 2"},
            why="In the reverse complement each G is a C and each C a G, so the count doubles: {eq}.",
            check="gc = gc + gc",
        ),
        Line(
            forms=("Mutations turn {k} of its G or C into A or T.", "{k} bases that were G or C become A or T."),
            draws={"k": range(1, 9)},
            sets={"gc": "gc - k"},
            why="Once {k} of them are lost, {eq} bases are G or C.",
            check="assert {k} <= gc\ngc = len(range({k}, gc))",
        ),
    ),
    closing=Line(
        forms=(
            "How many bases of the strand are G or C at the end?",
            "What is the final number of G and C in the strand?",
            "Count the bases G and C that the finished strand holds.",
        ),
        check="return gc",
    ),
    answer="gc",
    largest=100_000,
)

DEPTH = Family(
    name="depth",
    topic="sequence analysis",
    skill="sequencing coverage and depth",
    words={"organism": ("bacterium", "yeast", "phage", "plasmid pool", "alga", "fungus")},
    opening=Line(
        forms=(
            "For a {organism} with a genome of {g} kilobases, {b} kilobases have been sequenced.",
            "A run on a {organism} has yielded {b} kilobases so far; the genome is {g} kilobases long.",
            "The genome of a {organism} measures {g} kilobases, and {b} kilobases of reads are at hand.",
        ),
        draws={"g": range(90, 900, 10), "b": range(1000, 9000, 100)},
        sets={"genome": "g", "bases": "b"},
        check="genome, bases = {g}, Fraction({b})",
    ),
    moves=(
        Line(
            forms=("A lane adds {n} reads of {k} kilobases.", "{n} long reads, each of {k} kilobases, come in."),
            draws={"n": range(20, 300), "k": range(4, 40)},
            sets={"bases": "bases + n * k"},
            why="Adding {n} reads of {k} kilobases makes {eq} kilobases.",
            check="bases += sum([{k}] * {n})",
        ),
        Line(
            forms=(
                "Filtering throws {p} percent of the bases away.",
                "Quality trimming loses {p} percent of all bases.",
            ),
            draws={"p": (5, 10, 15, 20, 25, 30, 40)},
            sets={"bases": "bases - bases * p / 100"},
            why="After the loss of {p} percent there are {eq} kilobases.",
            check="bases *= Fraction(100 - {p}, 100)",
        ),
        Line(
            forms=(
                "Of the reads, one in {n} is a duplicate and is removed.",
                "Duplicates make up one of {n} bases and are dropped.",
            ),
            draws={"n": range(3, 12)},
            sets={"bases": "bases - bases / n"},
            why="Dropping one in {n} leaves {eq} kilobases.",
            check="bases = bases / {n} * ({n} - 1)",
        ),
        Line(
            forms=(
                "The assembly turns out to be {k} kilobases longer.",
                "A repeat of {k} kilobases is added to the genome's length.",
            ),
            draws={"k": range(3, 60)},
            sets={"genome": "genome + k"},
            why="The genome is now {eq} kilobases long.",
            check="genome = sum([genome, {k}])",
        ),
    ),
    closing=Line(
        forms=(
            "What is the exact mean depth of coverage?",
            "Exactly how many times is the genome covered on average?",
        ),
        sets={"depth": "bases / genome"},
        why="The mean depth is {eq}.",
        check="return bases / genome",
    ),
    answer="depth",
    digits=None,
    largest=100_000,
)

PROTEIN = Family(
    name="protein length",
    topic="sequence analysis",
    skill="open reading frames and translation",
    words={"gene": ("kinase", "transporter", "receptor", "protease", "ligase")},
    opening=Line(
        forms=(
            "The open reading frame of a {gene} has {a} codons, the stop codon included.",
            "A {gene} is encoded by {a} codons, of which the last is the stop codon.",
            "Counting the stop codon, the coding sequence of a {gene} consists of {a} codons.",
        ),
        draws={"a": range(90, 600)},
        sets={"length": "3 * a"},
        why="Three bases a codon make the coding sequence {eq} bases long.",
        check="codons = {a}",
    ),
    moves=(
        Line(
            forms=(
                "An insertion of whole codons adds {k} bases.",
                "A transposon footprint lengthens it by whole codons, {k} bases in all.",
            ),
            draws={"k": range(6, 240, 3)},
            sets={"length": "length + k"},
            why="The insertion makes it {eq} bases.",
            code="if {k} % 3:\n    raise ValueError('no whole codons')\nlength = length + {k}",
            check="added, rest = divmod({k}, 3)\nassert rest == 0\ncodons += added",
        ),
        Line(
            forms=(
                "An exon of whole codons, {k} bases long, is skipped.",
                "Splicing leaves out {k} bases, which are whole codons.",
            ),
            draws={"k": range(30, 210, 3)},
            sets={"length": "length - k"},
            why="Without that exon it is {eq} bases.",
            code="if {k} % 3:\n    raise ValueError('no whole codons')\nlength = length - {k}",
            check="lost, rest = divmod({k}, 3)\nassert rest == 0\ncodons -= lost\nassert codons >= 0",
        ),
        Line(
            forms=(
                "A repeat unit of {u} codons expands by {n} units.",
                "{n} further copies of a repeat of {u} codons are inserted.",
            ),
            draws={"u": range(2, 9), "n": range(3, 30)},
            sets={"length": "length + 3 * u * n"},
            why="The repeats of {u} codons make it {eq} bases.",
            check="for _ in range({n}):\n    codons += {u}",
        ),
    ),
    closing=Line(
        forms=(
            "How many amino acids does the protein have?",
            "What is the length of the translated protein in amino acids?",
            "Of how many amino acids is the protein made?",
        ),
        sets={"acids": "length / 3 - 1"},
        why="All codons but the stop codon are translated: {eq} amino acids.",
        check="assert codons >= 1\nreturn len(range(1, codons))",
    ),
    answer="acids",
)

FAMILIES = (GC_TALLY, DEPTH, PROTEIN)
