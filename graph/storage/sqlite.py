"""The run's two SQLite files: the store of records and the checkpoints."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.base import Op, Result
from langgraph.store.base.batch import AsyncBatchedBaseStore
from langgraph.store.sqlite import SqliteStore

from agents.errors import SetupError


class RunStore(AsyncBatchedBaseStore):
    """LangGraph's SQLite store on a thread: one hop a batch, where its own asynchronous one makes one a statement."""

    def __init__(self, store: SqliteStore) -> None:
        super().__init__()
        self._store = store

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do all of this in one transaction."""
        return self._store.batch(ops)

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do all of this in one transaction, off the event loop."""
        return await asyncio.to_thread(self._store.batch, ops)

    async def stop(self) -> None:
        """End the task that gathers batches, which would outlive the store."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])


@asynccontextmanager
async def open_store(file: Path, *, read_only: bool = False) -> AsyncIterator[RunStore]:
    """Open a run's store: SQLite in write-ahead mode.

    Raises:
        sqlite3.Error: It cannot be opened.
        SetupError: It is none.
    """

    def connect() -> SqliteStore:
        place = kept.enter_context(_readable_place(file)) if read_only else file
        where = f"{place.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        connection = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False)
        store = SqliteStore(connection)
        try:
            if not read_only:
                connection.execute("PRAGMA journal_mode=WAL")
            store.setup()
        except BaseException:
            connection.close()
            raise
        return store

    def close() -> None:
        with store.lock:  # a batch whose caller was cancelled ends first
            store.conn.close()

    with ExitStack() as kept:
        with _readable(file):
            store = await asyncio.to_thread(connect)
        opened = RunStore(store)
        try:
            yield opened
        finally:
            await opened.stop()
            await asyncio.to_thread(close)


@contextmanager
def _readable_place(file: Path) -> Iterator[Path]:
    """Give the file, or a copy where its folder cannot be written to: SQLite shares its log by a file beside it."""
    if os.access(file.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        yield file
        return
    with TemporaryDirectory() as folder:
        for part in (file, file.with_name(f"{file.name}-wal")):
            if part.exists():
                shutil.copyfile(part, Path(folder) / part.name)
        yield Path(folder) / file.name


class PauseSaver(AsyncSqliteSaver):
    """LangGraph's SQLite checkpoints, of candidates that pause: one that ended has nothing to go on with."""

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Write a checkpoint down, unless the candidate has its outcome."""
        if checkpoint["channel_values"].get("outcome"):
            return config
        return await super().aput(config, checkpoint, metadata, new_versions)


@asynccontextmanager
async def open_run(path: Path) -> AsyncIterator[tuple[AsyncSqliteSaver, RunStore]]:
    """Open a run's checkpoints and store, one file each."""
    checkpoints = path / "checkpoints.sqlite"
    async with PauseSaver.from_conn_string(str(checkpoints)) as saver, open_store(path / "store.sqlite") as store:
        with _readable(checkpoints):
            await saver.setup()
        yield saver, store


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Name the file that turns out to be no database; one that is locked is."""
    try:
        yield
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise SetupError(
            f"{file} is no store of a run, or was damaged: {error}; restore it, or name another"
        ) from error
