from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest

from booking.services import ledger
from config import clock
from tests.races.threads import Job


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty threads of one slow process share a core; who waits is not refused here."""
    monkeypatch.setattr(ledger, "LOCK_TIMEOUT_MS", 30_000)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime, Job], Job]:
    """Give a job a clock of its own: two machines never agree to the microsecond."""
    here = threading.local()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: getattr(here, "now", None) or real())

    def at(moment: dt.datetime, job: Job) -> Job:
        def run() -> Any:
            here.now = moment
            return job()

        return run

    return at
