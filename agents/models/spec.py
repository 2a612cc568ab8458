"""Which model plays a seat, on which server, within which bounds."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from agents.records import Price, SeatName


class SeatSpec(BaseModel):
    """What is needed to open a seat; equal specs share one model."""

    model_config = ConfigDict(frozen=True)

    name: SeatName
    model: str
    base_url: str | None = None
    key_env: str | None = None
    """Variable that holds the key: None for the provider's own, empty where no key may be sent."""
    timeout_s: float = 120.0
    max_output: int | None = None
    """Tokens of one reply at most; None for what the server's context leaves room for."""
    prices: tuple[Price, ...] = ()
    """Stated prices, which stand instead of the known ones."""
    seed: int = 0
    batch: bool = False
    """Whether what can wait goes through the server's batch API."""
    batch_collect_s: float = 10.0

    @property
    def endpoint(self) -> tuple[str, str | None, str | None]:
        """Name the server, model and key; seats with the same share one rate limiter."""
        return self.model, self.base_url, self.key_env
