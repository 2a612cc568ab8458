"""What the server's owner lets callers name, beyond the default; read from the server's environment alone."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.setting_values import split

PREFIX = "NANOFLUX_CALLERS_"

VENDORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "openai": ("api.openai.com", ("OPENAI_API_KEY",)),
    "anthropic": ("api.anthropic.com", ("ANTHROPIC_API_KEY",)),
    "google_genai": ("generativelanguage.googleapis.com", ("GOOGLE_API_KEY", "GEMINI_API_KEY")),
    "mistralai": ("api.mistral.ai", ("MISTRAL_API_KEY",)),
    "groq": ("api.groq.com", ("GROQ_API_KEY",)),
    "deepseek": ("api.deepseek.com", ("DEEPSEEK_API_KEY",)),
    "xai": ("api.x.ai", ("XAI_API_KEY",)),
    "together": ("api.together.xyz", ("TOGETHER_API_KEY",)),
    "fireworks": ("api.fireworks.ai", ("FIREWORKS_API_KEY",)),
    "openrouter": ("openrouter.ai", ("OPENROUTER_API_KEY",)),
    "cohere": ("api.cohere.com", ("COHERE_API_KEY",)),
    "perplexity": ("api.perplexity.ai", ("PPLX_API_KEY",)),
    "cerebras": ("api.cerebras.ai", ("CEREBRAS_API_KEY",)),
}
"""By LangChain's name for the provider: its own host, and the variables whose keys that host may get."""


class Allowed(BaseSettings):
    """The owner's allow-list."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    servers: str = Field("", description="base URLs, with commas between; URL=VARIABLE lets that key be sent there")
    folders: str = Field("", description="folders whose files may be named, with commas between")
    hosts: str = Field("", description="names that the server is called by, with commas between, beside localhost")
    token: SecretStr = Field(
        SecretStr(""), description="what every request must bear; required where the server is reached from elsewhere"
    )
    runs: int = Field(4, ge=1, le=64, description="runs that callers may have in progress at once")
    body_kb: int = Field(1024, ge=1, le=1024**2, description="KiB of a request's body at most")

    @property
    def keys(self) -> dict[str, str]:
        """By base URL, the variable whose key may be sent there; empty for none."""
        found = (re.fullmatch(r"(.*?)(?:=([A-Za-z_]\w*))?", entry) for entry in split(self.servers))
        return {match[1].rstrip("/"): match[2] or "" for match in found if match}
