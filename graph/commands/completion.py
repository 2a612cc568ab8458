"""Print a script that completes commands and flags in a shell.

nanoflux completion bash > ~/.local/share/bash-completion/completions/nanoflux
nanoflux completion zsh > "${fpath[1]}/_nanoflux"
"""

from __future__ import annotations

import argparse

import shtab

from graph.cli.output import print_data
from graph.cli.parsers import build_whole_parser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the shell."""
    parser.add_argument("shell", choices=shtab.SUPPORTED_SHELLS, help="for which shell")


async def run(args: argparse.Namespace) -> int:
    """Print the script."""
    print_data(shtab.complete(build_whole_parser(), args.shell))
    return 0
