"""A real Celery worker, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.notifications.inbox import Inbox

ROOT = Path(__file__).resolve().parents[2]
#: One process and no thread: what is killed is what delivers.
COMMAND = ["-m", "celery", "-A", "config", "worker", "--pool=solo", "--loglevel=INFO"]
ALONE = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


@contextmanager
def worker(inbox: Inbox, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run one on the test's database, broker and mail server; kill it at the end."""
    given = connection.settings_dict
    database = make_conninfo(
        host=given["HOST"],
        port=given["PORT"] or None,
        user=given["USER"],
        password=given["PASSWORD"] or None,
        dbname=given["NAME"],
    )
    environment = os.environ | {
        "DATABASE_URL": database,
        "REDIS_URL": str(settings.CACHES["default"]["LOCATION"]),
        "EMAIL_URL": f"smtp://127.0.0.1:{inbox.port}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, *COMMAND, *ALONE],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        yield process
    except AssertionError as error:
        error.add_note(log.read_text()[-2_000:])
        raise
    finally:
        process.kill()
        process.wait()


def forget_tasks() -> None:
    """Empty the queue of what other tests left in it."""
    current_app.control.purge()


def wait_until(done: Callable[[], bool], seconds: float = 30) -> None:
    """Return when it is done; fail when that takes too long."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)
