"""A graph that callers over HTTP start: settings come as input or as context and are checked first.

LangGraph drops the keys of an input and of a context that it does not know. Here such a key is refused, since a
mistyped `max_usd` would be a run without a bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, ClassVar, Self

from langgraph.errors import GraphBubbleUp
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command
from langgraph_sdk.runtime import ServerRuntime
from pydantic import BaseModel, ValidationError

from agents.errors import SetupError
from graph.callers.callers import CallerSettings
from graph.callers.form import fields, properties, read, require_known
from graph.callers.words import error_for_callers, without_flags
from graph.setting_faults import fault_of


class ServedGraph(CompiledStateGraph[Any, Any, Any, Any]):
    """A compiled graph whose settings are a caller's.

    Attributes:
        own_input: What the graph takes beside the settings.
        one_candidate: Whether the settings of a whole campaign have no place in it.
    """

    own_input: ClassVar[type[BaseModel]]
    one_candidate: ClassVar[bool]

    @classmethod
    def of(cls, graph: CompiledStateGraph[Any, Any, Any, Any]) -> Self:
        """Serve a compiled graph."""
        return cls(**vars(graph))

    @classmethod
    def known(cls) -> list[str]:
        """List the settings of this graph."""
        return fields(one_candidate=cls.one_candidate)

    def for_caller(self, runtime: ServerRuntime[Any]) -> Self:
        """Return the graph for one use of it; LangGraph has not dropped unknown keys of the context yet.

        Raises:
            SetupError: The context names what is no setting.
        """
        if (running := runtime.execution_runtime) is not None and running.context:
            try:
                require_known((name for name in running.context if not _internal(name)), self.known())
            except SetupError as error:
                raise error_for_callers(error, {}) from error
        return self

    def get_context_jsonschema(self) -> dict[str, Any]:
        """Describe the settings: Studio's form."""
        return {"title": "Settings", "type": "object", "properties": properties(self.known())}

    def get_input_jsonschema(self, config: Any = None) -> dict[str, Any]:  # noqa: ARG002  # LangGraph's signature
        """Describe the input, of which `/mcp` makes the tool's parameters: the graph's own, and the settings."""
        own = self.own_input.model_json_schema()
        for field in own["properties"].values():
            field["description"] = without_flags(field["description"])
        return own | {
            "properties": {**own["properties"], **properties(self.known())},
            "additionalProperties": False,
        }

    async def astream(
        self,
        input: Any,  # noqa: A002  # LangGraph's name
        config: Any = None,
        *,
        context: Any = None,
        **options: Any,
    ) -> AsyncIterator[Any]:
        """Run with the caller's settings; those of the input come before those of the context."""
        stated = {name: value for name, value in (context or {}).items() if not _internal(name)}
        try:
            own = input
            if input is not None and not isinstance(input, Command):
                own, more = self._split(input)
                stated |= more
            settings = await asyncio.to_thread(CallerSettings.of, read(stated))
            async for part in super().astream(own, config, context=settings, **options):
                yield part
        except GraphBubbleUp:  # an interrupt is no fault
            raise
        except Exception as error:
            raise error_for_callers(error, stated) from error

    def _split(self, given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the graph's own input, and the settings.

        Raises:
            SetupError: A key is neither, or a value of the graph's own input is not as it should be.
        """
        if not isinstance(given, dict):
            raise SetupError(f"the input is {given!r}; give an object")
        known = [*self.own_input.model_fields, *self.known()]
        require_known(given, known)
        own = {name: value for name, value in given.items() if name in self.own_input.model_fields}
        try:
            self.own_input.model_validate(own)
        except ValidationError as error:
            name, value, remedy = fault_of(error)
            raise SetupError(f"{name} {value!r}: {remedy}") from error
        return own, {name: value for name, value in given.items() if name not in own}


def _internal(name: str) -> bool:
    """Whether a key of the context is LangGraph's, or a header that it passes on."""
    return name.startswith(("__", "x-", "langgraph_", "langsmith-")) or name in _LANGGRAPHS


_LANGGRAPHS = {
    *("thread_id", "run_id", "graph_id", "assistant_id", "user_id", "cron_id"),
    *("checkpoint_id", "checkpoint_ns", "checkpoint_map"),
}
