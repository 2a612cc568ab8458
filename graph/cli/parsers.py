"""The commands and the parsers of their flags; a command's own module is imported only when it is asked for."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from graph.cli.flags import FlagParser, add_flags
from graph.cli.output import add_output_flags
from graph.storage.recorded_settings import program_version

COMMANDS: dict[str, tuple[str, str]] = {
    "doctor": (
        "graph.commands.doctor",
        "say whether a run with the same flags could start, and what works on this machine",
    ),
    "verify": (
        "graph.commands.verify",
        "check a dataset from its file alone: fields, programs, answers, near-duplicates",
    ),
    "novelty": ("graph.commands.novelty", "measure the novelty rules, audit any dataset, list what is near a text"),
    "review": ("graph.commands.review", "list the questions that wait for a person; approve, edit or reject them"),
    "explain": ("graph.commands.explain", "show what happened to one candidate of a run, or to a survivor"),
    "export": ("evals.export", "convert survivors to a trainer's format, or to a package for RL or evaluation"),
    "push": ("evals.push", "publish a run's dataset and its data card on the Hugging Face Hub"),
    "preview": (
        "graph.commands.preview",
        "show a few questions as a run would make them; nothing is written",
    ),
    "estimate": ("graph.commands.estimate", "say what a run with the same flags is likely to take, as ranges"),
    "list": ("graph.commands.list_runs", "list the runs: how each stands, its rows, what it spent"),
    "init": ("graph.commands.init", "write nanoflux.toml with every setting, or a domain pack to be filled in"),
    "validate": ("graph.commands.validate", "check settings, domain packs and datasets without running anything"),
    "completion": ("graph.commands.completion", "print a script that completes commands and flags in a shell"),
}
"""Name: its module, and one line of help. A module's docstring is its `--help`; it has `add_arguments(parser)` and
`async run(args) -> int`, and is imported only when it is asked for."""

PROGRAM = "nanoflux" if Path(sys.argv[0]).stem == "nanoflux" else "python -m graph.run"
"""How the user has called it."""

DESCRIPTION = """\
Find questions that a model gets wrong, prove the answers, keep what is new and well explained.

commands, each with its own --help; without a command, a run starts or resumes:"""
EPILOG = """\
With no key and no seat named, everything runs offline: a procedural attacker, a small local model as defender, a
program as judge. A seat is provider:name as in LangChain's init_chat_model (openai:gpt-5-mini, anthropic:...), or any
OpenAI-compatible server: --defender openai:my-model --defender-base-url http://localhost:8000/v1

Ctrl-C lets the steps in flight finish; a second Ctrl-C stops at once. Either way nothing is lost: the same command
resumes the run. Every flag can also be set as a variable, in the environment or in the current folder's .env, and in
the current folder's nanoflux.toml, which `init` writes: --max-attempts is NANOFLUX_MAX_ATTEMPTS, and in the file it is
max_attempts. A flag beats a variable, and a variable the file; an empty variable counts as unset.
"""


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of a run's own flags."""
    parser = FlagParser(
        prog=PROGRAM,
        usage="%(prog)s [--flag VALUE ...] | COMMAND [--help]",
        description=DESCRIPTION + "".join(f"\n  {name:<12}{text}" for name, (_, text) in COMMANDS.items()),
        epilog=EPILOG,
    )
    add_flags(parser)
    parser.add_argument("--force", action="store_true", help="resume a run although its settings differ")
    parser.add_argument("--version", action="version", version=f"NanoFlux {program_version()}")
    add_output_flags(parser)
    return parser


def command_module(name: str) -> ModuleType:
    """Import a command."""
    return import_module(COMMANDS[name][0])


def build_command_parser(name: str) -> argparse.ArgumentParser:
    """Make the parser of a command."""
    command = command_module(name)
    parser = FlagParser(prog=f"{PROGRAM} {name}", description=command.__doc__)
    command.add_arguments(parser)
    add_output_flags(parser)
    return parser


def build_whole_parser() -> argparse.ArgumentParser:
    """Make one parser of all commands and flags, for what must know all of them, such as completion."""
    parser = build_parser()
    parser.prog = "nanoflux"
    parser.usage = None
    commands = parser.add_subparsers(metavar="COMMAND")
    for name, (_, text) in COMMANDS.items():
        command = command_module(name)
        one = commands.add_parser(name, help=text, description=text)
        command.add_arguments(one)
        add_output_flags(one)
    return parser
