"""Which keys go where for a caller over HTTP, from nothing but the server's environment; and who may call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers

from agents.errors import SetupError
from agents.records import SeatName
from graph.callers.allowed import Allowed
from graph.callers.callers import CallerSettings
from graph.callers.form import TITLES, fields, properties, read
from graph.callers.guard import Guard
from graph.callers.words import error_for_callers, for_callers
from graph.settings import Settings

GATEWAY = "https://gateway.example/v1"


def key_of(seat: SeatName = "judge", **stated: Any) -> str | None:
    """Return the variable whose key would be sent for a seat; None for the provider's own."""
    return CallerSettings.of(stated).key_env(seat)


@pytest.mark.parametrize(
    ("stated", "key"),
    [
        ({}, None),
        ({"judge": "openai:m"}, None),
        ({"judge": "openai:m", "judge_key_env": "OPENAI_API_KEY"}, "OPENAI_API_KEY"),
        ({"judge": "anthropic:m", "judge_key_env": "ANTHROPIC_API_KEY"}, "ANTHROPIC_API_KEY"),
        ({"judge": "openai:m", "judge_base_url": "https://api.openai.com/v1"}, "OPENAI_API_KEY"),
        ({"judge": "openai:m", "judge_base_url": "http://localhost:8000/v1"}, ""),
        ({"judge": "openai:m", "judge_base_url": "http://127.0.0.2/v1"}, ""),
        ({"judge": "openai:m", "judge_base_url": "http://[::1]:8000/v1"}, ""),
    ],
    ids=str,
)
def test_by_default_vendors_get_their_own_key_and_loopback_none(stated: dict[str, Any], key: str | None) -> None:
    assert key_of(**stated) == key


@pytest.mark.parametrize(
    "stated",
    [
        {"judge_base_url": "https://api.openai.com/v1", "judge_key_env": "ANTHROPIC_API_KEY"},
        {"judge_base_url": "http://api.openai.com/v1"},
        {"judge_base_url": "http://localhost/v1", "judge_key_env": "OPENAI_API_KEY"},
        {"judge_base_url": "http://localhost/v1", "judge": "anthropic:m"},
        {"judge_base_url": "http://localhost.evil.example/v1"},
        {"judge_base_url": "http://localhost@evil.example/v1"},
        {"judge_base_url": "http://localhost\\@evil.example/v1"},
        {"judge_base_url": "http://localhost:80:80/v1"},
        {"judge_base_url": "http://localhost/v1?next=http://evil.example"},
        {"judge_base_url": "http://2130706433/v1"},
        {"judge_base_url": "http://0.0.0.0/v1"},
        {"judge_base_url": GATEWAY},
        {"judge_key_env": "GATEWAY_KEY"},
    ],
    ids=str,
)
def test_any_other_way_is_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(SetupError, match=r"^judge"):
        key_of(**{"judge": "openai:m"} | stated)


def test_the_owners_own_way_is_open_and_its_key_follows_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"JUDGE": "openai:m", "JUDGE_BASE_URL": GATEWAY, "JUDGE_KEY_ENV": "GATEWAY_KEY"}.items():
        monkeypatch.setenv(f"NANOFLUX_{name}", value)
    assert key_of() == "GATEWAY_KEY"
    assert key_of(judge="openai:other") == "GATEWAY_KEY"
    assert key_of("attacker", attacker="openai:m", attacker_base_url=GATEWAY, attacker_key_env="GATEWAY_KEY") == (
        "GATEWAY_KEY"
    )
    assert key_of(judge_base_url="http://localhost/v1") == ""
    with pytest.raises(SetupError, match="attacker_base_url"):
        key_of(attacker="openai:m", attacker_base_url=GATEWAY)  # would send it another key


def test_the_owner_lists_more_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NANOFLUX_CALLERS_SERVERS", f"{GATEWAY}=GATEWAY_KEY, http://10.0.0.5:8000/v1")
    assert key_of(judge="openai:m", judge_base_url=GATEWAY, judge_key_env="GATEWAY_KEY") == "GATEWAY_KEY"
    assert key_of(judge="openai:m", judge_base_url=GATEWAY) == ""
    assert key_of(judge="openai:m", judge_base_url="http://10.0.0.5:8000/v1/") == ""
    with pytest.raises(SetupError, match="judge_key_env 'GATEWAY_KEY'"):
        key_of(judge="openai:m", judge_base_url="http://10.0.0.5:8000/v1", judge_key_env="GATEWAY_KEY")
    with pytest.raises(SetupError, match="judge_base_url"):
        key_of(judge="openai:m", judge_base_url=f"{GATEWAY}/more")


