"""Families for genomics: sequence analysis, population genetics, primer and PCR design."""

from __future__ import annotations

from agents.offline.grammar import Family, Line
from agents.offline.texts import Strands

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
        code="gc = '{strand}'.count('G') + '{strand}'.count('C')",
        check="gc = sum(base in 'GC' for base in '{strand}')",
    ),
    moves=(
        Line(
            forms=("To its 3' end {tail} is ligated.", "The piece is made longer by {tail}."),
            texts={"tail": Strands(9)},
            facts=_ADDED,
            sets={"gc": "gc + G + C"},
            why="The added piece brings {G} G and {C} C, so the count is {eq}.",
            code="gc = gc + '{tail}'.count('G') + '{tail}'.count('C')",
            check="gc += sum(base in 'GC' for base in '{tail}')",
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
            check="gc = len(range({k}, gc))",
        ),
    ),
    closing=Line(
        forms=(
            "How many bases of the strand are G or C at the end?",
            "What is the final number of G and C in the strand?",
            "Count the bases G and C that the finished strand holds.",
        ),
        check="print(gc)",
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
            forms=("A lane adds {n} thousand reads of {k} bases.", "{n} thousand reads, each of {k} bases, come in."),
            draws={"n": range(5, 90), "k": range(50, 301, 25)},
            sets={"bases": "bases + n * k"},
            why="Adding {n} thousand reads of {k} bases makes {eq} kilobases.",
            check="for _ in range({n}):\n    bases += {k}",
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
                "Duplicates make up 1 of {n} bases and are dropped.",
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
        check="print(bases / genome)",
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
                "An insertion adds {k} bases in frame.",
                "A transposon footprint lengthens it in frame by {k} bases.",
            ),
            draws={"k": range(6, 240, 3)},
            sets={"length": "length + k"},
            why="The insertion makes it {eq} bases.",
            check="codons += len(range(0, {k}, 3))",
        ),
        Line(
            forms=("An exon of {k} bases is skipped in frame.", "Splicing leaves out {k} bases without a frameshift."),
            draws={"k": range(30, 210, 3)},
            sets={"length": "length - k"},
            why="Without that exon it is {eq} bases.",
            check="codons -= len(range(0, {k}, 3))",
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
        check="print(len(range(1, codons)))",
        code="acids = length // 3 - 1",
    ),
    answer="acids",
)

ALLELES = Family(
    name="alleles",
    topic="population genetics",
    skill="allele and genotype frequencies",
    words={"animal": ("finches", "snails", "voles", "sticklebacks", "moths", "lizards")},
    opening=Line(
        forms=(
            "Among {animal}, {a} have genotype AA, {b} have Aa and {c} have aa.",
            "A sample of {animal} contains {a} of genotype AA, {b} of Aa and {c} of aa.",
            "Genotyping {animal} finds {a} times AA, {b} times Aa and {c} times aa.",
        ),
        draws={"a": range(8, 60), "b": range(10, 90), "c": range(5, 50)},
        sets={"copies": "2 * a + b", "total": "2 * (a + b + c)"},
        why="Counting two alleles an animal, copies of A and all alleles are {eq}.",
        check="pool = ['AA'] * {a} + ['Aa'] * {b} + ['aa'] * {c}",
    ),
    moves=(
        Line(
            forms=("{k} AA migrants arrive.", "A flock of {k} animals, all AA, joins."),
            draws={"k": range(3, 30)},
            sets={"copies": "copies + 2 * k", "total": "total + 2 * k"},
            why="Newcomers with two copies each make the copies and the total {eq}.",
            check="pool += ['AA'] * {k}",
        ),
        Line(
            forms=("{k} Aa migrants arrive.", "A flock of {k} animals, all Aa, joins."),
            draws={"k": range(3, 30)},
            sets={"copies": "copies + k", "total": "total + 2 * k"},
            why="Newcomers with one copy each make the copies and the total {eq}.",
            check="pool += ['Aa'] * {k}",
        ),
        Line(
            forms=("{k} aa migrants arrive.", "A flock of {k} animals, all aa, joins."),
            draws={"k": range(3, 30)},
            sets={"total": "total + 2 * k"},
            why="Newcomers without a copy raise the total only: {eq} alleles.",
            check="pool += ['aa'] * {k}",
        ),
        Line(
            forms=(
                "A good year brings {m} animals for each one, in the same proportions of genotypes.",
                "Numbers of every genotype grow to {m} times what they were.",
            ),
            draws={"m": range(2, 4)},
            sets={"copies": "copies * m", "total": "total * m"},
            why="With {m} times as many, the copies and the total are {eq}.",
            check="pool = pool * {m}",
        ),
    ),
    closing=Line(
        forms=(
            "What is the exact frequency of allele A?",
            "Give the exact share of A among all alleles.",
        ),
        sets={"frequency": "copies / total"},
        why="The frequency of A is {eq}.",
        check="print(Fraction(''.join(pool).count('A'), 2 * len(pool)))",
    ),
    answer="frequency",
    digits=None,
    largest=30_000,
)

