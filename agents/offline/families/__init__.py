"""All families of offline problems: one TOML file each in the folder of its domain; dropping a file adds a family."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from agents.offline.stories.arithmetic import FormulaError, names_in
from agents.offline.stories.functions import FUNCTIONS
from agents.offline.stories.grammar import Case, Family, Line
from agents.offline.stories.wording import MANNERS, SLOT, WORDINGS
from agents.records import Cell

FOLDER = Path(__file__).parent


class FamilyError(ValueError):
    """A family's file is malformed."""


def family_domains() -> list[str]:
    """Return the domains that have families, sorted."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and any(path.glob("*.toml")))


@cache
def families_of(domain: str) -> tuple[Family, ...]:
    """Return the families of a domain; none where it has no folder."""
    if domain not in family_domains():
        return ()
    return tuple(load_family(path) for path in sorted((FOLDER / domain).glob("*.toml")))


@cache
def all_families() -> tuple[Family, ...]:
    """Return the families of all domains."""
    return tuple(family for domain in family_domains() for family in families_of(domain))


def load_family(path: Path) -> Family:
    """Read and check one file.

    Raises:
        FamilyError: It is no TOML, lacks something, or names what is not there; the message has the file and the place.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
        family = Family.model_validate({**data, "name": path.stem.replace("_", " "), "domain": path.parent.name})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FamilyError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the family"
        raise FamilyError(f"{path}: {place}: {first['msg']}") from error
    for line in family.lines:
        if fault := _fault(family, line):
            raise FamilyError(f"{path}: in {line.forms[0]!r}: {fault}")
    constants = {name: str(value) for line in family.lines for name, value in line.constants.items()}
    return family.model_copy(update={part: _stated(getattr(family, part), constants) for part in _PARTS})


_PARTS = ("opening", "moves", "distractors", "closings")


def _stated(lines: tuple[Line, ...], constants: dict[str, str]) -> tuple[Line, ...]:
    """Write the constants into the forms."""

    def form(text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: constants.get(found[1], found[0]), text)

    return tuple(line.model_copy(update={"forms": tuple(map(form, line.forms))}) for line in lines)


def _fault(family: Family, line: Line) -> str:
    """Say what a line names that is not there; empty where all is."""
    constants = {name for one in family.lines for name in one.constants}
    slots = {*family.named, *line.draws, *line.texts} | constants
    known = slots | {*line.facts, *(name for one in family.lines for name in one.quantities)} | _numbers_of(family)
    known |= {name for one in family.opening for name in (*one.draws, *one.texts, *one.facts)}
    faults = [
        *(_fault_of_form(form, line, slots) for form in line.forms),
        *(f"{name}: there is no function {call[0]!r}" for name, call in line.facts.items() if call[0] not in FUNCTIONS),
        *(_fault_of_formula(formula, known) for formula in _formulas(line)),
        *(_fault_of_reason(case, known) for step in line.steps for case in step.cases),
    ]
    return next((fault for fault in faults if fault), "")


def _numbers_of(family: Family) -> set[str]:
    return {name for row in family.cast for name in row}


def _fault_of_form(form: str, line: Line, slots: set[str]) -> str:
    for name, manner in SLOT.findall(form):
        if name not in slots:
            return f"there is no slot {name!r}"
        if manner and manner not in MANNERS and manner not in line.draws:
            return f"{manner!r} is no manner of writing: {', '.join(MANNERS)}, or a number slot"
    bare = WORDINGS.sub("", form)
    if "[" in bare or "]" in bare:
        return f"the wording {form!r} has a bracket without its other, or a slot within brackets"
    missing = [name for name in (*line.draws, *line.texts) if f"{{{name}}}" not in form]
    return f"the wording {form!r} lacks {{{missing[0]}}}" if missing else ""


def _formulas(line: Line) -> list[str]:
    cases = [case for step in line.steps for case in step.cases]
    computed = [formula for case in cases for formula in (*case.sets.values(), case.when) if formula]
    return [*line.sets.values(), *line.needs, *line.plausible, *computed]


def _fault_of_formula(formula: str, known: set[str]) -> str:
    try:
        strange = sorted(names_in(formula) - known)
    except FormulaError as error:
        return str(error)
    return f"the formula {formula!r} names {strange[0]!r}, which is nowhere set" if strange else ""


def _fault_of_reason(case: Case, known: set[str]) -> str:
    strange = [name for name, _ in SLOT.findall(case.why) if name not in known | {"eq", "choice"}]
    return f"the explanation names {strange[0]!r}, which is nowhere set" if strange else ""


@cache
def written_cells(domain: str) -> frozenset[Cell]:
    """Return the cells of a domain for which there are families."""
    return frozenset(
        Cell(topic=family.topic, skill=family.skill, hops=hops, size=size, twist=twist)
        for family in families_of(domain)
        for twist in family.twists
        for hops in family.hops_with(twist)
        for size in family.sizes
    )


def topics(domain: str) -> dict[str, dict[str, set[int]]]:
    """Return the topics of a domain that have families, their skills, and the numbers of steps that each can have."""
    found: dict[str, dict[str, set[int]]] = {}
    for family in families_of(domain):
        found.setdefault(family.topic, {}).setdefault(family.skill, set()).update(family.hops)
    return found
