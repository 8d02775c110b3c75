"""Real threads that begin at the same moment, each with a connection of its own."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections

from booking.models import Reservation
from config.errors import DomainError

Job = Callable[[], Any]

#: No job takes so long; a deadlock of threads must not hang the whole run.
PATIENCE_SECONDS = 60
#: On top, for each of many jobs.
JOB_SECONDS = 0.05


@contextmanager
def _often_switched() -> Iterator[None]:
    """Let Python switch threads fifty times as often as it does by itself."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def race(jobs: Sequence[Job], threads: int | None = None) -> list[Any]:
    """Run the jobs at once and return what each returned or raised, in their order.

    With fewer threads than jobs each thread takes its share, one after the other.
    """
    count = threads or len(jobs)
    results: list[Any] = [None] * len(jobs)
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            # Connected before they start, so that what races is the work.
            connections["default"].ensure_connection()
            barrier.wait(PATIENCE_SECONDS)
            for at in range(number, len(jobs), count):
                try:
                    results[at] = jobs[at]()
                except Exception as error:  # noqa: BLE001 - told to the test
                    results[at] = error
        finally:
            connections.close_all()

    workers = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    with _often_switched():
        for worker in workers:
            worker.start()
        until = time.monotonic() + PATIENCE_SECONDS + JOB_SECONDS * len(jobs)
        for worker in workers:
            worker.join(max(0, until - time.monotonic()))
    assert not any(worker.is_alive() for worker in workers), "a thread hangs"
    return results


def outcomes(results: Sequence[Any]) -> Counter[str]:
    """Count what came of them: a status, an HTTP status, or the name of a refusal.

    Raises whatever is no refusal of ours, so that nothing unexpected passes.
    """
    return Counter(_outcome(result) for result in results)


def _outcome(result: Any) -> str:
    if isinstance(result, DomainError):
        return type(result).__name__
    if isinstance(result, Exception):
        raise result
    return str(result.status) if isinstance(result, Reservation) else "done"
