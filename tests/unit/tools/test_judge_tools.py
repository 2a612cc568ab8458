"""The Judge's tools: what the model reads, what becomes evidence, and what must never be shown."""

from typing import cast

import pytest
from langchain_core.messages import AIMessage, InvalidToolCall

from agents import judge
from agents.models.calls import Journal
from agents.models.seat import Seat
from agents.role import Role
from prompts.domain import load_domain
from tools.judge_tools.port import SHOWN_CHARACTERS, cut_middle
from tools.judge_tools.registry import JUDGE_TOOLS
from tools.programs.static_look import show_last_value, static_look
from tools.sandbox.execution import unavailable
from tools.sandbox.port import Execution, Guarantees, Limits, Sandbox, SandboxError, code_hash
from tools.sandbox.process import ProcessSandbox
from tools.sandbox.registry import open_sandbox

PYTHON = JUDGE_TOOLS["python"]


async def call(code: object) -> tuple[str, Execution | None]:
    async with open_sandbox("process", limits=Limits(wall_s=60), concurrency=1) as sandbox:
        run = await PYTHON.run(sandbox, {"code": code})
    return run.text, run.execution


@pytest.mark.parametrize("name", JUDGE_TOOLS)
def test_every_tool_has_a_schema_that_names_and_describes_it(name: str) -> None:
    function = JUDGE_TOOLS[name].schema["function"]
    assert function["name"] == JUDGE_TOOLS[name].name == name
    assert len(function["description"]) > 20
    assert function["parameters"]["required"]


async def test_a_call_that_is_no_json_is_answered_like_any_other() -> None:
    class Muddled:
        async def say(self, *_args: object, **_options: object) -> AIMessage:
            call = InvalidToolCall(
                type="invalid_tool_call", name="python", args="{code: print(1", id="c1", error="no JSON"
            )
            return AIMessage("", invalid_tool_calls=[call])

    reply = await judge.solve(Role(load_domain("math"), cast(Seat, Muddled()), cast(Journal, None)), [], JUDGE_TOOLS)
    (made,) = reply.tool_calls
    assert (made["id"], reply.invalid_tool_calls) == ("c1", [])
    async with open_sandbox("process", limits=Limits(wall_s=60), concurrency=1) as sandbox:
        run = await PYTHON.run(sandbox, made["args"])
    assert "The call could not be read" in run.text
    assert run.execution is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("1 + 1", "2"),
        ("x = 3\nx, 'é'", "(3, 'é')"),
        ("'é'; (1 +\n # why\n 2)  # done", "3"),
        ("print('a')", "a"),
        ("print('a')\n'b'", "a\n'b'"),
        ("[n for n in\n range(3)]", "[0, 1, 2]"),
        ("(y := 5)", "5"),
        ("x = 1", "[the program printed nothing]"),
        ("None", "[the program printed nothing]"),
        ("", "[the program printed nothing]"),
        ("exit(4)", "[the program ended with exit code 4]"),
        ("from sympy import symbols, solve\nx = symbols('x')\nsolve(x**2 - 2, x)", "[-sqrt(2), sqrt(2)]"),
    ],
)
async def test_a_program_is_shown_as_in_a_notebook(code: str, text: str) -> None:
    assert (await call(code))[0] == text


async def test_an_error_is_shown_with_its_line() -> None:
    text, execution = await call("a = 1\n\n1 / 0")
    assert "line 3" in text
    assert text.endswith("ZeroDivisionError: division by zero")
    assert execution is not None
    assert execution.status == "error"


async def test_evidence_names_the_program_as_the_model_wrote_it() -> None:
    _, execution = await call("6 * 7")
    assert execution is not None
    assert execution.code_sha256 == code_hash("6 * 7")


async def test_a_call_without_code_is_answered_and_is_no_evidence() -> None:
    text, execution = await call(7)
    assert execution is None
    assert "code" in text


class Broken(ProcessSandbox):
    """A sandbox whose worker died."""

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:
        return unavailable(code, self.name, "secret of the operator")


async def test_the_sandboxes_own_fault_is_raised_and_never_shown() -> None:
    with pytest.raises(SandboxError, match="not the program"):
        await PYTHON.run(Broken(Limits(), 1), {"code": "1"})


def test_a_long_text_loses_its_middle() -> None:
    text = cut_middle("a" * SHOWN_CHARACTERS + "b" * SHOWN_CHARACTERS)
    assert text.startswith("aaa")
    assert text.endswith("bbb")
    assert f"{SHOWN_CHARACTERS} characters dropped" in text
    assert cut_middle("short") == "short"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("print(1", "syntax error on line 1"),
        ("x = 1\n", "prints nothing"),
        ("print(10**10**10)", "absurd literal on line 1"),
        ("print(9**99999999999)", "absurd literal"),
        ("-" * 60000 + "1", "nested"),
        ("print(\ud800)", "no text"),
        ("print(2**1000)", None),
        ("print(x ** y)", None),
        ("import sys\nsys.stdout.write('1')", None),
    ],
)
def test_a_look_says_why_a_program_is_pointless(code: str, reason: str | None) -> None:
    found = static_look(code)
    assert found is None if reason is None else found is not None and reason in found


def test_what_cannot_be_read_is_left_as_it_is() -> None:
    assert show_last_value("1 +") == "1 +"


class Counting(ProcessSandbox):
    """Counts the runs that reach it."""

    runs = 0

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:
        self.runs += 1
        return await super().run(code, limits=limits)

    def guarantees(self) -> Guarantees:
        return super().guarantees()


async def test_a_finished_program_is_not_run_again_but_a_stopped_one_is() -> None:
    from tools.sandbox.remembering import RememberingSandbox

    inner = Counting(Limits(), 1)
    sandbox: Sandbox = RememberingSandbox(inner, Limits(), 2)
    async with sandbox:
        assert await sandbox.run("print(1)") == await sandbox.run("print(1)", limits=Limits())
        assert inner.runs == 1
        await sandbox.run("print(1)", limits=Limits(cpu_s=2))
        assert inner.runs == 2
        for _ in range(2):
            await sandbox.run("import time; time.sleep(9)", limits=Limits(wall_s=0.3))
        assert inner.runs == 4
        await sandbox.run("print(2)")
        await sandbox.run("print(1)")
        assert inner.runs == 6
