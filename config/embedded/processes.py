"""Locks, logs and the end of child processes."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

LOG_BYTES = 5_000_000
PR_SET_PDEATHSIG = 1


def lock(base: Path, name: str) -> IO[str] | None:
    """Return the lock that the processes of one server hold, or None if some live.

    The server inherits it, so the kernel keeps it exactly as long as any of them lives:
    also after the starter was killed, and never longer.
    """
    file = (base / f"{name}.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def private_opener(path: str, flags: int) -> int:
    """Open for `open(opener=)` such that a new file is readable by its owner only."""
    return os.open(path, flags, 0o600)


def open_log(home: Path, name: str) -> IO[bytes]:
    """Open `<home>/log/<name>.log` to append; one that grew large begins anew."""
    path = home / "log" / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    long = path.exists() and path.stat().st_size > LOG_BYTES
    return path.open("wb" if long else "ab")


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Return a preexec_fn by which the child gets this signal when we are gone.

    Linux only. It is bound to the *thread* that starts the child: start from one that
    lives as long as the process. A program that changes its user afterwards loses it.
    What runs between fork and exec is one system call, so other threads do no harm.
    """
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    parent = os.getpid()

    def arrange() -> None:
        if prctl:
            prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)  # we were gone before it was arranged

    return arrange
