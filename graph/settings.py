"""Every knob, once: default, bounds and description; explicit beats `NANOFLUX_*` beats default.

The command line, Studio's form, `settings.json` and the README's table all come from this class.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Annotated, Any, Self
from uuid import NAMESPACE_URL, uuid5

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.schema import SEATS, SeatName
from tools.sandbox import Limits

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


def _folder_name(name: str) -> str:
    if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
        raise ValueError("use letters, digits, '-' and '_' (64 at most): it becomes a folder's name")
    return name


class Settings(BaseSettings):
    """How a run goes; every field is a flag, a `NANOFLUX_` variable and a place in Studio's form."""

    model_config = SettingsConfigDict(env_prefix="NANOFLUX_", extra="forbid", frozen=True)

    domain: str = Field("math", description="domain pack: a file name in prompts/domains/")
    target: int = Field(12, ge=1, le=100_000, description="survivors to keep", json_schema_extra=FREE)
    name: Annotated[str, AfterValidator(_folder_name)] = Field(
        "", description="name of the run, and of its folder; the domain's name if not given"
    )
    runs_dir: Path = Field(Path("runs"), description="folder that holds the runs", json_schema_extra=FREE)
    seed: int = Field(0, ge=0, description="decides the briefs: same seed, same briefs")

    attacker: str = Field("", description="model that writes questions, as provider:name")
    attacker_base_url: str | None = Field(None, description="OpenAI-compatible server of the attacker")
    attacker_key_env: str | None = Field(None, description="variable that holds the attacker's API key")
    defender: str = Field("", description="model that is to be found out, as provider:name")
    defender_base_url: str | None = Field(None, description="OpenAI-compatible server of the defender")
    defender_key_env: str | None = Field(None, description="variable that holds the defender's API key")
    judge: str = Field("", description="model that solves blind with tools and grades, as provider:name")
    judge_base_url: str | None = Field(None, description="OpenAI-compatible server of the judge")
    judge_key_env: str | None = Field(None, description="variable that holds the judge's API key")
    alternate: bool = Field(False, description="swap attacker and defender on every odd candidate")

    max_attempts: int = Field(3, ge=1, le=20, description="questions the attacker may write for one candidate")
    defender_samples: int = Field(1, ge=1, le=64, description="independent answers asked of the defender")
    max_pass_rate: float = Field(
        0.0, ge=0, lt=1, description="share of right answers up to which a question counts as failed"
    )
    judge_turns: int = Field(6, ge=2, le=30, description="turns the judge may take for its blind answer")
    min_quality: float = Field(3.0, ge=1, le=5, description="lowest mean rubric score that is kept")
    reasks: int = Field(2, ge=0, le=10, description="how often an unreadable reply is asked for again")

    give_up_after: int = Field(
        50, ge=1, description="candidates in a row without a survivor until the run stops", json_schema_extra=FREE
    )
    max_candidates: int | None = Field(None, ge=1, description="candidates to try at most", json_schema_extra=FREE)
    slots: int = Field(4, ge=1, le=1024, description="candidates in flight at once", json_schema_extra=FREE)
    call_timeout_s: float = Field(
        120.0, gt=0, description="seconds until a hung call is given up", json_schema_extra=FREE
    )
    max_retries: int = Field(
        4, ge=0, le=20, description="retries of a call that failed in transit", json_schema_extra=FREE
    )

    sandbox: str = Field("auto", description="where programs run: a row of SANDBOXES")
    sandbox_wall_s: float = Field(6.0, gt=0, le=600, description="seconds one program may take")
    sandbox_memory_mb: int = Field(1024, ge=128, le=65536, description="MiB of address space one program may take")
    embedder: str = Field(
        "sentence-transformers/all-MiniLM-L6-v2", description="fastembed model that the novelty gate compares with"
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
    def limits(self) -> Limits:
        """What one program may use."""
        return Limits(
            wall_s=self.sandbox_wall_s, cpu_s=max(1, int(self.sandbox_wall_s)), memory_mb=self.sandbox_memory_mb
        )

    def resolved(self) -> Self:
        """Fill what depends on the surroundings: the run's name, and the seats that were not named.

        An unnamed seat is played by its paid default where an OpenAI key is set, else offline.
        """
        defaults = PAID_DEFAULTS if os.environ.get("OPENAI_API_KEY") else OFFLINE_DEFAULTS
        seats: dict[str, str] = {seat: getattr(self, seat) or defaults[seat] for seat in SEATS}
        return self.model_copy(update={"name": self.run_name, **seats})

    def to_json(self) -> str:
        """Write the settings as `settings.json` holds them."""
        return self.model_dump_json(indent=2) + "\n"

    def differences(self, recorded: str) -> list[str]:
        """Compare with a recorded `settings.json`; one line for each knob that may not change on resume."""
        before: dict[str, Any] = json.loads(recorded)
        now: dict[str, Any] = json.loads(self.to_json())
        fixed = [name for name, field in type(self).model_fields.items() if field.json_schema_extra != FREE]
        return [
            f"{name}: was {before.get(name)!r}, now {now[name]!r}" for name in fixed if before.get(name) != now[name]
        ]


def candidate_id(run: str, index: int) -> str:
    """Name a candidate, and its thread: the same run and index always give the same UUID."""
    return str(uuid5(NAMESPACE_URL, f"nanoflux:{run}/{index}"))
