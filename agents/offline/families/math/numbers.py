"""Families about whole numbers and how they go on: number theory and sequences."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

LIGHTS = Family(
    name="lights",
    topic="number theory",
    skill="greatest divisors and least multiples",
    words={"light": ("lighthouse", "beacon", "buoy", "warning lamp", "traffic signal")},
    opening=Line(
        forms=(
            "A {light} flashes every {a} seconds; call that the common period.",
            "Every {a} seconds a {light} flashes, and at first this is the common period.",
            "The common period starts as that of a {light} which flashes every {a} seconds.",
        ),
        sets={"period": "a"},
        draws={"a": range(6, 40)},
        check="period = {a}",
    ),
    moves=(
        Line(
            forms=(
                "A second one with a flash every {b} seconds joins, and the common period becomes the time between "
                "flashes that both show together.",
                "One more is added that flashes every {b} seconds, so the common period is now the least time after "
                "which it and all before it flash at once again.",
            ),
            sets={"period": "lcm(period, b)"},
            draws={"b": range(4, 40)},
            why="The least common multiple with {b} is {eq} seconds.",
            check="time = period\nwhile time % {b}:\n    time += period\nperiod = time",
        ),
        Line(
            forms=(
                "A timer cuts the common period down to its greatest common divisor with {b} seconds.",
                "The common period is replaced by the longest time that divides both it and {b} seconds evenly.",
            ),
            sets={"period": "gcd(period, b)"},
            draws={"b": range(60, 1300, 12)},
            why="The greatest common divisor with {b} is {eq} seconds.",
            check="period = max(time for time in range(1, {b} + 1) if period % time == 0 and {b} % time == 0)",
        ),
        Line(
            forms=(
                "A gear makes the common period {m} times as long.",
                "The whole mechanism is slowed down so that the common period takes {m} times its time.",
            ),
            sets={"period": "period * m"},
            draws={"m": range(2, 10)},
            why="Slowing down by {m} makes it {eq} seconds.",
            check="period = sum([period] * {m})",
        ),
        Line(
            forms=(
                "A pause of {k} seconds is put into every common period, which makes it longer by that much.",
                "The common period is stretched by {k} seconds.",
            ),
            sets={"period": "period + k"},
            draws={"k": range(5, 60)},
            why="With {k} seconds more it is {eq} seconds.",
            check="period -= -{k}",
        ),
    ),
    closing=Line(
        forms=(
            "How many seconds long is the common period finally?",
            "What is the last common period in seconds?",
            "Find the final common period, in seconds.",
        ),
        check="return period",
    ),
    answer="period",
    largest=60_000,
)

CLOCKWORK = Family(
    name="clockwork",
    topic="number theory",
    skill="last digits of powers",
    words={"machine": ("wheel", "dial", "carousel", "turntable", "ring counter")},
    opening=Line(
        forms=(
            "A {machine} shows the number {a}.",
            "Someone sets a {machine} to {a}.",
            "The hand of a {machine} points to {a} at the outset.",
        ),
        sets={"shown": "a"},
        draws={"a": range(12, 90)},
        check="shown = {a}",
    ),
    moves=(
        Line(
            forms=(
                "The shown number is raised to the power {e}, and only the remainder on division by {m} is shown.",
                "What it shows is multiplied by itself to {e} equal factors; the remainder modulo {m} stays.",
            ),
            sets={"shown": "shown ** e % m"},
            draws={"e": range(2, 6), "m": range(31, 98)},
            why="The remainder of the power {e} on division by {m} is {eq}.",
            check="power = 1\nfor _ in range({e}):\n    power = power * shown % {m}\nshown = power",
        ),
        Line(
            forms=("It is turned forward by {n} times {k}.", "{n} turns of {k} each are added to what it shows."),
            sets={"shown": "shown + n * k"},
            draws={"n": range(6, 40), "k": range(7, 60)},
            why="Adding {n} times {k} shows {eq}.",
            check="for _ in range({n}):\n    shown += {k}",
        ),
        Line(
            forms=("The number is multiplied by {k}.", "A gear turns the number into {k} times itself."),
            sets={"shown": "shown * k"},
            draws={"k": range(3, 40)},
            why="Multiplying by {k} shows {eq}.",
            check="shown = sum([shown] * {k})",
        ),
        Line(
            forms=(
                "Only the remainder on division by {m} stays.",
                "All full rounds of {m} are dropped from the number.",
            ),
            sets={"shown": "shown % m"},
            draws={"m": range(17, 98)},
            why="Dropping full rounds of {m} leaves {eq}.",
            check="shown = divmod(shown, {m})[1]",
        ),
        Line(
            forms=(
                "The number is replaced by how many multiples of {d} there are from one up to it.",
                "Only as many are counted as there are multiples of {d} not above the number, starting from one.",
            ),
            sets={"shown": "shown // d"},
            draws={"d": range(3, 14)},
            why="Counting the multiples of {d} up to it, rounded down, gives {eq}.",
            check="shown = len(range({d}, shown + 1, {d}))",
        ),
    ),
    closing=Line(
        forms=(
            "Which number does the {machine} show now?",
            "What number is left at the end?",
            "Name the last number that is shown.",
        ),
        check="return shown",
    ),
    answer="shown",
    largest=200_000,
)

ROWS = Family(
    name="rows",
    topic="sequences",
    skill="arithmetic and geometric sums",
    words={"thing": ("seats", "vines", "tiles", "panels", "shrubs", "lockers")},
    opening=Line(
        forms=(
            "A first row has {a} {thing}; the sum stands at {s}.",
            "Somebody notes {a} {thing} for the present row and begins with a sum of {s}.",
            "The present row counts {a} {thing}, and {s} is written down as the sum so far.",
        ),
        sets={"row": "a", "total": "s"},
        draws={"a": range(6, 40), "s": range(20, 200)},
        check="row, total = {a}, {s}",
    ),
    moves=(
        Line(
            forms=(
                "{n} rows follow, each with {d} {thing} more than the row before it, and all {n} are added to the sum.",
                "The sum takes in the next {n} rows, every one of them longer by {d} {thing} than the one before.",
            ),
            sets={"total": "total + n * row + d * n * (n + 1) / 2", "row": "row + n * d"},
            draws={"n": range(3, 16), "d": range(2, 12)},
            why="Adding {n} rows that grow by {d} makes the sum and the present row {eq}.",
            check="for _ in range({n}):\n    row += {d}\n    total += row",
        ),
        Line(
            forms=(
                "The next row has {m} times as many {thing}, and it is added to the sum.",
                "To the sum comes one row with {m} times the {thing} of the row before.",
            ),
            sets={"row": "row * m", "total": "total + row"},
            draws={"m": range(2, 5)},
            why="A row {m} times as long makes the present row and the sum {eq}.",
            check="row = sum([row] * {m})\ntotal += row",
        ),
        Line(
            forms=(
                "{k} {thing} are taken out of the present row before the row is added to the sum once more.",
                "The present row loses {k} {thing}, and what remains of it is added to the sum.",
            ),
            sets={"row": "row - k", "total": "total + row"},
            draws={"k": range(3, 40)},
            why="Without {k} {thing} the present row and the sum are {eq}.",
            check="row -= {k}\ntotal += row",
        ),
        Line(
            forms=("{k} broken {thing} are struck off the sum.", "The sum is corrected downwards by {k}."),
            sets={"total": "total - k"},
            draws={"k": range(4, 120)},
            why="The correction by {k} makes the sum {eq}.",
            check="total = total - {k}",
        ),
    ),
    closing=Line(
        forms=(
            "What is the sum at the end?",
            "How many {thing} does the sum amount to?",
            "Give the final sum.",
        ),
        check="return total",
    ),
    answer="total",
    largest=100_000,
)

COLONY = Family(
    name="recurrence",
    topic="sequences",
    skill="recurrences with a constant term",
    words={"kind": ("fish", "snails", "beetles", "rabbits", "ferns", "lichens")},
    opening=Line(
        forms=(
            "A count of {kind} gives {a} in the last year and {b} this year.",
            "There were {a} {kind} last year, and there are {b} this year.",
            "This year {b} {kind} are counted, after {a} in the year before.",
        ),
        sets={"past": "a", "now": "b"},
        draws={"a": range(5, 60), "b": range(61, 180)},
        check="counts = [{a}, {b}]",
    ),
    moves=(
        Line(
            forms=(
                "The following year brings as many as the latest count and the one before it together.",
                "In the year after, the count equals the sum of the latest count and the one before it.",
            ),
            sets={"past_year": "now", "now": "past + now", "past": "past_year"},
            why="The latest count and the one before it are together {eq} {kind}.",
            check="counts.append(sum(counts[-2:]))",
        ),
        Line(
            forms=(
                "For the following year the latest count is multiplied by {m} and lowered by {k}.",
                "In the year after, there are {m} times as many less {k} that are caught.",
            ),
            sets={"past": "now", "now": "now * m - k"},
            draws={"m": range(2, 4), "k": range(5, 90)},
            why="Taking {m} times the count less {k} gives {eq} {kind}.",
            check="counts.append(sum([counts[-1]] * {m}) - {k})\nassert counts[-1] >= 0",
        ),
        Line(
            forms=(
                "The following year adds {k} to the latest count.",
                "In the year after, {k} newcomers join the latest count.",
            ),
            sets={"past": "now", "now": "now + k"},
            draws={"k": range(12, 150)},
            why="With {k} more the count is {eq} {kind}.",
            check="counts.append(sum([counts[-1], {k}]))",
        ),
    ),
    closing=Line(
        forms=(
            "What is the latest count?",
            "How many {kind} are there in the last of these years?",
            "State the count of the last year.",
        ),
        check="return counts[-1]",
    ),
    answer="now",
    largest=100_000,
)

FAMILIES = (LIGHTS, CLOCKWORK, ROWS, COLONY)
