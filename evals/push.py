"""Publish a run's dataset, with its data card, on the Hugging Face Hub, or on any server with its API.

    push runs/math-1 me/hard-questions             private unless --public is given

The token is HF_TOKEN, or that of `hf auth login`; HF_ENDPOINT names another server. Pushing again replaces the files.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from agents.errors import SetupError
from agents.row_versions import read_dataset
from graph.cli.flags import rows_path
from graph.cli.output import report
from tools.files.lines import dataset_file

FILES = ("README.md", "croissant.json")
"""What goes along with the rows, where it is there."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the run and the repository."""
    parser.add_argument("run", type=rows_path, help="a run: its name or folder")
    parser.add_argument("repository", help="where to publish it, as OWNER/NAME")
    parser.add_argument("--public", action="store_true", help="let anybody see a repository that is made now")
    parser.add_argument("--message", default="Dataset by NanoFlux", help="of the commit (default: %(default)s)")


async def run(args: argparse.Namespace) -> int:
    """Check the rows, then publish; return the exit code."""
    rows = await asyncio.to_thread(read_dataset, args.run)
    url = await asyncio.to_thread(publish, args.run, args.repository, public=args.public, message=args.message)
    report(args, {"rows": len(rows), "url": url}, [f"{len(rows)} rows published at {url}"])
    return 0


def publish(run: Path, repository: str, *, public: bool, message: str) -> str:
    """Upload the dataset and its card in one commit; return the repository's address.

    Raises:
        SetupError: The server cannot be reached, or will not take it.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from httpx import HTTPError  # noqa: PLC0415  # loads after --help
    from huggingface_hub import CommitOperationAdd, HfApi  # noqa: PLC0415  # as above
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError  # noqa: PLC0415  # as above

    rows = dataset_file(run)
    files = [rows, *(file for name in FILES if (file := rows.parent / name).is_file())]
    api = HfApi()
    try:
        url = api.create_repo(repository, repo_type="dataset", private=not public, exist_ok=True)
        operations = [CommitOperationAdd(path_in_repo=file.name, path_or_fileobj=file) for file in files]
        api.create_commit(repository, operations, commit_message=message, repo_type="dataset")
    except HFValidationError as error:
        raise SetupError(f"{repository!r} is no name of a repository; write it as OWNER/NAME") from error
    except LocalTokenNotFoundError as error:
        raise SetupError("no token: set HF_TOKEN, or run `hf auth login`") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        remedy = "; set HF_TOKEN to one that may write there" if status in (401, 403) else ""
        raise SetupError(f"{api.endpoint} refused {repository!r} with status {status}{remedy}") from error
    except (HTTPError, OSError) as error:
        raise SetupError(f"cannot reach {api.endpoint}: {error}; HF_ENDPOINT names another server") from error
    return str(url)
