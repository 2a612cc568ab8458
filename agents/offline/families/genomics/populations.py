"""Families for genomics about alleles in a population: population genetics."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

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
        check="pool = {{'AA': {a}, 'Aa': {b}, 'aa': {c}}}",
    ),
    moves=(
        Line(
            forms=("{k} AA migrants arrive.", "A flock of {k} animals, all AA, joins."),
            draws={"k": range(3, 30)},
            sets={"copies": "copies + 2 * k", "total": "total + 2 * k"},
            why="Newcomers with two copies each make the copies and the total {eq}.",
            check="pool['AA'] += {k}",
        ),
        Line(
            forms=("{k} Aa migrants arrive.", "A flock of {k} animals, all Aa, joins."),
            draws={"k": range(3, 30)},
            sets={"copies": "copies + k", "total": "total + 2 * k"},
            why="Newcomers with one copy each make the copies and the total {eq}.",
            check="pool['Aa'] += {k}",
        ),
        Line(
            forms=("{k} aa migrants arrive.", "A flock of {k} animals, all aa, joins."),
            draws={"k": range(3, 30)},
            sets={"total": "total + 2 * k"},
            why="Newcomers without a copy raise the total only: {eq} alleles.",
            check="pool['aa'] += {k}",
        ),
        Line(
            forms=(
                "A good year brings {m} animals for each one, in the same proportions of genotypes.",
                "Numbers of every genotype grow to {m} times what they were.",
            ),
            draws={"m": range(2, 4)},
            sets={"copies": "copies * m", "total": "total * m"},
            why="With {m} times as many, the copies and the total are {eq}.",
            check="pool = {{genotype: animals * {m} for genotype, animals in pool.items()}}",
        ),
    ),
    closing=Line(
        forms=(
            "What is the exact frequency of allele A?",
            "Give the exact share of A among all alleles.",
        ),
        sets={"frequency": "copies / total"},
        why="The frequency of A is {eq}.",
        check="alleles = sum(genotype.count('A') * animals for genotype, animals in pool.items())\n"
        "return Fraction(alleles, sum(2 * animals for animals in pool.values()))",
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
        needs=(("a", "b"),),
        sets={"q": "a / b"},
        why="The recessive allele starts at frequency {eq}.",
        check="assert {a} <= {b}\nq = 1 - Fraction({b} - {a}, {b})",
    ),
    moves=(
        Line(
            forms=(
                "One allele in {m} is replaced by migrants among whom the frequency is {a} in {b}.",
                "Migrants, with {a} recessive alleles in {b}, come to make up one in {m} of the population.",
            ),
            draws={"m": (3, 4, 5, 6, 8, 10), "a": range(1, 5), "b": (6, 8, 9, 10, 12)},
            needs=(("a", "b"),),
            sets={"q": "q * (m - 1) / m + a / b / m"},
            why="Mixing residents and migrants gives the frequency {eq}.",
            check="assert {a} <= {b}\nq += (Fraction({a}, {b}) - q) / {m}",
        ),
        Line(
            forms=(
                "Then one in {m} of the dominant alleles mutates to the recessive one.",
                "Mutation turns one of {m} dominant alleles into the recessive form.",
            ),
            draws={"m": (4, 5, 8, 10, 12, 20)},
            sets={"q": "q + (1 - q) / m"},
            why="Mutation raises the frequency to {eq}.",
            check="q = 1 - (1 - q) * Fraction({m} - 1, {m})",
        ),
        Line(
            forms=(
                "Gene conversion removes one in {m} of the recessive alleles in favour of the dominant one.",
                "Of the recessive alleles, one in {m} reverts to the dominant form.",
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
        check="return 1 - q * q - (1 - q) * (1 - q)",
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
        needs=(("a", "b"),),
        sets={"het": "a / b"},
        why="The heterozygosity starts at {eq}.",
        check="assert {a} <= {b}\nhet = Fraction({a}, {b})",
    ),
    moves=(
        Line(
            forms=(
                "One generation passes with {n} breeding individuals, which costs one part in twice that number.",
                "Drift in a generation of {n} breeders takes one part in twice {n}.",
            ),
            draws={"n": range(2, 26)},
            sets={"het": "het * (1 - 1 / (twice * n))"},
            constants={"twice": 2},
            why="Drift among {n} breeders leaves a heterozygosity of {eq}.",
            check="het -= het / sum([{twice}] * {n})",
        ),
        Line(
            forms=(
                "Inbreeding with coefficient {a} in {b} reduces it by that proportion.",
                "It falls by {a} parts in {b} through inbreeding.",
            ),
            draws={"a": range(1, 4), "b": (8, 10, 16, 20)},
            needs=(("a", "b"),),
            sets={"het": "het * (b - a) / b"},
            why="Inbreeding leaves a heterozygosity of {eq}.",
            check="assert {a} <= {b}\nhet = het - het * Fraction({a}, {b})",
        ),
        Line(
            forms=(
                "Outcrossing closes one part in {m} of the gap between it and one.",
                "Gene flow makes up one of {m} parts of what it lacks to reach one.",
            ),
            draws={"m": range(4, 12)},
            sets={"het": "het + (1 - het) / m"},
            why="Closing one part in {m} of the gap gives {eq}.",
            check="het = 1 - (1 - het) * Fraction({m} - 1, {m})",
        ),
    ),
    closing=Line(
        forms=("What is the exact expected heterozygosity now?", "Give the final expected heterozygosity exactly."),
        check="return het",
    ),
    answer="het",
    digits=None,
    largest=1,
)

FAMILIES = (ALLELES, CARRIERS, DRIFT)
