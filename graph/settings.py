"""Every knob, once: default, bounds and description; explicit beats `NANOFLUX_*` beats default.

The command line, Studio's form, `settings.json` and the README's table all come from this class.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from uuid import NAMESPACE_URL, uuid5

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict
from pydantic_settings import SettingsConfigDict

from agents.errors import SetupError
from agents.records import SEATS, DefenderForm, Price, SeatName
from graph.selection_knobs import SELECTION_KNOBS, known_rule
from graph.setting_values import (
    each_expanded,
    folder_name,
    home_expanded,
    home_folder,
    hops_span,
    known_levels,
    known_sizes,
    known_twists,
    licence_name,
    priced_models,
    read_prices,
    share_span,
    split,
    url,
)
from graph.settings_file import FromFile
from tools.sandbox.port import Limits
from tools.sandbox.registry import SANDBOXES

FREE: JsonDict = {"resume": "free"}
"""Marks a knob that may change when a run is resumed: it decides how long and how fast, not what is kept."""

PAID_DEFAULTS: dict[SeatName, str] = {
    "attacker": "openai:gpt-5",
    "defender": "openai:gpt-5-mini",
    "judge": "openai:gpt-5",
}
OFFLINE_DEFAULTS: dict[SeatName, str] = {
    "attacker": "offline:attacker",
    "defender": "offline:smollm2",
    "judge": "offline:judge",
}


BaseUrl = Annotated[str | None, AfterValidator(url)]


class Settings(FromFile):
    """How a run goes; every field is a flag, a `NANOFLUX_` variable and a place in Studio's form."""

    model_config = SettingsConfigDict(
        env_prefix="NANOFLUX_", env_ignore_empty=True, allow_inf_nan=False, extra="forbid", frozen=True
    )

    domain: str = Field("math", description="domain pack: a file name in prompts/domains/")
    target: int = Field(12, ge=1, le=100_000, description="survivors to keep", json_schema_extra=FREE)
    name: Annotated[str, AfterValidator(folder_name)] = Field(
        "", description="name of the run, and of its folder; the domain's name if not given"
    )
    runs_dir: Annotated[Path, AfterValidator(home_folder)] = Field(
        Path("runs"), description="folder that holds the runs", json_schema_extra=FREE
    )
    seed: int = Field(0, ge=0, lt=2**32, description="decides the briefs: same seed, same briefs")

    attacker: str = Field("", description="model that writes questions, as provider:name")
    attacker_base_url: BaseUrl = Field(None, description="OpenAI-compatible server of the attacker")
    attacker_key_env: str | None = Field(None, description="variable that holds the attacker's API key")
    defender: str = Field("", description="model that is to be found out, as provider:name")
    defender_base_url: BaseUrl = Field(None, description="OpenAI-compatible server of the defender")
    defender_key_env: str | None = Field(None, description="variable that holds the defender's API key")
    judge: str = Field("", description="model that solves blind with tools and grades, as provider:name")
    judge_base_url: BaseUrl = Field(None, description="OpenAI-compatible server of the judge")
    judge_key_env: str | None = Field(None, description="variable that holds the judge's API key")
    alternate: bool = Field(False, description="swap attacker and defender on every odd candidate")

    max_attempts: int = Field(3, ge=1, le=20, description="questions the attacker may write for one candidate")
    defender_samples: int = Field(1, ge=1, le=64, description="independent answers asked of the defender")
    select: Annotated[str, AfterValidator(known_rule)] = Field(
        "paper",
        description=f"rule for what is kept: {', '.join(SELECTION_KNOBS)}; it sets what of --pass-rate, "
        "--defender-samples and --easy-share is not given, and where the run aims",
    )
    pass_rate: Annotated[str, AfterValidator(share_span)] = Field(
        "0..0", description="LOW..HIGH: share of right answers between which a question is hard enough, and no harder"
    )
    easy_share: float = Field(
        0.0,
        ge=0,
        le=0.9,
        description="share of rows that the defender gets right more often than --pass-rate allows; 0.3 keeps a model "
        "that is tuned on them from forgetting what it could",
    )
    mix: Annotated[str, AfterValidator(home_expanded)] = Field(
        "balanced", description="shares of topics, hops, sizes and twists: balanced, natural, or a JSON file"
    )
    topics: str = Field("", description="topics of the domain to ask for, with commas between; all if not given")
    hops: Annotated[str, AfterValidator(hops_span)] = Field(
        "", description="LOW..HIGH: reasoning steps to ask for; the domain's range if not given"
    )
    sizes: Annotated[str, AfterValidator(known_sizes)] = Field(
        "", description="sizes of numbers to ask for, of small,school,large; all that the domain has if not given"
    )
    twists: Annotated[str, AfterValidator(known_twists)] = Field(
        "", description="what else to ask for, of none,distractor,inverse; all that the domain has if not given"
    )
    levels: Annotated[str, AfterValidator(known_levels)] = Field(
        "", description="levels of the rubric's mean to keep, as L4,L5; all from --min-quality on if not given"
    )
    proof: Literal["", "agreed", "cited", "computed", "perturbed"] = Field(
        "", description="lowest grade of proof to keep; what the domain pack says for each kind of answer if not given"
    )
    proof_draws: int = Field(16, ge=8, le=128, description="redrawn inputs on which two programs must agree")
    defender_form: Literal["", DefenderForm] = Field(
        "",
        description="how the defender answers: as a record (json), in prose that ends in ANSWER:, or so after worked "
        "examples (few_shot); few_shot for offline:smollm2 and json for others if not given",
    )
    judge_turns: int = Field(6, ge=2, le=30, description="turns the judge may take for its blind answer")
    min_quality: float = Field(
        3.0, ge=1, le=5, description="lowest mean rubric score to keep, where no --levels are given"
    )
    review: Literal["none", "doubtful", "all"] = Field(
        "none", description="which proved questions wait for a person's decision: none, doubtful, or all"
    )
    parse_retries: int = Field(2, ge=0, le=10, description="how often an unreadable reply is asked for again")

    give_up_after: int = Field(
        50, ge=1, description="candidates in a row that add no row until the run stops", json_schema_extra=FREE
    )
    max_candidates: int | None = Field(None, ge=1, description="candidates to try at most", json_schema_extra=FREE)
    max_usd: float | None = Field(
        None, gt=0, description="dollars to spend at most, earlier sittings of the run included", json_schema_extra=FREE
    )
    max_tokens: int | None = Field(
        None, ge=1, description="tokens to use at most, in and out, earlier sittings included", json_schema_extra=FREE
    )
    max_minutes: float | None = Field(
        None, gt=0, le=100_000, description="minutes to work at most, in this sitting", json_schema_extra=FREE
    )
    prices: Annotated[str, AfterValidator(priced_models)] = Field(
        "",
        description="dollars per million tokens in/out (or in/out/cached) where not known: openai:my-model=0.5/2",
        json_schema_extra=FREE,
    )
    batch: bool = Field(
        False,
        description="send first attempts and the defender's answers in batches, at half the price and within a day",
        json_schema_extra=FREE,
    )
    batch_collect_s: float = Field(
        10.0,
        gt=0,
        le=3600,
        description="seconds without a further request until a batch is sent",
        json_schema_extra=FREE,
    )
    slots: int = Field(4, ge=1, le=1024, description="candidates in flight at once", json_schema_extra=FREE)
    call_timeout_s: float = Field(
        120.0, gt=0, le=86_400, description="seconds until a hung call is given up", json_schema_extra=FREE
    )
    max_output_tokens: int | None = Field(
        None,
        ge=64,
        description="tokens of one reply at most, reasoning included; unset: 16384, or half of the server's context",
        json_schema_extra=FREE,
    )
    max_retries: int = Field(
        4, ge=0, le=20, description="retries of a failed call while others get through", json_schema_extra=FREE
    )
    outage_minutes: float = Field(
        10.0,
        gt=0,
        le=100_000,
        description="minutes without any reply after which the run parks",
        json_schema_extra=FREE,
    )
    min_free_mb: int = Field(
        200,
        ge=0,
        le=10**9,
        description="MiB that must stay free on the disk of the run's folder; below, the run ends and can go on later",
        json_schema_extra=FREE,
    )

    sandbox: str = Field("auto", description=f"where programs run: {', '.join(SANDBOXES)}")
    sandbox_wall_s: float = Field(6.0, gt=0, le=600, description="seconds one program may take")
    sandbox_memory_mb: int = Field(1024, ge=128, le=65536, description="MiB of address space one program may take")
    embedder: str = Field(
        "sentence-transformers/all-MiniLM-L6-v2", description="fastembed model that the novelty gate compares with"
    )
    embedder_threads: int = Field(1, ge=1, le=256, description="threads of the embedder", json_schema_extra=FREE)
    novelty_store: str = Field(
        "edge", description="where accepted questions are: edge (the run's folder), or the URL of a Qdrant server"
    )
    novelty_strict: bool = Field(
        False, description="also refuse a question whose program is another's but for constants"
    )
    ask_borderline: bool = Field(
        False, description="ask the judge about questions that are near another by no clear rule"
    )
    data_license: Annotated[str, AfterValidator(licence_name)] = Field(
        "other",
        description="licence that the data card declares, as the Hub names it (cc-by-4.0); other: see its text",
        json_schema_extra=FREE,
    )
    protect: Annotated[str, AfterValidator(each_expanded)] = Field(
        "", description="benchmark files with commas between: questions near their items end as contaminated"
    )

    @property
    def run_name(self) -> str:
        """Name of the run."""
        return self.name or self.domain

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.runs_dir / self.run_name

    @property
    def capped(self) -> bool:
        """Whether the run is bounded by money, tokens or time."""
        return any(bound is not None for bound in (self.max_usd, self.max_tokens, self.max_minutes))

    @property
    def limits(self) -> Limits:
        """What one program may use."""
        return Limits(
            wall_s=self.sandbox_wall_s, cpu_s=max(1, int(self.sandbox_wall_s)), memory_mb=self.sandbox_memory_mb
        )

    @property
    def price_table(self) -> tuple[Price, ...]:
        """Prices that the user stated."""
        return read_prices(self.prices)

    @property
    def answer_form(self) -> DefenderForm:
        """How the Defender answers, where that is not given by what suits its model."""
        return self.defender_form or ("few_shot" if self.defender == OFFLINE_DEFAULTS["defender"] else "json")

    @property
    def allowed_levels(self) -> list[str]:
        """Levels to keep; empty for all."""
        return split(self.levels)

    def key_env(self, seat: SeatName) -> str | None:
        """Return the variable that holds the seat's API key; None for the provider's own."""
        named: str | None = getattr(self, f"{seat}_key_env")
        return named

    def resolved(self) -> Self:
        """Fill what depends on other settings: the run's name, the seats that were not named, what `select` wants.

        An unnamed seat is played by its paid default where an OpenAI key is set, else offline.

        Raises:
            SetupError: A seat has a server or a key, and no model that would use it.
        """
        rule = SELECTION_KNOBS[self.select](self.target)
        wanted = {name: value for name, value in rule.items() if name not in self.model_fields_set}
        if self.name and not wanted and all(getattr(self, seat) for seat in SEATS):
            return self
        for seat, knob in product(SEATS, ("base_url", "key_env")):
            if (value := getattr(self, f"{seat}_{knob}")) and not getattr(self, seat):
                flag = f"--{seat}-{knob.replace('_', '-')}"
                raise SetupError(f"{flag} {value!r} belongs to no model: add --{seat} openai:NAME")
        defaults = PAID_DEFAULTS if os.environ.get("OPENAI_API_KEY") else OFFLINE_DEFAULTS
        seats: dict[str, str] = {seat: getattr(self, seat) or defaults[seat] for seat in SEATS}
        return self.model_copy(update={"name": self.run_name, **seats, **wanted})

    def differences(self, recorded: Mapping[str, Any]) -> list[str]:
        """Compare with recorded settings; one line for each knob that may not change on resume."""
        now = self.model_dump(mode="json")
        fixed = {name: field for name, field in type(self).model_fields.items() if field.json_schema_extra != FREE}
        # a knob that was not there yet was as it is by default
        before = {name: recorded.get(name, field.default) for name, field in fixed.items()}
        return [f"{name}: was {before[name]!r}, now {now[name]!r}" for name in fixed if before[name] != now[name]]


def candidate_id(run: str, index: int) -> str:
    """Name a candidate, and its thread: the same run and index always give the same UUID."""
    return str(uuid5(NAMESPACE_URL, f"nanoflux:{run}/{index}"))
