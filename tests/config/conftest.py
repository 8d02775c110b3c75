from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config import embedded
from config.embedded.place import STATE, Place


def remove(home: Path) -> None:
    """Remove a home and what it has elsewhere."""
    place = Place.of(home)
    for folder in {place.base, place.sockets, place.sockets.parent, home}:
        if folder == home or folder.parent == STATE or folder.name.startswith("atrium"):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own, and nothing in the environment that names a server.

    Under root, tmp_path is closed to other users: the servers' folder is elsewhere.
    """
    for variable in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "var"
    yield folder
    remove(folder)


def processes_of(home: Path) -> list[str]:
    """Return the command lines of live processes that belong to a home."""
    place = Place.of(home)
    marks = [os.fsencode(folder) for folder in {home, place.base, place.sockets}]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            said = command + (process / "environ").read_bytes()
        except OSError:
            continue  # it ended meanwhile, or is none of ours
        if int(process.name) != os.getpid() and any(mark in said for mark in marks):
            found.append(command.replace(b"\0", b" ").decode())
    return found


def wait_until(true: Callable[[], bool], seconds: float = 10) -> bool:
    """Return whether it became true in that time."""
    deadline = time.monotonic() + seconds
    while not (now := true()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return now


def query(home: Path, sql: str) -> object:
    """Return the first value that the database answers."""
    with psycopg.connect(embedded.database_url(home), autocommit=True) as connection:
        cursor = connection.execute(sql)
        row = cursor.fetchone() if cursor.description else None
    return row and row[0]


def queue(home: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(home))
