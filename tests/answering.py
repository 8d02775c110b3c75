"""A web server in a thread that answers as a test says, however strangely."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings


class Asked(BaseHTTPRequestHandler):
    """One request; a test's function answers it by `say` and `wfile`."""

    server: Answering
    #: None for a GET.
    posted: bytes | None = None

    def do_GET(self) -> None:
        self.server.asked.append(self)
        with suppress(ConnectionError):  # whom the client hangs up on
            self.server.answers[self.path](self)

    def do_POST(self) -> None:
        self.posted = self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def say(self, status: int = 200, body: bytes = b"", **headers: Any) -> None:
        """Answer; the names of headers with underscores for hyphens."""
        headers = {"Content_Length": len(body), **headers}
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep silent."""


class Answering(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answers: dict[str, Callable[[Asked], None]] = {}
        self.asked: list[Asked] = []
        #: Set when the test is over: who waits for it need not sleep.
        self.over = threading.Event()
        self.scheme = "http"
        self.host = f"127.0.0.1:{self.server_port}"

    def at(self, path: str, answer: Callable[[Asked], None]) -> str:
        """Answer so at a path, and return its URL."""
        self.answers[path] = answer
        return f"{self.scheme}://{self.host}{path}"

    def secure(self, context: ssl.SSLContext) -> None:
        self.scheme, self.host = "https", f"localhost:{self.server_port}"
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep silent when a client finds the certificate wanting."""


@contextmanager
def answering() -> Iterator[Answering]:
    with Answering() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def server(settings: Settings) -> Iterator[Answering]:
    """One that Atrium may ask, though it is on this machine."""
    with answering() as server:
        settings.OUTBOUND_ALLOW = [server.host]
        yield server
