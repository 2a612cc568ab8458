"""The E2B adapter over the whole SDK, against a stand-in on loopback that misbehaves as the cloud does."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.service.sandbox.e2b_stand_in import StandIn, serve
from tools.sandbox.e2b import E2BSandbox
from tools.sandbox.port import Limits, SandboxError
from tools.sandbox.registry import open_sandbox

pytest.importorskip("e2b_code_interpreter", reason="needs the extra e2b")

LIMITS = Limits(wall_s=4, cpu_s=1)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with serve() as stand_in:
        monkeypatch.setenv("E2B_API_URL", stand_in.url)
        monkeypatch.setenv("E2B_SANDBOX_URL", stand_in.url)
        monkeypatch.setenv("E2B_API_KEY", "e2b_" + "0" * 40)
        yield stand_in


@pytest.fixture
async def sandbox(cloud: StandIn) -> AsyncIterator[E2BSandbox]:
    async with E2BSandbox(LIMITS, 1) as opened:
        yield opened


@pytest.mark.parametrize(
    ("code", "status", "stdout"),
    [
        ("print(2**100)", "ok", f"{2**100}\n"),
        ("1 / 0", "error", ""),
        ("exit(3)", "error", ""),
        ("import ctypes\nctypes.string_at(0)", "crashed", ""),
        ("import time\ntime.sleep(60)", "timeout", ""),
        ("while True: print('x' * 1000)", "output_limit", None),
        ("while True: pass", "cpu_limit", ""),
        ("import os\nos.write(1, b'a\\xff')", "ok", "a\\xff"),
        ("\ud800", "error", ""),
        ("x = bytearray(3 << 30)", "error", ""),
    ],
)
async def test_a_program_ends_as_in_any_other_sandbox(
    sandbox: E2BSandbox, code: str, status: str, stdout: str | None
) -> None:
    execution = await sandbox.run(code)
    assert execution.status == status, execution.stderr
    assert stdout is None or execution.stdout == stdout
    assert len(execution.stdout) <= LIMITS.output_kb << 10


async def test_a_machine_is_reused_but_nothing_is_kept_in_it(sandbox: E2BSandbox, cloud: StandIn) -> None:
    await sandbox.run("import builtins\nbuiltins.kept = 1\nopen('kept', 'w').close()")
    code = "import builtins, os\nprint(hasattr(builtins, 'kept'), os.listdir())"
    assert (await sandbox.run(code)).stdout == "False []\n"
    assert cloud.made == 1
    await sandbox.__aexit__(None, None, None)
    assert cloud.living == set()


@pytest.mark.parametrize("fault", ["401", "429", "502"])
async def test_a_refused_machine_is_the_sandboxes_fault(sandbox: E2BSandbox, cloud: StandIn, fault: str) -> None:
    cloud.fault = fault
    assert (await sandbox.run("print(1)")).status == "unavailable"
    cloud.fault = ""
    assert (await sandbox.run("print(1)")).stdout == "1\n"


@pytest.mark.parametrize("fault", ["cut", "late", "hang"])
async def test_after_a_lost_call_the_machine_is_thrown_away(
    sandbox: E2BSandbox, cloud: StandIn, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.sandbox.e2b.GRACE_S", 0.5)
    cloud.fault = fault
    execution = await sandbox.run("print(1)", limits=Limits(wall_s=0.5))
    assert (execution.status, execution.stdout) == ("unavailable", "")
    assert cloud.living == set()
    cloud.fault = ""
    assert (await sandbox.run("print(1)")).stdout == "1\n"
    assert cloud.made == 2


@pytest.mark.parametrize("fault", ["keepalives", "flood"])
async def test_noise_around_the_report_is_not_the_programs_output(
    sandbox: E2BSandbox, cloud: StandIn, fault: str
) -> None:
    cloud.fault = fault
    assert (await sandbox.run("print(1)")).stdout == "1\n"


async def test_no_machine_has_internet_and_no_request_holds_a_secret(
    sandbox: E2BSandbox, cloud: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-77")
    await sandbox.run("print(1)")
    assert '"allow_internet_access":false' in cloud.bodies[0].replace(" ", "")
    assert not any("canary-77" in body or os.environ["E2B_API_KEY"] in body for body in cloud.bodies)


async def test_without_a_key_it_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("E2B_API_KEY", raising=False)
    with pytest.raises(SandboxError, match="E2B_API_KEY"):
        async with open_sandbox("e2b", limits=LIMITS, concurrency=1):
            pass