def test_paths_stay_in_the_servers_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to("/etc")
    monkeypatch.chdir(tmp_path)
    CallerSettings.of({"runs_dir": "runs/mine", "protect": "data/a.jsonl"})
    for stated in (
        {"runs_dir": "link"},
        {"runs_dir": ".git"},
        {"protect": "link/a.jsonl"},
        {"protect": "a.jsonl,/b.jsonl"},
    ):
        with pytest.raises(SetupError, match="not in the server's folders"):
            CallerSettings.of(stated)
    monkeypatch.setenv("NANOFLUX_CALLERS_FOLDERS", "/etc")
    CallerSettings.of({"protect": "link/a.jsonl"})


def test_a_run_overwrites_no_other_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    CallerSettings.of({"runs_dir": ".", "name": "docs"})
    (tmp_path / "docs" / "README.md").touch()
    with pytest.raises(SetupError, match="holds no run"):
        CallerSettings.of({"runs_dir": ".", "name": "docs"})
    (tmp_path / "docs" / "lock").touch()
    CallerSettings.of({"runs_dir": ".", "name": "docs"})


def test_the_form_has_a_titled_field_for_every_setting() -> None:
    others = {"pass_rate_low", "pass_rate_high", "hops_low", "hops_high", "mix_file"}
    assert set(TITLES) - others == set(Settings.model_fields) - {"pass_rate", "hops"}
    described = properties(fields(one_candidate=False))
    assert all(field["title"] != name and field["description"] for name, field in described.items())


def test_a_field_left_empty_is_left_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NANOFLUX_MAX_USD", "5")
    assert CallerSettings.of(read({"max_usd": None, "prices": "", "hops_low": None, "hops_high": None})).max_usd == 5


def test_two_numbers_are_a_range() -> None:
    given = read({"pass_rate_high": 0.5, "hops_low": 2, "hops_high": 4, "levels": ["L4"], "mix_file": "a.json"})
    assert given == {"pass_rate": "0..0.5", "hops": "2..4", "levels": "L4", "mix": "a.json"}


def test_a_message_names_settings_and_no_address_of_the_servers() -> None:
    text = "cannot reach http://10.1.2.3/v1; lower --max-output-tokens, the same command resumes; --help"
    assert for_callers(text, {}) == "cannot reach its server; lower max_output_tokens, the same request resumes; --help"
    assert for_callers("--hops 9..9: too many", {}) == "hops_low to hops_high 9..9: too many"
    assert for_callers("cannot read /srv/my/runs/r/settings.json: no", {}) == "cannot read settings.json: no"
    assert for_callers("1 case waits: graph.run review /srv/runs/r", {}) == "1 case waits: graph.run review r"
    assert for_callers("'/etc/passwd' is not there", {"protect": "/etc/passwd"}) == "'/etc/passwd' is not there"
    assert "http://10.1.2.3/v1" in for_callers(text, {"judge_base_url": "http://10.1.2.3/v1"})


def test_a_fault_of_our_own_is_not_shown() -> None:
    shown = error_for_callers(KeyError("/home/owner/secret"), {})
    assert str(shown) == "the server met a fault of its own (KeyError); its log has the details"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, None),
        ({"host": "LOCALHOST:2024"}, None),
        ({"host": "[::1]:2024"}, None),
        ({"host": "graphs.example"}, None),
        ({"host": "evil.example:2024"}, 403),
        ({"host": "localhost.evil.example"}, 403),
        ({"host": "[::1"}, 403),
        ({"host": ""}, 403),
        ({"origin": "https://smith.langchain.com"}, None),
        ({"origin": "https://smith.langchain.com.evil.example"}, 403),
        ({"origin": "http://localhost:3000"}, None),
        ({"origin": "http://localhost.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, None),
        ({"sec-fetch-site": "none"}, None),
        ({"content-length": "2", "content-type": "Application/JSON; charset=utf-8"}, None),
        ({"content-length": "2", "content-type": "text/plain"}, 415),
        ({"content-length": "2"}, 415),
        ({"transfer-encoding": "chunked"}, 415),
    ],
    ids=str,
)
def test_who_may_call(headers: dict[str, str], status: int | None) -> None:
    async def app(*_: Any) -> None:
        raise AssertionError("not called")

    pattern = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?"
    guard = Guard(app, Allowed(hosts="graphs.example"), ["https://smith.langchain.com"], pattern)
    fault = guard.fault(Headers({"host": "127.0.0.1:2024", **headers}))
    assert (fault and fault[0]) == status
