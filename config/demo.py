"""Atrium on one machine, with an example hub: `make demo`.

Starts what a deployment would run (database, queue, worker, beat, web server) and an
inbox for the mails, all as children that end with it; see config.embedded.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from config import embedded

LOOPBACK = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 10
OTHER_SECONDS = 2.5
POLL_SECONDS = 0.05


class Failed(Exception):
    """The demo cannot go on; the message is one line for the person."""


class Stopped(Exception):
    """Somebody asked the demo to stop."""


class Wish:
    """Whether somebody asked us to stop.

    Only noted by the signal's handler: an exception out of a handler may come up in
    the middle of a start, or where Python has to swallow it.
    """

    def __init__(self) -> None:
        self.expressed = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.expressed = True

    def check(self) -> None:
        """Raise Stopped if somebody asked for it."""
        if self.expressed:
            raise Stopped


class Children:
    """The demo's processes; each writes to `<home>/log/<name>.log`."""

    def __init__(self, home: Path, lock: IO[str], wish: Wish) -> None:
        self.home = home
        self.lock = lock
        self.wish = wish
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], *, speaks: bool = False) -> None:
        """Start a Python module with its arguments; `speaks`: to the terminal too."""
        with embedded.open_log(self.home, name) as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=None if speaks else log,
                stderr=log,
                start_new_session=True,  # Ctrl+C is for us: we stop them in order
                pass_fds=[self.lock.fileno()],
                # A Celery that is asked politely waits for its broker, which is gone,
                # and a second beat would stand beside it at the next start.
                preexec_fn=embedded.die_with_parent(signal.SIGKILL),  # noqa: PLW1509
            )

    def manage(self, command: str, *arguments: str) -> None:
        """Run a management command to its end; raise Failed if it fails."""
        self.start(command, ["manage", command, *arguments])
        while (status := self._running[command].poll()) is None:
            self.wish.check()
            time.sleep(POLL_SECONDS)
        del self._running[command]
        if status:
            raise Failed(f"{command} failed; see {self.home}/log/{command}.log")

    def check(self) -> None:
        """Raise Failed if one has ended, Stopped if that is wished."""
        self.wish.check()
        for name, process in self._running.items():
            if process.poll() is not None:
                log = self.home / "log" / f"{name}.log"
                raise Failed(f"{name} ended unexpectedly; see {log}")

    def stop(self) -> None:
        """Ask all to end, and make those that do not."""
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print the title and, when the block is done, how many seconds it took."""
    print(f"  {title:<34}", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print()
        raise
    print(f"{time.monotonic() - began:5.1f} s", flush=True)


def only_demo(home: Path) -> IO[str]:
    """Return the lock of this home's demo; raise Failed if another one holds it.

    The children inherit it. After a kill the web server's process lives on for a
    second, and its port is free only then.
    """
    home.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + OTHER_SECONDS
    while (lock := embedded.lock(home, "demo")) is None:
        if time.monotonic() > deadline:
            raise Failed(f"Another demo is running with the data in {home}.")
        time.sleep(POLL_SECONDS)
    return lock


def demo_port() -> int:
    """Return PORT, or 8000, if it is free; raise Failed if it is not."""
    given = os.environ.get("PORT") or "8000"
    with socket.socket() as probe:
        # As the web server does it: connections that linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, int(given)))
        except (OSError, OverflowError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no such port"
            raise Failed(
                f"Port {given} cannot be used ({reason}). Take another: make demo "
                "PORT=8001"
            ) from error
    return int(given)


def any_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def styles_changed(home: Path) -> bool:
    """Tell whether a static file is newer than what was last collected."""
    manifest = home / "static" / "staticfiles.json"
    if not manifest.exists():
        return True
    # The first two stand for what packages and apps bring. The time of change (ctime)
    # cannot lie: a copied file keeps its older time of modification.
    named = [Path("requirements.txt"), Path("config/settings.py")]
    sources = [*named, *Path().glob("[!.]*/static/**/*")]
    collected = manifest.stat().st_mtime
    return any(source.stat().st_ctime > collected for source in sources)


def ready(port: int) -> bool:
    """Tell whether the web server, and all it needs, answers on this port."""
    question = f"GET /healthz/ready HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n"
    try:
        with socket.create_connection((LOOPBACK, port), timeout=5) as connection:
            connection.sendall(question.encode())
            return b" 200 " in connection.recv(64)
    except OSError:
        return False  # not yet listening


def start_children(children: Children, port: int) -> None:
    """Start worker (beat within) and web server; return when the site answers."""
    schedule = str(children.home / "beat-schedule")
    children.start("worker", ["config.worker", schedule])
    # One process, or as many as WEB_CONCURRENCY says (gunicorn reads it itself).
    web = ["gunicorn", "config.wsgi", "--bind", f"{LOOPBACK}:{port}"]
    web += ["--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
    children.start("web", [*web, "--graceful-timeout", "3", "--access-logfile", "-"])
    deadline = time.monotonic() + READY_SECONDS
    while not ready(port):
        children.check()
        if time.monotonic() > deadline:
            log = children.home / "log" / "web.log"
            raise Failed(f"No answer after {READY_SECONDS} s; see {log}")
        time.sleep(POLL_SECONDS)


def open_inbox(children: Children) -> str:
    """Start the mail server, unless EMAIL_URL names one; return where mails go."""
    if os.environ.get("EMAIL_URL"):
        return "Mails are sent through EMAIL_URL."
    folder, port = children.home / "mail", any_port()
    os.environ["EMAIL_URL"] = f"smtp://{LOOPBACK}:{port}"
    command = ["config.mailbox", str(folder), "--port", str(port)]
    children.start("mailbox", command, speaks=True)
    return f"Mails land in {folder}, with a line here for each."


def welcome(home: Path, address: str, mails: str) -> str:
    """Return what a newcomer needs to know: the address, sign-ins, mails, the end."""
    users = json.loads((home / "demo.json").read_text())["users"]
    lines = ["", f"Atrium: {address}", ""]
    lines += [
        f"  {kind:<9} {user['email']:<28} {user['password']:<20} {user['name']}"
        for kind, user in users.items()
    ]
    return "\n".join([*lines, "", mails, "Ctrl+C stops everything.", ""])


def run(stack: ExitStack, home: Path, wish: Wish) -> None:
    """Bring everything up, then watch until somebody stops it or a part ends."""
    lock = stack.enter_context(only_demo(home))
    port = demo_port()
    address = f"http://localhost:{port}"
    os.environ |= {"PORT": str(port), "BASE_URL": address}
    # Nobody who looks around has an authenticator at hand.
    os.environ.setdefault("STAFF_SECOND_FACTOR", "off")
    # A heap per thread costs some 20 MB and gains nothing under Python's lock.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    # Nor do more connections than requests that a small machine works on at a time;
    # each costs PostgreSQL 9 MB.
    os.environ.setdefault("DATABASE_POOL", "4")
    with step("database and queue"):
        servers = stack.enter_context(embedded.servers(home))
    children = Children(home, lock, wish)
    stack.callback(children.stop)
    mails = open_inbox(children)
    with step("tables"):
        children.manage("migrate", "--no-input")
    with step("example hub"):
        logins = str(home / "demo.json")
        children.manage("load_demo", "--address", address, "--logins", logins)
    if styles_changed(home):
        with step("styles and scripts"):
            children.manage("collectstatic", "--no-input", "--clear")
    with step("worker, clock and site"):
        start_children(children, port)
    print(welcome(home, address, mails), flush=True)
    while not (gone := servers.ended()):
        children.check()
        time.sleep(0.5)
    raise Failed(f"{gone} ended unexpectedly; see {home / 'log' / gone}.log")


def main() -> int:
    """Run as a program; return its exit status."""
    wish = Wish()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, wish)
    try:
        with ExitStack() as stack:
            run(stack, embedded.home(), wish)
    except Stopped:
        print("\nStopped.")
        return 0
    except (Failed, embedded.CannotStart) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
