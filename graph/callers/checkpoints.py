"""The checkpoints of LangGraph's server on disk, so that a thread's history outlives a killed server.

Left to itself `langgraph dev` writes them at a graceful end only. They lie beside what it keeps of threads and runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

FILE = Path(".langgraph_api") / "checkpoints.sqlite"


@asynccontextmanager
async def open_checkpoints() -> AsyncIterator[AsyncSqliteSaver]:
    """Open the checkpoints of the server that runs in this folder; `langgraph.json` names this function."""
    await asyncio.to_thread(FILE.parent.mkdir, exist_ok=True)
    async with AsyncSqliteSaver.from_conn_string(str(FILE)) as saver:
        await saver.setup()
        yield saver
