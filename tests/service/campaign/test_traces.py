"""Spans reach a real OTLP sink on loopback, hang together, and hold no text unless it is asked for."""

from __future__ import annotations

import gzip
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from evals.mock_server.server import Script, serve
from graph.run import main
from tests.service.command import command, flags, rows


class Sink(ThreadingHTTPServer):
    """Takes spans as any collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[Any]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class Taking(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as taking:
        threading.Thread(target=taking.serve_forever, daemon=True).start()
        yield taking
        taking.shutdown()


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


@pytest.mark.parametrize("content", ["", "true"])
async def test_a_runs_spans_hang_together_and_hold_text_only_on_request(
    sink: Sink, content: str, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url,
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": content,
    }
    async with serve(Script(judge_prints=1.0)) as server:
        ended = await command(*flags(server, tmp_path, "--target=2", "--slots=1"), **asked)
    assert ended.code == 0, ended.err
    spans = sink.spans()
    by_id = {span.span_id: span for span in spans}
    named = {span.name for span in spans}
    assert named >= {
        "invoke_workflow candidate", "invoke_agent attacker", "invoke_agent defender", "invoke_agent judge", "screen",
        "prove", "chat scripted-judge", "execute_tool submit_solution", "retrieval novelty", "keep",
    }  # fmt: skip
    roots = [span for span in spans if not span.parent_span_id]
    assert {span.name for span in roots} == {"invoke_workflow candidate"}
    assert [attributes(span)["nanoflux.outcome"] for span in roots].count("kept") == 2
    for span in spans:
        if span.name.startswith("chat "):
            about = attributes(span)
            assert by_id[span.parent_span_id].name.startswith("invoke_agent ")
            assert about["gen_ai.provider.name"] == "openai"
            assert about["gen_ai.usage.output_tokens"] > 0
            assert ("gen_ai.input.messages" in about) is bool(content)
    everything = b"".join(sink.bodies)
    assert (rows(tmp_path)[0].question[:40].encode() in everything) is bool(content)


async def test_a_failed_call_is_an_error_without_the_servers_words(sink: Sink, tmp_path: Path) -> None:
    async with serve(Script(http_500=0.5)) as server:
        await command(*flags(server, tmp_path, "--target=1", "--slots=1"), OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
    failed = [span for span in sink.spans() if span.name.startswith("chat ") and span.status.code == 2]
    assert {attributes(span)["error.type"] for span in failed} == {"CallFailed"}
    assert all(not span.events and not span.status.message for span in failed)


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"OTEL_TRACES_EXPORTER": "jaeger"}, "OTEL_TRACES_EXPORTER is 'jaeger'; choose otlp, console or none"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}, "-e '.[otel]'"),
    ],
)
def test_spans_that_cannot_be_had_are_one_line(
    variables: dict[str, str],
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)  # as where the extra is not installed
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main([f"--runs-dir={tmp_path}"]) == 2
    assert line in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
