"""Read which option an answer names: by its text, by its letter, or by both where they agree."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.answers.notation import fold, from_latex
from tools.answers.numbers import bare_number
from tools.answers.reply import bare, concluded, final_answer, lines_of
from tools.answers.texts import canonical, same_text

LONGEST = 4000
"""Characters of an answer that is still read as the name of an option, beside the options themselves."""
SHORT = 3
"""Characters of an option that a sentence may hold without naming it: yes, no, a number."""
_LEAD = re.compile(
    r"(?:so |therefore,? |thus,? )?"
    r"(?:(?:the |my )?(?:final |correct |right |best )?(?:answer|option|choice)(?: is| would be)?"
    r"|it is|it's|this is|that is|i choose|a(?=:))"
    r"(?: is)?(?: most likely| clearly| therefore)?[:,]? *(?:option |choice |answer )?",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[(\[{]? *([A-Za-z]) *(?:[)\]}][.:]?|[.:,]|(?= *[-=] )|(?= )|$) *(?:[-=] )? *")
_CAUSE = re.compile(
    r"[,.;:]? *(?:because|since|as (?:the|it|a|this)|due to|given that|for the reason"
    r"|is (?:the )?(?:correct|right|best)(?: (?:answer|option|choice|one))?\.?$)",
    re.IGNORECASE,
)
_CONJUNCTION = re.compile(
    r"\W*(?:and|or|but|not|nor|then|either|however|though|although|unless|maybe|&|/|\+)(?!\w)", re.IGNORECASE
)
_OWN_LABEL = re.compile(r"\(?([A-Z])[).:] *(?=\S)")


def same_choice(given: str, expected: str, choices: Sequence[str]) -> bool:
    """Whether the given text names the expected option, by its text or by its letter (A is the first)."""
    if not choices:
        return same_text(given, expected)
    named, wanted = read_choice(given, choices), _by_text(expected, choices)
    return named is not None and wanted is not None and choices[named] == choices[wanted]


def read_choice(given: str, choices: Sequence[str]) -> int | None:
    """Return the place of the option that an answer names; None where it names none, or more than one."""
    if len(given) > LONGEST + max(map(len, choices), default=0):
        return None
    named = _by_text(given, choices)
    if named is not None:
        return named
    lines = lines_of(given)
    found = final_answer(given) or concluded(given) if len(lines) > 1 or "\\boxed{" in given else concluded(given)
    if found is None and len(lines) > 1:
        return _from_lines(lines, choices)
    return _from_line(found or bare(lines[0]), choices) if found or lines else None


def _from_line(text: str, choices: Sequence[str]) -> int | None:
    named = _by_text(text, choices)
    return named if named is not None else _named(text, choices)


def _from_lines(lines: Sequence[str], choices: Sequence[str]) -> int | None:
    """Read an option and then its reasons, or reasons and then an option; None where lines name several."""
    named = [_from_line(bare(line), choices) for line in lines]
    found = {choices[place] for place in named if place is not None}
    place = named[0] if named[0] is not None else named[-1]
    contradict = any(one is None and _OWN_LABEL.match(line) for line, one in zip(lines, named, strict=True))
    if place is None or len(found) > 1 or contradict:
        return None
    rest = canonical(" ".join(line for line, one in zip(lines, named, strict=True) if one is None))
    return None if _mentions_another(rest, choices[place], choices) else place


def _mentions_another(text: str, option: str, choices: Sequence[str]) -> bool:
    """Whether a text holds another option's words; those of `yes` and `no` mean nothing in a sentence."""
    others = [canonical(choice) for choice in _unlabelled(choices) if canonical(choice) != canonical(option)]
    return any(
        len(other) > SHORT and re.search(rf"(?<!\w){re.escape(other)}(?!\w)", text, re.IGNORECASE) for other in others
    )


def _by_text(given: str, choices: Sequence[str]) -> int | None:
    """Find the one option that has this text: letter for letter, else in another spelling, else as a number."""
    wanted = given.strip()
    for place, choice in enumerate(choices):
        if choice.strip() == wanted:
            return place
    options = _unlabelled(choices)
    equal = [place for place, option in enumerate(options) if same_text(wanted, option)]
    if equal:
        return equal[0] if len(equal) == 1 else None
    mine = bare_number(wanted)
    if mine is None:
        return None
    numbers = [bare_number(option) for option in options]
    equal = [place for place, number in enumerate(numbers) if number is not None and number.value == mine.value]
    return equal[0] if len(equal) == 1 else None


def _unlabelled(choices: Sequence[str]) -> list[str]:
    """Return the options without letters of their own: `A. Sunday`, `B. Monday`."""
    labels = [_OWN_LABEL.match(choice) for choice in choices]
    if all(label is not None and ord(label[1]) - ord("A") == place for place, label in enumerate(labels)):
        return [choice[label.end() :] for choice, label in zip(choices, labels, strict=True) if label is not None]
    return list(choices)


def _named(text: str, choices: Sequence[str]) -> int | None:
    """Read `Option B`, `**B**: Monday`, `It is Monday`, `B because ...`."""
    text = bare(" ".join(from_latex(fold(text)).replace("**", "").replace("`", "").split())).strip("$ ")
    lead = _LEAD.match(text)
    led = lead is not None and lead.end() < len(text)
    if lead is not None and led:
        text = bare(text[lead.end() :])
        named = _by_text(text, choices)
        if named is not None:
            return named
    letter = _LETTER.match(text)
    place = ord(letter[1].upper()) - ord("A") if letter else len(choices)
    if letter is not None and place < len(choices) and not _mistakable(letter[1], choices):
        rest = text[letter.end() :].strip()
        if rest in ("", ".") or _CAUSE.match(rest):
            return place
        if rest[0] == "(" and rest.rstrip(".").endswith(")"):  # D (IL-4)
            return None if _mentions_another(canonical(rest), choices[place], choices) else place
        if letter[0].strip() != letter[1] or rest != text[letter.end(1) :].strip():
            agreed = _starts_with_option(rest, choices)
            return place if agreed is not None and choices[agreed] == choices[place] else None
    return _starts_with_option(text, choices)


def _mistakable(letter: str, choices: Sequence[str]) -> bool:
    """Whether a letter in the wrong case may mean an option that is that letter."""
    return any(choice != letter and choice.casefold() == letter.casefold() for choice in choices)


def _starts_with_option(text: str, choices: Sequence[str]) -> int | None:
    """Find the one option with which a text starts and which it then only explains."""
    folded, found = canonical(text), []
    for place, option in enumerate(map(canonical, _unlabelled(choices))):
        head, rest = folded[: len(option)], folded[len(option) :]
        if option and same_text(head, option) and _explains(rest, option, choices):
            found.append((len(option), place))
    longest = max((size for size, _ in found), default=0)
    places = [place for size, place in found if size == longest]
    return places[0] if len({choices[place] for place in places}) == 1 else None


def _explains(rest: str, option: str, choices: Sequence[str]) -> bool:
    if rest.strip(" .)\"'*") == "":
        return rest[:1] != "'" or option.startswith("'")
    if _CAUSE.match(rest) and rest[:1] in " ,.;:":
        return True
    rest = rest.removeprefix(" ") if rest.startswith(" - ") else rest
    if rest[0] not in ",.;:-" or rest[1:2] not in ("", " ") or _CONJUNCTION.match(rest):
        return False
    others = [canonical(choice) for choice in choices if canonical(choice) != option]
    return not any(re.search(rf"(?<!\w){re.escape(other)}(?!\w)", rest, re.IGNORECASE) for other in others if other)
