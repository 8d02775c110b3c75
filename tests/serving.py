"""The production web server as a process, and a caller of its API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from config import embedded
from config.demo import styles_changed
from tests.notifications.inbox import free_port

ROOT = Path(__file__).resolve().parents[1]
SERVER = ["gunicorn", "--worker-class", "gthread", "--threads", "8"]


@contextmanager
def serve(
    log: Path,
    application: str = "config.wsgi",
    *,
    database: str | None = None,
    **more: str,
) -> Iterator[str]:
    """Serve the test's database, or another; yields the address.

    `more` goes to the server's environment.
    """
    given = connection.settings_dict
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": make_conninfo(
            host=given["HOST"],
            port=given["PORT"] or None,
            user=given["USER"],
            password=given["PASSWORD"] or None,
            dbname=database or given["NAME"],
        ),
        "REDIS_URL": str(settings.CACHES["default"]["LOCATION"]),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_POOL": "8",
        "PORT": str(port),
        **more,
    }
    command = [*SERVER, "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    command.append(application)
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
        )
    try:
        address = f"http://localhost:{port}"
        wait_for(f"{address}/healthz/ready")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def collect_static() -> None:
    """Collect styles and scripts for the server, if any is newer than the last time."""
    if styles_changed(embedded.home()):
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        command = ["manage", "collectstatic", "--no-input", "--clear", "--verbosity=0"]
        subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, check=True
        )


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.1)
        else:
            return


class Caller:
    """A person's program: a token, JSON in and out."""

    def __init__(self, address: str, secret: str) -> None:
        self.address, self.secret = address, secret

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            self.address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.secret}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def _expect(self, method: str, path: str, body: Any, expect: int) -> Any:
        status, found = self.ask(method, path, body)
        assert status == expect, found
        return found

    def get(self, path: str, **query: str) -> Any:
        asked = f"{path}?{urlencode(query)}" if query else path
        return self._expect("GET", asked, None, 200)

    def post(self, path: str, body: Any, expect: int = 200) -> Any:
        return self._expect("POST", path, body, expect)

    def put(self, path: str, body: Any, expect: int = 200) -> Any:
        return self._expect("PUT", path, body, expect)
