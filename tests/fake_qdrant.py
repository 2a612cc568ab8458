"""A stand-in for a Qdrant server, for tests only: the routes that the gate uses, over qdrant-client's local mode.

Bodies are read with the client's own models, generated from the server's interface, so a malformed request fails.
Requests are handled one at a time. It is no Qdrant: no figure from it is one of Qdrant's, and replicas, strict mode
and gRPC are beyond it. `python -m tests.fake_qdrant` prints its URL.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from qdrant_client import QdrantClient, models

VERSION = os.environ.get("FAKE_QDRANT_VERSION", "1.19.0")
KEY = os.environ.get("FAKE_QDRANT_KEY", "")
FAULTY = bool(os.environ.get("FAKE_QDRANT_FAULTY"))
"""Of five requests about points, one is refused as overloaded, and of one the reply is lost."""


class Handler(BaseHTTPRequestHandler):
    """Dispatches on method and path."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    client = QdrantClient(":memory:")
    lock = threading.Lock()
    asked = count()

    def _answer(self) -> None:  # noqa: PLR0911  # one return a status
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}"
        path = self.path.partition("?")[0]
        if KEY and self.headers.get("api-key") != KEY:
            return self._send(401, {"status": {"error": "Must provide an API key"}})
        if path == "/":
            return self._send(200, {"title": "qdrant - vector search engine (fake)", "version": VERSION})
        found = re.fullmatch(r"/collections/([^/]+)(/.*)?", path)
        if not found:
            return self._send(404, {"status": {"error": f"no route {self.command} {path}"}})
        fault = next(self.asked) % 5 if FAULTY and "/points" in path else None
        if fault == 1:
            return self._send(503, {"status": {"error": "overloaded"}})
        try:
            with self.lock:
                result = self._do(f"{self.command} {found[2] or ''}", found[1], body)
        except FileExistsError as e:
            return self._send(409, {"status": {"error": str(e)}})
        except ValueError as e:
            return self._send(400, {"status": {"error": str(e)}})
        if fault == 3:
            self.close_connection = True
            return None
        return self._send(200, {"result": result, "status": "ok", "time": 0.0})

    def _do(self, route: str, name: str, body: bytes) -> Any:  # noqa: PLR0911  # one return a route
        client, done = self.client, {"operation_id": 0, "status": "completed"}
        match route:
            case "GET /exists":
                return {"exists": client.collection_exists(name)}
            case "GET ":
                return client.get_collection(name).model_dump(mode="json")
            case "PUT ":
                if client.collection_exists(name):
                    raise FileExistsError(f"Collection `{name}` already exists!")
                new = models.CreateCollection.model_validate_json(body)
                return client.create_collection(name, vectors_config=new.vectors, metadata=new.metadata)
            case "DELETE ":
                return client.delete_collection(name)
            case "PUT /index":
                models.CreateFieldIndex.model_validate_json(body)
                return done
            case "PUT /points":
                rows = models.PointsList.model_validate_json(body)
                client.upsert(name, rows.points, update_filter=rows.update_filter, update_mode=rows.update_mode)
                return done
            case "POST /points":
                wanted = models.PointRequest.model_validate_json(body)
                vectors = bool(wanted.with_vector)
                return _dump(client.retrieve(name, wanted.ids, with_payload=True, with_vectors=vectors))
            case "POST /points/query":
                asked = models.QueryRequest.model_validate_json(body)
                found = client.query_points(name, asked.query, query_filter=asked.filter, limit=asked.limit or 10)
                return {"points": _dump(found.points)}
            case "POST /points/payload":
                change = models.SetPayload.model_validate_json(body)
                client.set_payload(name, change.payload, points=change.filter or change.points or [])
                return done
            case "POST /points/delete":
                gone = models.FilterSelector.model_validate_json(body)
                client.delete(name, gone)
                return done
            case "POST /points/count":
                counted = models.CountRequest.model_validate_json(body)
                return {"count": client.count(name, counted.filter).count}
        raise ValueError(f"no route {route}")

    def _send(self, status: int, content: Any) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815  # names that http.server calls

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def _dump(rows: list[Any]) -> list[Any]:
    return [row.model_dump(mode="json") for row in rows]


class Server(ThreadingHTTPServer):
    """Takes many connections at once."""

    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()  # ends with its parent
    server.serve_forever()
