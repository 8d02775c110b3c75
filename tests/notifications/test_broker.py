"""From a change to its messages, and what a broker that is away costs: little."""

from __future__ import annotations

import socket
import time as stopwatch
from collections.abc import Iterator

import pytest
from celery import current_app
from kombu import Connection
from redis import Redis

from booking.models import Reservation
from config import broker
from config.broker import AT_ONCE, nudge
from notifications.models import Kind, Planned
from notifications.services.planning import history_plan_missed
from notifications.tasks import plan_history
from tests.cast import Cast
from tests.factories import reserve
from tests.notifications.inbox import free_port
from tests.notifications.scenes import in_three_days, told

QUEUE = "celery"


@pytest.fixture
def queue() -> Iterator[Redis]:
    """The real broker, with an empty queue."""
    client = Redis.from_url(
        current_app.conf.broker_url.replace("redis+socket://", "unix://")
    )
    client.delete(QUEUE)
    yield client
    client.delete(QUEUE)
    client.close()


def dead_broker(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Have nudges go to this port."""
    address = f"redis://127.0.0.1:{port}/0"
    elsewhere: Connection = current_app.connection_for_write(
        address, transport_options=AT_ONCE
    )
    monkeypatch.setattr(broker, "_connection", lambda: elsewhere)


@pytest.fixture(params=["refuses", "is silent"])
def no_broker(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A broker that does not listen, or takes the connection and says nothing."""
    if request.param == "refuses":
        dead_broker(monkeypatch, free_port())
        yield
        return
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        dead_broker(monkeypatch, silent.getsockname()[1])
        yield


@pytest.mark.django_db(transaction=True)
def test_reserve__broker_is_there__planning_is_queued_after_commit(
    cast: Cast, queue: Redis
) -> None:
    reserve(cast.lab, cast.booker, in_three_days())

    (task,) = queue.lrange(QUEUE, 0, -1)
    assert b"notifications.tasks.plan_history" in task


def test_reserve__transaction_is_open_yet__nothing_is_queued(
    cast: Cast, queue: Redis
) -> None:
    reserve(cast.lab, cast.booker, in_three_days())

    assert queue.llen(QUEUE) == 0


@pytest.mark.django_db(transaction=True)
def test_reserve__broker_is_away__is_saved_soon_and_the_sweep_plans(
    cast: Cast, no_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    began = stopwatch.monotonic()
    made = reserve(cast.lab, cast.booker, in_three_days())
    took = stopwatch.monotonic() - began

    assert took < 2
    assert Reservation.objects.filter(pk=made.pk).exists()
    assert not Planned.objects.exists()
    assert "waits for the next sweep" in caplog.text

    assert history_plan_missed()
    assert (Kind.RESERVED, cast.booker) in told()


def test_nudge__connection_was_cut__finds_the_broker_again(queue: Redis) -> None:
    assert nudge(plan_history, 1)
    queue.client_kill_filter(_type="normal", skipme=True)

    assert nudge(plan_history, 2)
    assert queue.llen(QUEUE) == 2


def test_nudge__expires__the_broker_is_told(queue: Redis) -> None:
    nudge(plan_history, 1, expires=5)

    assert b'"expires": null' not in queue.lrange(QUEUE, 0, -1)[0]
