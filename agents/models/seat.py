"""A seat: one model in one of the three roles, asked for records and remembered in a journal.

Why the reply is parsed here and not by the client library: with the library's own parsing a reply cut short or
malformed raises, and the usage of a call that was paid for is lost. Here usage is journalled first, then the
text is validated, then the model is asked again with what was wrong.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, message_to_dict, messages_from_dict
from pydantic import ValidationError

from agents.errors import CallFailed, Declined, NanoFluxError, Refused, Unreadable
from agents.models.call_span import chat_span
from agents.models.calls import Journal, Request
from agents.models.forms.binding import bind, content_of, record_text, storable
from agents.models.forms.dialect import Dialect, Form, Mode
from agents.models.forms.record_text import read_record
from agents.models.forms.strict_schema import Caps, shaped, strict_schema
from agents.models.forms.turns import by_turns
from agents.models.rate_limiter import RateLimiter
from agents.models.seat_health import SeatHealth
from agents.models.transport.batches import UNHURRIED, Batches, Unhurried
from agents.models.transport.usage import Price, settled, worst_case
from agents.records import Record, SeatName, SeatUsage, describe
from prompts.render import fence, render

R = TypeVar("R", bound=Record)


@dataclass(eq=False)
class Seat:
    """A model, the way to it, and the forms of structured output to ask it in."""

    name: SeatName
    """The role it plays."""
    label: str
    """The provider string, as the user wrote it."""
    model: BaseChatModel
    limiter: RateLimiter
    """The way to its server."""
    modes: Sequence[Mode]
    """Forms of structured output to try, best first."""
    price: Price
    translate: Callable[[Exception, bool], NanoFluxError | None]
    """Turns a vendor's exception into ours, or returns None for one that is not its own; takes whether the seat has
    ever answered, since what it forbids then is one request and not all."""
    timeout_s: float
    """Seconds after which a call is given up as hung."""
    max_output: int
    """Most tokens of one reply, as the server knows."""
    caps: Caps | None = None
    """Bounds for a small model's structured output, None for none."""
    dialect: Dialect = field(default_factory=Dialect)
    """What its server takes, as far as it was learned."""
    health: SeatHealth = field(default_factory=SeatHealth)
    """How its calls went."""
    doubts: Sequence[str] = ()
    """What its server's listing says against the settings."""
    batches: Batches | None = None
    """Where calls that can wait go; None for nowhere."""

    async def say(
        self,
        messages: Sequence[BaseMessage],
        journal: Journal,
        *,
        tools: Sequence[dict[str, Any]] = (),
        sample: int = 0,
        grammar: str = "",
    ) -> AIMessage:
        """Let the model speak freely, with tools it may call; where its server takes no tools, without.

        A small model, which else finds no end, is held to the grammar.

        Raises:
            Declined: It would not answer.
            CallFailed, Refused, SeatFault: The call itself failed.
        """
        request = Request("say", self._key(messages, "say", list(tools), sample), journal, messages)
        drawn = self._drawn(sample)
        held = drawn.bind(extra_body={"grammar": grammar}) if grammar and self.caps else drawn
        forms: list[tuple[Form, Any]] = [("plain", held)]
        if tools and "tools" not in self.dialect.refused:
            forms.insert(0, ("tools", drawn.bind_tools(list(tools))))
        reply, _ = await self._in_some_form(request, [(form, model, list(messages)) for form, model in forms])
        self._check_declined(reply)
        return reply

    async def ask(  # noqa: PLR0913  # what is asked, in which shape, and how often
        self,
        messages: Sequence[BaseMessage],
        record: type[R],
        journal: Journal,
        *,
        sample: int = 0,
        parse_retries: int = 2,
        shapes: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> R:
        """Ask for a record; a reply that does not validate is asked for again with the reason.

        Args:
            messages: The conversation so far.
            record: What to return; its class name is the schema's title.
            journal: Where finished calls of this candidate are written.
            sample: Tells apart independent answers to the same messages.
            parse_retries: How often to ask again.
            shapes: What is known of the form of a field; a small model is held to it.

        Raises:
            Unreadable: No reply validated, or the model declined.
            CallFailed, Refused, SeatFault: The call itself failed.
        """
        conversation = list(messages)
        problem, schema = "", strict_schema(record, self.caps)
        if self.caps:
            schema = shaped(schema, shapes)
        for _ in range(parse_retries + 1):
            request = Request(record.__name__, self._key(conversation, record.__name__, sample), journal, conversation)
            forms = [
                (mode, *bind(self._drawn(sample), mode, record.__name__, schema, conversation))
                for mode in self.dialect.modes(self.modes)
            ]
            reply, form = await self._in_some_form(request, forms)
            self._check_declined(reply)
            text, cut = record_text(reply), reply.response_metadata.get("finish_reason") == "length"
            try:
                found = await asyncio.to_thread(read_record, text, record, whole=not cut)
            except ValidationError as error:
                problem = describe(error)
                if cut:
                    problem = f"the reply was cut at {self.max_output} tokens (--max-output-tokens): {problem}"
            else:
                self._count(form, yielded=True)
                return found
            self._count(form, yielded=False)
            complaint = render("parse_retry", problem=fence("problem", problem), schema=json.dumps(schema))
            conversation += [AIMessage(text or "(no content)"), HumanMessage(complaint)]
        raise Unreadable(f"the {self.name} ({self.label}) returned no valid {record.__name__}: {problem}")

    def _drawn(self, sample: int) -> BaseChatModel:
        """Return the model for a sample; with one seed for all, all samples would be the same."""
        seed: int | None = getattr(self.model, "seed", None)
        return self.model if seed is None else self.model.model_copy(update={"seed": seed + sample})

    def _count(self, form: Form | None, *, yielded: bool) -> None:
        if form is not None:
            self.dialect.read(form, yielded=yielded)

    def _check_declined(self, reply: AIMessage) -> None:
        refusal = reply.additional_kwargs.get("refusal")
        if refusal and not (reply.text.strip() or reply.tool_calls):
            raise Declined(f"the {self.name} ({self.label}) declined: {' '.join(str(refusal).split())[:300]}")

    async def _in_some_form(
        self, request: Request, forms: Sequence[tuple[Form, Any, list[BaseMessage]]]
    ) -> tuple[AIMessage, Form | None]:
        """Ask in the best form that the server takes; a form is given up only once another one has worked.

        Returns:
            The reply, and the form that it came in; None for one out of the journal.
        """
        if (entry := await request.journal.recall(request.key)) is not None:
            return self._message(entry, request.key), None
        refusals: list[Refused] = []
        for form, model, asked in forms:
            try:
                entry = await self._taught(request, form, model, asked)
            except Refused as error:
                refusals.append(error)
                continue
            self.health.took(request.kind)
            self.dialect.worked(form, [tried for tried, *_ in forms[: len(refusals)]])
            return self._message(entry, request.key), form
        if refusals and all(refusal.transient for refusal in refusals):  # it breaks over everything: wait for it
            form, model, asked = forms[0]
            return self._message(await self._call(request, None, model, asked), request.key), form
        refusal = next(refusal for refusal in reversed(refusals) if not refusal.transient)
        raise self.health.judged(refusal, request.kind, content_of(request.messages)) from refusal

    async def _taught(
        self, request: Request, form: Form, model: Any, messages: Sequence[BaseMessage]
    ) -> dict[str, Any]:
        """Make a call, again as long as a refusal teaches how the server wants it."""
        while True:
            lessons = self.dialect.lessons
            try:
                return await self._call(request, form, model, messages)
            except Refused as error:
                if not (self.dialect.learn(error.words) or self.dialect.lessons != lessons):
                    raise

    async def _call(
        self, request: Request, form: Form | None, model: Any, messages: Sequence[BaseMessage]
    ) -> dict[str, Any]:
        """Make a call when its turn comes, and write its reply down.

        Args:
            request: What is asked.
            form: The form that it is asked in, if that may be what breaks the server; None where it is not suspected.
            model: With that form bound to it.
            messages: What is sent.
        """
        sent = by_turns(messages, folds_system=self.dialect.folds_system)
        worst = worst_case(content_of(sent), getattr(model, "kwargs", {}), self.max_output, self.price)

        async def attempt() -> tuple[dict[str, Any], SeatUsage]:
            try:
                async with request.journal.admit(worst) as cost:
                    with chat_span(self.label, sent) as came:
                        reply = await self._invoke(model, sent)
                        usage, entry = settled(reply, worst, self.price), storable(message_to_dict(reply))
                        came(usage, reply)
                    await request.journal.record(request.key, self.name, usage, entry)
                    cost.usage = usage  # not before: a reply that is not on disk is one whose end nobody saw
            except CallFailed as error:
                suspected = form is not None and (error.broke or error.unusable)
                if form is not None and suspected and self.dialect.suspect(form, str(error)):
                    raise Refused(str(error), transient=error) from error
                raise
            return entry, usage

        if self.batches is not None and (unhurried := await request.journal.unhurried(request.key)):
            with suppress(CallFailed):  # then it is made like any other
                return await self._in_batch(unhurried, attempt)
        entry, _ = await self.limiter.call(attempt, lambda made: made[1].output_tokens, request.journal.closing)
        return entry

    async def _in_batch(
        self, unhurried: Unhurried, attempt: Callable[[], Awaitable[tuple[dict[str, Any], SeatUsage]]]
    ) -> dict[str, Any]:
        """Make a call that can wait; a reply that is of no use is not fetched again."""
        token = UNHURRIED.set(unhurried)
        try:
            entry, _ = await attempt()
        except NanoFluxError:
            if unhurried.batch and not unhurried.closing.is_set():
                await unhurried.note("")
            raise
        finally:
            UNHURRIED.reset(token)
        return entry

    async def _invoke(self, model: Any, messages: Sequence[BaseMessage]) -> AIMessage:
        in_batch = UNHURRIED.get() is not None
        began = time.monotonic() if in_batch else self.health.begin()
        try:
            async with asyncio.timeout(None if in_batch else self.timeout_s):
                reply: AIMessage = await model.ainvoke(list(messages))
        except TimeoutError as error:
            silence = (
                f"the {self.name} ({self.label}) gave no reply in {self.timeout_s:g} s, which --call-timeout-s bounds; "
                f"a reply may have {self.max_output} tokens, which --max-output-tokens bounds"
            )
            raise CallFailed(silence, hung=True) from error
        except Exception as error:  # each vendor has a tree of its own; what is in none of them goes on as it is
            ours = self.translate(error, self.health.answered)
            if ours is None:
                raise
            raise self.health.failed(ours, began) from error
        finally:
            if not in_batch:
                self.health.end(began)
        self.health.replied()
        return reply

    def waiting(self) -> str:
        """Say for how long the oldest call in flight has had no reply; empty where there is none."""
        seconds = self.health.longest_wait_s()
        if seconds is None:
            in_batch = self.batches.longest_wait_s() if self.batches else None
            return f"the {self.name} ({self.label}) has waited {in_batch:.0f} s for a batch" if in_batch else ""
        return (
            f"the {self.name} ({self.label}) has not replied for {seconds:.0f} s of at most {self.timeout_s:g} "
            "(--call-timeout-s)"
        )

    def _key(self, messages: Sequence[BaseMessage], *salt: Any) -> str:
        """Name a request; equal ones of a candidate are made once."""
        text = json.dumps([self.name, self.label, salt, content_of(messages)])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _message(self, entry: dict[str, Any], key: str) -> AIMessage:
        message = messages_from_dict([entry])[0]
        if not isinstance(message, AIMessage):
            raise TypeError(f"journal entry {key} is a {message.type} message, not the model's")
        return message
