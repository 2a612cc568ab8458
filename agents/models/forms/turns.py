"""Put a conversation into the order that servers' chat templates take.

One system message first, or, where a server knows no such role, its text in the first user message; then user and
assistant by turns. Two messages of the same role in a row become one, and where a user message follows a tool's, the
assistant is given a word in between.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

ACKNOWLEDGED = "I have read the result."


def by_turns(messages: Sequence[BaseMessage], *, folds_system: bool = False) -> list[BaseMessage]:
    """Return the conversation in that order; `folds_system` puts the system's text into the first user message."""
    system = "\n\n".join(message.text for message in messages if isinstance(message, SystemMessage))
    turns: list[BaseMessage] = []
    for message in messages:
        if isinstance(message, SystemMessage):
            continue
        if isinstance(message, HumanMessage) and turns and isinstance(turns[-1], ToolMessage):
            turns.append(AIMessage(ACKNOWLEDGED))
        if turns and (joined := _joined(turns[-1], message)):
            turns[-1] = joined
        else:
            turns.append(message)
    if not system:
        return turns
    if not folds_system:
        return [SystemMessage(system), *turns]
    if turns and isinstance(turns[0], HumanMessage):
        return [HumanMessage(f"{system}\n\n{turns[0].text}"), *turns[1:]]
    return [HumanMessage(system), *turns]


def _joined(before: BaseMessage, message: BaseMessage) -> BaseMessage | None:
    """Make one of two messages in a row, None where both must stay."""
    if isinstance(before, HumanMessage) and isinstance(message, HumanMessage):
        return HumanMessage(f"{before.text}\n\n{message.text}")
    if not (isinstance(before, AIMessage) and isinstance(message, AIMessage)):
        return None
    if before.tool_calls or message.tool_calls:
        return None
    return AIMessage(f"{before.text}\n\n{message.text}")
