"""Families about days, weeks and schedules: dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from agents.offline.stories.grammar import Family, Line
from agents.offline.stories.texts import Days
from tools.inputs.kinds import MONTHS, WEEKDAYS

WEEKDAY = Family(
    name="weekday",
    topic="dates",
    skill="weekday of a date",
    words={"event": ("sailing", "harvest", "inspection", "rehearsal", "expedition", "launch")},
    opening=Line(
        forms=(
            "Today is {day}, and the {event} is set for {a} days from today.",
            "The {event} was planned for {a} days after this {day}.",
            "On a {day} the {event} is announced for {a} days later.",
        ),
        sets={"start": "first", "days": "a"},
        draws={"a": range(30, 400)},
        texts={"day": WEEKDAYS},
        facts={"first": lambda slots: WEEKDAYS.index(slots["day"])},
        code=f"start, days = {WEEKDAYS!r}.index({{day}}), {{a}}",
        check=f"from datetime import date, timedelta\nnames = {WEEKDAYS!r}\n"
        f"monday = date(2024, 1, 1)\nplace, days = names.index({{day}}), {{a}}",
    ),
    moves=(
        Line(
            forms=(
                "The {event} is put off by {w} weeks and {d} days.",
                "Storms delay the {event} by {w} weeks and {d} days.",
            ),
            sets={"days": "days + 7 * w + d"},
            draws={"w": range(2, 20), "d": range(1, 7)},
            why="A delay of {w} weeks and {d} days makes the wait {eq} days.",
            check="for _ in range({w}):\n    days += 7\ndays += {d}",
        ),
        Line(
            forms=("The {event} is brought forward by {d} days.", "Good news: the {event} comes {d} days sooner."),
            sets={"days": "days - d"},
            draws={"d": range(5, 90)},
            why="Coming {d} days sooner makes the wait {eq} days.",
            check="days = days - {d}",
        ),
        Line(
            forms=(
                "A permit is missing, and the whole wait, counted from the start, becomes {m} times as long.",
                "The wait as a whole is multiplied by {m}.",
            ),
            sets={"days": "days * m"},
            draws={"m": range(2, 5)},
            why="Making the wait {m} times as long gives {eq} days.",
            check="days = sum([days] * {m})",
        ),
        Line(
            forms=(
                "The crew asks for {n} shifts of {k} days more.",
                "{n} courses of {k} days each must be taken before it.",
            ),
            sets={"days": "days + n * k"},
            draws={"n": range(2, 12), "k": range(2, 13)},
            why="Waiting {n} times {k} days more makes {eq} days.",
            check="for _ in range({n}):\n    days += {k}",
        ),
    ),
    closing=Line(
        forms=(
            "On which day of the week does the {event} take place?",
            "Which weekday is the day of the {event}?",
            "Name the weekday of the {event}.",
        ),
        sets={"place": "(start + days) % 7"},
        why="Counting from Monday as 0, the first day is {start} and the weekday sought is {eq}, which is {choice}.",
        check="return names[(monday + timedelta(days=place + days)).weekday()]",
    ),
    answer="place",
    kind="choice",
    choices=WEEKDAYS,
    largest=8_000,
)

MONTH = Family(
    name="month",
    topic="dates",
    skill="repeating schedules",
    words={"job": ("boiler", "lift", "bridge", "organ", "turbine", "fire alarm")},
    opening=Line(
        forms=(
            "The {job} was last checked in {month}, and the next check is due {a} months later.",
            "In {month} somebody orders the next check of the {job} for {a} months ahead.",
            "Counting from {month}, the {job} is to be checked after {a} months.",
        ),
        sets={"start": "first", "months": "a"},
        draws={"a": range(5, 60)},
        texts={"month": MONTHS},
        facts={"first": lambda slots: MONTHS.index(slots["month"])},
        code=f"start, months = {MONTHS!r}.index({{month}}), {{a}}",
        check=f"names = {MONTHS!r}\nplace = names.index({{month}})\nmonths = {{a}}",
    ),
    moves=(
        Line(
            forms=(
                "The check is put off by {y} years and {m} months.",
                "{y} years and {m} months are added to the wait.",
            ),
            sets={"months": "months + 12 * y + m"},
            draws={"y": range(1, 6), "m": range(1, 12)},
            why="Adding {y} years and {m} months makes the wait {eq} months.",
            check="for _ in range({y}):\n    months += 12\nmonths += {m}",
        ),
        Line(
            forms=("A new rule shortens the wait by {m} months.", "The inspector comes {m} months earlier than that."),
            sets={"months": "months - m"},
            draws={"m": range(2, 15)},
            why="With {m} months fewer the wait is {eq} months.",
            check="months -= {m}",
        ),
        Line(
            forms=(
                "The wait is stretched to {k} times its length.",
                "All intervals become {k} times as long, this wait too.",
            ),
            sets={"months": "months * k"},
            draws={"k": range(2, 5)},
            why="Stretching it {k} times gives {eq} months.",
            check="months = sum([months] * {k})",
        ),
        Line(
            forms=(
                "{n} further quarters of three months are granted.",
                "The owner wins another {n} times three months.",
            ),
            sets={"months": "months + quarter * n"},
            constants={"quarter": 3},
            draws={"n": range(2, 15)},
            why="Granting {n} quarters of {quarter} months makes it {eq} months.",
            check="for _ in range({n}):\n    months += {quarter}",
        ),
    ),
    closing=Line(
        forms=(
            "In which month does the check fall?",
            "Which month of the year is the check of the {job} in?",
            "Name the month of the check.",
        ),
        sets={"place": "(start + months) % 12"},
        why="Counting from January as 0, the first month is {start} and the month sought is {eq}, which is {choice}.",
        check="years, rest = divmod(months, len(names))\nreturn [*names[place:], *names[:place]][rest]",
    ),
    answer="place",
    kind="choice",
    choices=MONTHS,
    largest=4_000,
)


def _days_between(slots: Mapping[str, str]) -> int:
    return (date.fromisoformat(slots["last"]) - date.fromisoformat(slots["first"])).days


DIARY = Family(
    name="diary",
    topic="dates",
    skill="days between calendar dates",
    words={
        "who": ("Lena", "Omar", "Pilar", "Quentin", "Rosa", "Stellan"),
        "thing": ("pages", "sketches", "letters", "poems"),
    },
    opening=Line(
        forms=(
            "{who} has written {a} {thing} so far.",
            "With {a} {thing} finished, {who} opens a diary.",
            "The diary of {who} holds {a} {thing} when this begins.",
        ),
        sets={"done": "a"},
        draws={"a": range(20, 300)},
        check="done = {a}",
    ),
    moves=(
        Line(
            forms=(
                "From {first} to {last}, both days included, {k} {thing} a day are added.",
                "Every day from {first} up to and including {last} brings {k} new {thing}.",
            ),
            sets={"done": "done + (gap + 1) * k"},
            draws={"k": range(2, 9)},
            texts={"first": Days(2021, 2023), "last": Days(2021, 2023)},
            facts={"gap": _days_between},
            why="The two dates are {gap} days apart, so with both days included there are now {eq} {thing}.",
            code="if {first} > {last}:\n    raise ValueError('the last day comes before the first')\n"
            "done = done + len(range({first}.toordinal(), {last}.toordinal() + 1)) * {k}",
            check="gap = {last} - {first}\nassert gap.days >= 0\ndone += sum([{k}, gap.days * {k}])",
        ),
        Line(
            forms=(
                "{n} {thing} a week are torn out for {w} weeks.",
                "During {w} weeks, {n} {thing} are lost each week.",
            ),
            sets={"done": "done - n * w"},
            draws={"n": range(2, 12), "w": range(3, 15)},
            why="Losing {n} {thing} a week for {w} weeks leaves {eq} {thing}.",
            check="for _ in range({w}):\n    done -= {n}",
        ),
        Line(
            forms=("A friend hands over {k} {thing} on each of {n} visits.", "{n} visits bring {k} {thing} each."),
            sets={"done": "done + n * k"},
            draws={"n": range(3, 14), "k": range(4, 30)},
            why="Receiving {k} {thing} {n} times makes {eq} {thing}.",
            check="done += sum([{k}] * {n})",
        ),
        Line(
            forms=("All {thing} are spread evenly over {n} folders, and only one folder is kept.",),
            sets={"done": "done / n"},
            draws={"n": range(2, 8)},
            why="One of {n} folders holds {eq} {thing}.",
            check="done, rest = divmod(done, {n})\nassert rest == 0",
        ),
    ),
    closing=Line(
        forms=(
            "How many {thing} are there in the end?",
            "What number of {thing} does the diary close with?",
            "Count the {thing} that {who} has at last.",
        ),
        check="return done",
    ),
    answer="done",
    largest=50_000,
)

FAMILIES = (WEEKDAY, MONTH, DIARY)