CARRIERS = Family(
    name="carriers",
    topic="population genetics",
    skill="departure from Hardy-Weinberg equilibrium",
    words={"place": ("an island", "a valley", "a lake", "a plateau", "an oasis")},
    opening=Line(
        forms=(
            "On {place} a recessive allele has frequency {a} in {b}.",
            "A recessive allele occurs with frequency {a} in {b} around {place}.",
            "Near {place}, {a} of every {b} alleles at a locus are recessive.",
        ),
        draws={"a": range(1, 9), "b": (9, 10, 12, 15, 16, 18, 20, 24, 25, 30)},
        sets={"q": "a / b"},
        why="The recessive allele starts at frequency {eq}.",
        check="q = 1 - Fraction({b} - {a}, {b})",
    ),
    moves=(
        Line(
            forms=(
                "One allele in {m} is replaced by migrants among whom the frequency is {a} in {b}.",
                "Migrants, with {a} recessive alleles in {b}, come to make up one in {m} of the population.",
            ),
            draws={"m": (3, 4, 5, 6, 8, 10), "a": range(1, 5), "b": (6, 8, 9, 10, 12)},
            sets={"q": "q * (m - 1) / m + a / b / m"},
            why="Mixing residents and migrants gives the frequency {eq}.",
            check="q += (Fraction({a}, {b}) - q) / {m}",
        ),
        Line(
            forms=(
                "Then one in {m} of the dominant alleles mutates to the recessive one.",
                "Mutation turns 1 of {m} dominant alleles into the recessive form.",
            ),
            draws={"m": (4, 5, 8, 10, 12, 20)},
            sets={"q": "q + (1 - q) / m"},
            why="Mutation raises the frequency to {eq}.",
            check="q = 1 - (1 - q) * Fraction({m} - 1, {m})",
        ),
        Line(
            forms=(
                "Gene conversion removes one in {m} of the recessive alleles in favour of the dominant one.",
                "Of the recessive alleles, 1 in {m} reverts to the dominant form.",
            ),
            draws={"m": range(3, 11)},
            sets={"q": "q - q / m"},
            why="Losing one in {m} lowers the frequency to {eq}.",
            check="q *= Fraction({m} - 1, {m})",
        ),
    ),
    closing=Line(
        forms=(
            "With random mating, what exact share of the next generation is heterozygous?",
            "Which exact proportion of carriers does Hardy-Weinberg predict?",
        ),
        sets={"carriers": "2 * q * (1 - q)"},
        why="Hardy-Weinberg gives heterozygotes a share of {eq}.",
        check="print(1 - q * q - (1 - q) * (1 - q))",
    ),
    answer="carriers",
    digits=None,
    largest=1,
)

DRIFT = Family(
    name="drift",
    topic="population genetics",
    skill="selection and drift over generations",
    words={"kind": ("orchid", "wolf", "toad", "cichlid", "beetle")},
    opening=Line(
        forms=(
            "A {kind} population has an expected heterozygosity of {a} in {b}.",
            "The expected heterozygosity of a {kind} population is {a} in {b}.",
            "In a {kind} population {a} of {b} loci are expected to be heterozygous.",
        ),
        draws={"a": range(1, 8), "b": range(9, 16)},
        sets={"het": "a / b"},
        why="The heterozygosity starts at {eq}.",
        check="het = Fraction({a}, {b})",
    ),
    moves=(
        Line(
            forms=(
                "One generation passes with {n} breeding individuals, which costs one part in twice that number.",
                "Drift in a generation of {n} breeders takes one part in twice {n}.",
            ),
            draws={"n": range(2, 26)},
            sets={"het": "het * (1 - 1 / (2 * n))"},
            why="Drift among {n} breeders leaves a heterozygosity of {eq}.",
            check="het -= het / sum([2] * {n})",
        ),
        Line(
            forms=(
                "Inbreeding with coefficient {a} in {b} reduces it by that proportion.",
                "It falls by {a} parts in {b} through inbreeding.",
            ),
            draws={"a": range(1, 4), "b": (8, 10, 16, 20)},
            sets={"het": "het * (b - a) / b"},
            why="Inbreeding leaves a heterozygosity of {eq}.",
            check="het = het - het * Fraction({a}, {b})",
        ),
        Line(
            forms=(
                "Outcrossing closes one part in {m} of the gap between it and 1.",
                "Gene flow makes up 1 of {m} parts of what it lacks to reach 1.",
            ),
            draws={"m": range(4, 12)},
            sets={"het": "het + (1 - het) / m"},
            why="Closing one part in {m} of the gap gives {eq}.",
            check="het = 1 - (1 - het) * Fraction({m} - 1, {m})",
        ),
    ),
    closing=Line(
        forms=("What is the exact expected heterozygosity now?", "Give the final expected heterozygosity exactly."),
        check="print(het)",
    ),
    answer="het",
    digits=None,
    largest=1,
)

FAMILIES = (GC_TALLY, DEPTH, PROTEIN, ALLELES, CARRIERS, DRIFT)
