"""The runs of a service: started, paused, cancelled, watched; those of other processes are listed and watched too."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from agents.errors import NanoFluxError, SetupError
from graph.callers.allowed import PREFIX, Allowed
from graph.callers.callers import CallerSettings
from graph.callers.form import fields, read, require_known
from graph.callers.words import for_callers
from graph.service.answers import RunList, RunStatus
from graph.service.faults import Conflict, Missing, TooManyRuns
from graph.service.running.folders import Folders
from graph.service.running.going import SHUT_DOWN, Going
from graph.service.running.totals import Totals
from graph.service.running.watching import Channel, Reading
from graph.settings import Settings

GRACE_S = 10.0
"""Seconds that runs have to finish their steps when the service is shut down."""


def offered() -> list[str]:
    """List the settings that a caller may state: all but the folder of the runs, which is the service's own."""
    return [name for name in fields(one_candidate=False) if name != "runs_dir"]


class Runs:
    """The runs that this service carries out, and those on disk.

    Args:
        allowed: What its owner allows.
        folders: Where the runs are.

    Attributes:
        going: By name, those in progress.
        everything: Tells the state of all runs.
        totals: What was done here.
    """

    def __init__(self, allowed: Allowed, folders: Folders) -> None:
        self.folders = folders
        self.going: dict[str, Going] = {}
        self.everything = Channel(self._read_all)
        self.totals = Totals()
        self._allowed = allowed
        self._endings: dict[str, str] = {}
        """By name, why those ended that were carried out here."""
        self._channels: dict[str, Channel] = {}
        self._closing = False

    @classmethod
    def of_environment(cls, allowed: Allowed) -> Runs:
        """Open the folder of runs that the server's environment names."""
        return cls(allowed, Folders(Settings().runs_dir))

    async def start(self, stated: Mapping[str, Any], *, force: bool = False) -> RunStatus:
        """Start a run, or resume the one of that name; return once it works.

        Args:
            stated: Settings as the form has them.
            force: Resume although settings differ from before.

        Raises:
            Conflict: It cannot begin as asked.
            TooManyRuns: As many are in progress as may be.
        """
        return await self._begin({}, stated, force=force)

    async def resume(self, name: str, stated: Mapping[str, Any], *, force: bool = False) -> RunStatus:
        """Go on with a run as it was begun, but for what is stated; see `start` for what else is raised.

        Raises:
            Missing: There is no such run.
        """
        recorded = await asyncio.to_thread(self.folders.recorded, name)
        usable = Settings.model_fields.keys() - {"runs_dir", "name"}
        kept = {key: value for key, value in recorded.items() if key in usable and value not in (None, "")}
        return await self._begin({**kept, "name": name}, stated, force=force)

    async def _begin(self, recorded: Mapping[str, Any], stated: Mapping[str, Any], *, force: bool) -> RunStatus:
        try:
            require_known(stated, offered())
            settings = await asyncio.to_thread(CallerSettings.of, {**recorded, **read(stated)})
        except SetupError as error:
            raise Conflict(for_callers(str(error), stated)) from error
        name, most = settings.run_name, self._allowed.runs
        if self._closing:
            raise Conflict("the service is shutting down")
        if name in self.going:
            raise Conflict(f"run {name!r} is in progress; watch it, or choose another name")
        if len(self.going) >= most:
            raise TooManyRuns(f"{most} runs are in progress, which is the most ({PREFIX}RUNS); wait for one to end")
        going = self.going[name] = Going(settings, self.totals, force=force)
        going.task.add_done_callback(lambda _: self._ended(going))
        try:
            await asyncio.wait([going.begun])  # which a caller that hangs up does not stop
            going.begun.result()
        except asyncio.CancelledError as error:
            if not going.begun.cancelled():
                raise
            raise Conflict(f"run {name!r} was stopped before it began") from error
        except NanoFluxError as error:
            raise Conflict(str(error)) from error
        return going.status

    def _ended(self, going: Going) -> None:
        name = going.settings.run_name
        del self.going[name]
        if going.worked:
            self._endings[name] = going.ending

    def carried_on(self, name: str) -> None:
        """Take why a run ended from its folder again: something else than a sitting of ours has gone on with it."""
        self._endings.pop(name, None)

    async def pause(self, name: str) -> RunStatus:
        """Let a run finish its steps in flight, and end.

        Raises:
            Missing: There is no such run.
            Conflict: It is not in progress here.
        """
        going = await self._in_progress(name)
        going.pause()
        return going.status

    async def cancel(self, name: str) -> RunStatus:
        """Stop a run at once, and return when it has ended; see `pause` for what is raised."""
        await (await self._in_progress(name)).cancel()
        return await self.status(name)

    async def _in_progress(self, name: str) -> Going:
        if name in self.going:
            return self.going[name]
        state = (await self.status(name)).state
        where = "carried out by another process" if state == "elsewhere" else "not in progress"
        raise Conflict(f"run {name!r} is {where}")

    async def status(self, name: str) -> RunStatus:
        """Say where a run stands.

        Raises:
            Missing: There is no such run.
        """
        if name in self.going:
            return self.going[name].status
        status = await asyncio.to_thread(self.folders.status, name)
        ending = self._endings.get(name, "")
        return status.model_copy(update={"ending": ending}) if ending and status.state != "elsewhere" else status

    async def listing(self) -> RunList:
        """List all runs, those in progress first."""
        names = await asyncio.to_thread(self.folders.names)
        going = [one.status for one in self.going.values()]
        others = []
        for name in names:
            with contextlib.suppress(Missing):  # it was removed meanwhile
                others += [await self.status(name)] if name not in self.going else []
        return RunList(runs=[*going, *others])

    async def channel(self, name: str) -> Channel:
        """Return what tells the state of a run.

        Raises:
            Missing: There is no such run.
        """
        await self.status(name)
        if name not in self._channels or self._channels[name].closed:

            async def look() -> Reading:
                status = await self.status(name)
                return Reading(status.model_dump_json(), final=status.state in ("finished", "stopped"))

            self._channels[name] = Channel(look)
        return self._channels[name]

    async def _read_all(self) -> Reading:
        return Reading((await self.listing()).model_dump_json(), final=False)

    @property
    def watchers(self) -> int:
        """How many watch."""
        return self.everything.watchers + sum(channel.watchers for channel in self._channels.values())

    def dismiss_watchers(self) -> None:
        """Let everybody go who watches, since a server waits for their connections to end."""
        self._closing = True
        for channel in (self.everything, *self._channels.values()):
            channel.close()

    async def close(self) -> None:
        """Let the runs finish their steps for a while, then stop them; each can be resumed."""
        self.dismiss_watchers()
        going = list(self.going.values())
        for one in going:
            one.pause(SHUT_DOWN)
        if going:
            _, late = await asyncio.wait([one.task for one in going], timeout=GRACE_S)
            await asyncio.gather(*(one.cancel(SHUT_DOWN) for one in going if one.task in late))
