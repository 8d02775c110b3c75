"""What the tests that try many random examples share."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings

from config import clock

#: `EXAMPLES=20 make test ARGS=...` looks twenty times as long.
TIMES = int(os.environ.get("EXAMPLES", "1"))


def examples(number: int) -> settings:
    """Settings for so many examples, few enough that every run can afford them."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=number * TIMES, deadline=None, suppress_health_check=slow
    )


class _Undo(Exception):
    """Ends an example's transaction."""


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo all that the block writes; the services' durable transactions may run in it.

    Hypothesis runs many examples within one test, and so in one test transaction.
    """
    undo = transaction.atomic()
    # What Django sets on the transactions of its own TestCase, for the same reason.
    undo._from_testcase = True  # type: ignore[attr-defined]
    with suppress(_Undo), undo:
        yield
        raise _Undo


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Let it be that moment for the whole product."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: moment)
        yield
