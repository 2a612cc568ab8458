"""Spans of OpenTelemetry by its GenAI conventions; off unless its own variables ask for them.

`OTEL_EXPORTER_OTLP_ENDPOINT` (or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) sends them to any OTLP sink, and
`OTEL_TRACES_EXPORTER=console` prints them. What a model was asked and answered is in them only where
`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is true.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.trace import Span, SpanKind, StatusCode, get_tracer, get_tracer_provider, set_tracer_provider

from tools.extras import install_command

Attribute = str | int | float | bool | None

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
EXPORTER, DISABLED = "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"
CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


class TracingError(ValueError):
    """The variables ask for spans that cannot be had."""


@contextmanager
def span(
    name: str,
    attributes: Mapping[str, Attribute],
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    harmless: tuple[type[Exception], ...] = (),
) -> Iterator[Span]:
    """Measure what is done within.

    Args:
        name: Operation and what it is done to, such as `chat gpt-5-mini`.
        attributes: What is known beforehand; None is left out.
        kind: Whether it calls another server.
        harmless: Exceptions that are no error.
    """
    with get_tracer("nanoflux").start_as_current_span(
        name, kind=kind, attributes=known(attributes), record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield opened
        except harmless:
            raise
        except BaseException as error:  # its words may be a model's, and stay out
            opened.set_attribute("error.type", type(error).__name__)
            opened.set_status(StatusCode.ERROR)
            raise


def known(attributes: Mapping[str, Attribute]) -> dict[str, str | int | float | bool]:
    """Leave out what is None, which OpenTelemetry does not take."""
    return {name: value for name, value in attributes.items() if value is not None}


def with_content() -> bool:
    """Whether prompts and replies are to be in the spans."""
    return _true(CONTENT)


def start_tracing() -> bool:
    """Send spans where the variables say, once and until the process ends; False where they ask for none.

    Raises:
        TracingError: The extra `otel` is not installed, or the exporter is none of ours.
    """
    wanted = os.environ.get(EXPORTER) or ("otlp" if any(os.environ.get(name) for name in ENDPOINTS) else "none")
    if wanted == "none" or _true(DISABLED):
        return False
    if wanted not in ("otlp", "console"):
        raise TracingError(f"{EXPORTER} is {wanted!r}; choose otlp, console or none")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  # as above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # as above
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter  # noqa: PLC0415  # as above
    except ImportError as error:
        raise TracingError(f"OTEL variables ask for spans; to send them: {install_command('otel')}") from error
    if isinstance(get_tracer_provider(), TracerProvider):
        return True
    service = os.environ.get("OTEL_SERVICE_NAME") or "nanoflux"
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter() if wanted == "otlp" else ConsoleSpanExporter()))
    set_tracer_provider(provider)
    return True


def _true(name: str) -> bool:
    return os.environ.get(name, "").strip().casefold() in ("1", "true", "yes")
