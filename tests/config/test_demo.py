from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self
from urllib.request import urlopen

import pytest

from config.demo import Children, Failed, Wish, any_port, only_demo
from tests.config.conftest import processes_of, wait_until

REPOSITORY = Path(__file__).parents[2]
KINDS = {"startup", "host", "staff", "stranger"}


class Demo:
    """A demo that runs beside the test."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.demo"],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "ATRIUM_VAR": str(home),
                "PORT": str(port),
                "DJANGO_SETTINGS_MODULE": "config.settings",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def says(self, awaited: str) -> str:
        """Return what it prints up to the line with `awaited`."""
        assert self.process.stdout
        said: str = ""
        for line in self.process.stdout:
            said += line
            if awaited in line:
                return said
        pytest.fail(f"ended without {awaited!r}: {said}")

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Return the status and the last words after a signal."""
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=20)
        return self.process.returncode, said


def test_demo__killed_or_asked_to_stop__leaves_nothing(home: Path) -> None:
    # One story, because every start takes seconds. First: it comes up.
    with Demo(home, any_port()) as demo:
        address = f"http://localhost:{demo.port}"
        said = demo.says("Ctrl+C stops everything.")
        assert f"Atrium: {address}\n" in said
        assert re.search(r"tables +\d+\.\d s\n", said)
        logins = json.loads((home / "demo.json").read_text())
        assert (home / "demo.json").stat().st_mode & 0o777 == 0o600
        assert logins["address"] == address
        assert logins["users"].keys() == KINDS
        for user in logins["users"].values():
            assert re.search(rf"{user['email']} +{user['password']} ", said)
        for page in ("/healthz/ready", "/"):
            with urlopen(f"{address}{page}", timeout=5) as answer:
                assert answer.status == 200

    # It was killed: nothing lives on, and the same port serves again at once.
    with Demo(home, demo.port) as demo:
        demo.says("Ctrl+C stops everything.")
        with Demo(home, any_port()) as second:
            said, _ = second.process.communicate(timeout=10)
        assert second.process.returncode == 1
        assert said == f"Another demo is running with the data in {home}.\n"
        # Meanwhile the clock rang, and the worker heard it.
        log = home / "log" / "worker.log"
        assert wait_until(lambda: "deliver_due[" in log.read_text())
        status, said = demo.end(signal.SIGTERM)
        assert (status, said[-10:]) == (0, "\nStopped.\n")
    assert wait_until(lambda: not processes_of(home)), processes_of(home)


def check_for_long(children: Children) -> None:
    for _ in range(500):
        children.check()
        time.sleep(0.02)


def test_children__one_ends__is_named_with_its_log(home: Path) -> None:
    home.mkdir()
    with only_demo(home) as lock:
        children = Children(home, lock, Wish())
        children.start("lasting", ["http.server", "--bind", "127.0.0.1", "0"])
        children.check()
        children.start("failing", ["no_such_module"])
        log = home / "log" / "failing.log"
        with pytest.raises(Failed) as failed:
            check_for_long(children)
        children.stop()
    assert str(failed.value) == f"failing ended unexpectedly; see {log}"
    assert "No module named no_such_module" in log.read_text()
    assert not processes_of(home)


def test_demo__interrupted_while_it_starts__leaves_nothing(home: Path) -> None:
    with Demo(home, any_port()) as demo:
        demo.says("database and queue")
        status, said = demo.end(signal.SIGINT)
    assert status == 0
    assert said.endswith("\nStopped.\n")
    assert wait_until(lambda: not processes_of(home)), processes_of(home)


def test_demo__port_taken__one_line_and_status_1(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with Demo(home, port) as demo:
            said, _ = demo.process.communicate(timeout=10)
    assert demo.process.returncode == 1
    assert said == (
        f"Port {port} cannot be used (Address already in use). "
        "Take another: make demo PORT=8001\n"
    )
    assert not (home / "log").exists()
