"""`push` against a stand-in for the Hub: what arrives, what is told, and what a refusal says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import huggingface_hub.constants
import pytest

from graph.run import main
from tests.docs import SAMPLE

TOKEN = "hf_right"


class Hub(BaseHTTPRequestHandler):
    """The four calls of the Hub's API that a commit of small files takes."""

    repositories: dict[str, bool]
    files: dict[str, bytes]

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.answer({"error": "Invalid credentials"}, 401)
        elif self.path == "/api/repos/create":
            asked = json.loads(sent)
            self.repositories[f"{asked['organization']}/{asked['name']}"] = asked.get(
                "visibility"
            ) == "private" or asked.get("private", False)
            self.answer({"url": f"http://{self.headers['Host']}/datasets/{asked['organization']}/{asked['name']}"})
        elif self.path.endswith("/preupload/main"):
            files = [
                {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                for file in json.loads(sent)["files"]
            ]
            self.answer({"files": files})
        elif self.path == "/api/validate-yaml":
            self.answer({"errors": [], "warnings": []})
        else:
            parts = [json.loads(line) for line in sent.splitlines()]
            for part in (part["value"] for part in parts if part["key"] == "file"):
                self.files[part["path"]] = base64.b64decode(part["content"])
            where = f"http://{self.headers['Host']}{self.path.replace('/api/', '/').replace('/main', '/1')}"
            self.answer({"commitUrl": where, "commitOid": "1", "pullRequestUrl": None})

    def answer(self, body: Any, status: int = 200) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    """Serve the stand-in, and let the library take it for the Hub."""
    handler = type("FreshHub", (Hub,), {"repositories": {}, "files": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "finished"
    folder.mkdir()
    (folder / "dataset.jsonl").write_text(json.dumps(json.loads(SAMPLE.read_text())) + "\n")
    (folder / "README.md").write_text("# A card\n")
    (folder / "store.sqlite").write_text("not for others")
    return folder


def test_rows_and_card_arrive_and_nothing_else(hub: type[Hub], run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["push", str(run), "me/hard-questions"]) == 0
    assert hub.repositories == {"me/hard-questions": True}
    assert hub.files == {name: (run / name).read_bytes() for name in ("dataset.jsonl", "README.md")}
    assert capsys.readouterr().out.endswith("/datasets/me/hard-questions\n")
    assert main(["push", str(run), "me/open-questions", "--public"]) == 0
    assert hub.repositories["me/open-questions"] is False


@pytest.mark.parametrize(
    ("repository", "token", "said"),
    [
        ("me/hard-questions", "hf_wrong", "with status 401; set HF_TOKEN to one that may write there"),
        ("me//hard", TOKEN, "'me//hard' is no name of a repository; write it as OWNER/NAME"),
    ],
)
def test_a_refusal_is_one_line_with_the_remedy(  # fixtures
    repository: str, token: str, said: str, hub: type[Hub], run: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("HF_TOKEN", token)
    assert main(["push", str(run), repository]) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert len(printed.splitlines()) == 1
    assert hub.files == {}


def test_a_hub_that_is_not_there_is_one_line(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert main(["push", str(run), "me/hard-questions"]) == 2
    assert "cannot reach http://127.0.0.1:9" in capsys.readouterr().err
