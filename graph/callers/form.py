"""The settings as a form for people and as a tool's parameters: titles, choices, and two numbers for a range.

The command line writes a range as `LOW..HIGH` and a list with commas. Over HTTP a range is two numbers, a list of
levels is a list, and a file of the mix is a setting of its own; `read` turns these into what `Settings` takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from agents.errors import SetupError
from agents.records import Level
from graph.callers.words import RANGES, without_flags
from graph.selection_knobs import SELECTION_KNOBS
from graph.settings import Settings
from prompts.domain import domain_names
from tools.sandbox.registry import SANDBOXES

TITLES = {
    "domain": "Domain",
    "target": "Rows to keep",
    "name": "Name of the run",
    "runs_dir": "Folder of the runs",
    "seed": "Seed",
    "attacker": "Attacker's model",
    "attacker_base_url": "Attacker's server",
    "attacker_key_env": "Variable of the attacker's key",
    "defender": "Defender's model",
    "defender_base_url": "Defender's server",
    "defender_key_env": "Variable of the defender's key",
    "judge": "Judge's model",
    "judge_base_url": "Judge's server",
    "judge_key_env": "Variable of the judge's key",
    "alternate": "Swap attacker and defender by turns",
    "max_attempts": "Questions that a candidate may try",
    "defender_samples": "Answers asked of the defender",
    "select": "Rule for what is kept",
    "pass_rate_low": "Lowest share of right answers",
    "pass_rate_high": "Highest share of right answers",
    "easy_share": "Share of easy rows",
    "mix": "Mix of topics and steps",
    "mix_file": "File of the mix",
    "topics": "Topics",
    "hops_low": "Fewest reasoning steps",
    "hops_high": "Most reasoning steps",
    "sizes": "Sizes of numbers",
    "twists": "Distractors and inverse questions",
    "levels": "Levels to keep",
    "proof": "Lowest grade of proof",
    "proof_draws": "Redrawn inputs of a proof",
    "defender_form": "Form of the defender's answer",
    "judge_turns": "Turns of the judge",
    "min_quality": "Lowest rubric score",
    "review": "Questions that wait for a person",
    "parse_retries": "Retries of an unreadable reply",
    "give_up_after": "Candidates in vain until it stops",
    "max_candidates": "Most candidates to try",
    "max_usd": "Most dollars to spend",
    "max_tokens": "Most tokens to use",
    "max_minutes": "Most minutes to work",
    "prices": "Prices of models",
    "batch": "Send what can wait in batches",
    "batch_collect_s": "Seconds until a batch is sent",
    "slots": "Candidates at once",
    "call_timeout_s": "Seconds until a call is given up",
    "max_output_tokens": "Most tokens of one reply",
    "max_retries": "Retries of a failed call",
    "outage_minutes": "Minutes without any reply until it parks",
    "min_free_mb": "MiB of disk that must stay free",
    "sandbox": "Sandbox",
    "sandbox_wall_s": "Seconds that a program may take",
    "sandbox_memory_mb": "MiB that a program may take",
    "embedder": "Embedding model",
    "embedder_threads": "Threads of the embedder",
    "novelty_store": "Novelty store",
    "novelty_strict": "Refuse programs that differ in constants only",
    "ask_borderline": "Ask the judge about borderline questions",
    "data_license": "Licence of the dataset",
    "protect": "Benchmark files to stay away from",
}
"""By field of the form, in its order."""

CAMPAIGN_ONLY = {
    *("target", "alternate", "easy_share", "mix", "mix_file"),
    *("give_up_after", "max_candidates", "max_usd", "max_tokens", "max_minutes", "prices", "slots", "embedder_threads"),
    *("batch", "batch_collect_s"),
}
"""Fields that say nothing about one candidate."""

CHOICES = {
    "domain": tuple(domain_names()),
    "sandbox": tuple(SANDBOXES),
    "mix": ("balanced", "natural"),
    "select": tuple(SELECTION_KNOBS),
}
"""Fields that are chosen from a list; read once, since a schema is asked for where nothing may block."""


def fields(*, one_candidate: bool) -> list[str]:
    """List the fields of a graph's form."""
    return [name for name in TITLES if not (one_candidate and name in CAMPAIGN_ONLY)]


