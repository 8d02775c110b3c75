"""Start the servers that have no address in the environment, and stop them again."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.engines import ENVIRONMENT, Engine, Postgres, Valkey
from config.embedded.errors import CannotStart
from config.embedded.place import Place
from config.embedded.processes import die_with_parent, lock, open_log

START_SECONDS = 120  # a recovery after a power cut may take a while
STOP_SECONDS = 20
POLL_SECONDS = 0.02


class Servers:
    """PostgreSQL and Valkey for one home, each unless the environment names another.

    Where a live process runs them already they are used as they are, and end with it.
    Start from a thread that lives as long as the process (see die_with_parent).
    """

    def __init__(self, home: Path, *, fast: bool = False) -> None:
        """Take `fast` for throw-away data: nothing is flushed to the disk."""
        self.home = home.resolve()
        self.fast = fast
        self._started: list[tuple[Engine, subprocess.Popen[bytes]]] = []

    def start(self) -> None:
        """Return when both answer; raise CannotStart with nothing left running."""
        try:
            wanted = [e for e in (Postgres, Valkey) if not os.environ.get(e.variable)]
            if wanted:
                place = Place.of(self.home)
                place.make()
                for engine in wanted:
                    self._start(engine(place, fast=self.fast))
        except OSError as error:
            self.stop()
            raise CannotStart(
                f"{error.filename or self.home}: {error.strerror}; ATRIUM_VAR may name "
                "a folder that can be written."
            ) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what was started here, the last one first."""
        while self._started:
            engine, process = self._started.pop()
            process.send_signal(engine.stop_signal)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ended(self) -> str | None:
        """Return the name of a server that was started here and lives no more."""
        gone = (e.name for e, process in self._started if process.poll() is not None)
        return next(gone, None)

    def _start(self, engine: Engine) -> None:
        deadline = time.monotonic() + START_SECONDS
        # Held by another: wait for its server's answer, or for its end.
        while (held := lock(engine.place.base, engine.name)) is None:
            if engine.answers():
                return
            if time.monotonic() > deadline:
                raise CannotStart(f"Another process holds {engine.data} in silence.")
            time.sleep(POLL_SECONDS)
        with held, open_log(self.home, engine.name) as log:
            before = log.tell()
            process = subprocess.Popen(
                engine.prepare(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=engine.data,
                env=ENVIRONMENT,
                start_new_session=True,  # Ctrl+C is for us: we stop it in order
                pass_fds=[held.fileno()],
                preexec_fn=die_with_parent(engine.stop_signal),  # noqa: PLW1509
                **engine.place.credentials(),
            )
            self._started.append((engine, process))
            while not engine.answers():
                if process.poll() is not None or time.monotonic() > deadline:
                    reason = _reason(Path(log.name), before)
                    raise CannotStart(f"{engine.title} did not start: {reason}")
                time.sleep(POLL_SECONDS)


def _reason(log: Path, before: int) -> str:
    """Return the line of the log, after this offset, that says what is wrong."""
    with log.open("rb") as file:
        file.seek(before)
        lines = file.read().decode(errors="replace").strip().splitlines()
    fatal = [line for line in lines if "fatal" in line.lower()] or lines[-1:]
    return f"{fatal[0].strip() if fatal else 'no answer'} ({log})"


@contextmanager
def servers(home: Path, *, fast: bool = False) -> Iterator[Servers]:
    """Run what is needed within the block; see Servers."""
    running = Servers(home, fast=fast)
    running.start()
    try:
        yield running
    finally:
        running.stop()
