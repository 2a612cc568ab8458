"""The base of both offline models: chat models that read fenced data from the messages and reply by a program."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from prompts.render import PromptError, unfence


class OfflineError(ValueError):
    """An offline model cannot do what it is asked."""


class OfflineModel(BaseChatModel):
    """A chat model that is a program: the same messages always get the same reply."""

    @abstractmethod
    def reply(self, messages: Sequence[BaseMessage]) -> AIMessage:
        """Answer the conversation."""

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools in OpenAI's form."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002  # part of the interface
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002  # likewise
        **kwargs: Any,  # noqa: ARG002  # likewise
    ) -> ChatResult:
        message = self.reply(messages)
        read = sum(len(sent.text.split()) for sent in messages)
        written = len(message.text.split()) + sum(len(str(call["args"]).split()) for call in message.tool_calls)
        message.usage_metadata = {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
        return ChatResult(generations=[ChatGeneration(message=message)])

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self._llm_type}

    @property
    def _llm_type(self) -> str:
        return type(self).__name__


def fenced_data(messages: Sequence[BaseMessage], name: str) -> Any:
    """Return the data that the messages hold under this name, None where there is none."""
    try:
        return unfence("\n".join(message.text for message in messages), name)
    except PromptError:
        return None