def properties(names: Iterable[str]) -> dict[str, Any]:
    """Describe fields of the form in JSON Schema."""
    settings = Settings.model_json_schema()["properties"]
    known = {**settings, **_own_properties(settings)}

    def field(name: str) -> dict[str, Any]:
        described: dict[str, Any] = known[name] | {
            "title": TITLES[name],
            "description": without_flags(known[name]["description"]),
        }
        described.pop("resume", None)  # our own mark
        return described

    return {name: field(name) for name in names}


def _own_properties(known: Mapping[str, Any]) -> dict[str, Any]:
    """Describe what the form asks otherwise than the command line does."""
    choices = {name: known[name] | {"enum": list(values)} for name, values in CHOICES.items()}
    share = {"type": "number", "minimum": 0, "maximum": 1, "default": 0}
    steps = {"type": ["integer", "null"], "minimum": 1, "maximum": 8, "default": None}
    return {
        **choices,
        "easy_share": known["easy_share"]
        | {"description": "share of rows that the defender gets right more often than the highest share allows"},
        "mix": choices["mix"] | {"description": "shares of topics, hops, sizes and twists among the rows"},
        "mix_file": {"type": "string", "default": "", "description": "JSON file of shares, in place of the mix"},
        "levels": {
            "type": "array",
            "items": {"type": "string", "enum": list(get_args(Level))},
            "uniqueItems": True,
            "default": [],
            "description": "levels of the rubric's mean to keep; all from the lowest rubric score on if none is given",
        },
        "pass_rate_low": share | {"description": "a question is too hard where the defender is right less often"},
        "pass_rate_high": share | {"description": "a question is too easy where the defender is right more often"},
        "hops_low": steps | {"description": "reasoning steps to ask for at least; the domain's if not given"},
        "hops_high": steps | {"description": "reasoning steps to ask for at most; the domain's if not given"},
    }


def require_known(stated: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name that is no field.

    Raises:
        SetupError: It is unknown; the text names the field that was probably meant.
    """
    known = list(known)
    for name in stated:
        if name not in known:
            near = RANGES.get(name) or get_close_matches(name, known, 1)
            elsewhere = "a setting of the campaign, not of one candidate" if name in TITLES else "no setting"
            remedy = f"; did you mean {' and '.join(near)}?" if near else ""
            raise SetupError(f"{name!r} is {elsewhere}{remedy}")


def read(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Write the form's fields as `Settings` takes them; what is null, or an empty text, is left out.

    Raises:
        SetupError: A range has one end only, or is no numbers.
    """
    given = {name: value for name, value in stated.items() if value is not None and value != ""}
    for name, ends in RANGES.items():
        low, high = (given.pop(end, None) for end in ends)
        if low is None and high is None:
            continue
        if name == "hops" and None in (low, high):
            raise SetupError(f"{ends[0]} and {ends[1]} go together: give both, or neither")
        for end, value in zip(ends, (low, high), strict=True):
            if isinstance(value, bool) or not isinstance(value, int | float | None):
                raise SetupError(f"{end} {value!r}: give a number")
        if (low or 0) > (high or 0):
            raise SetupError(f"{ends[0]} {low:g} is above {ends[1]} {high or 0:g}; give the lower number first")
        given[name] = f"{low or 0}..{high or 0}"
    if isinstance(given.get("levels"), list):
        given["levels"] = ",".join(map(str, given["levels"]))
    for name, names in CHOICES.items():
        if name in given and given[name] not in names:
            more = "; a file is named by mix_file" if name == "mix" else ""
            raise SetupError(f"{name} {given[name]!r}: choose from {', '.join(names)}{more}")
    if "mix_file" in given:
        given["mix"] = given.pop("mix_file")
    return given
