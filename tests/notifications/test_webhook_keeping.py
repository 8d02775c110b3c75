"""Webhooks as managers keep them: added, paused, replayed; and who may not."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from config import clock
from config.errors import Conflict, DomainError, Forbidden, Invalid, Missing
from labs.models import Membership
from notifications.models import Delivery, Kind, Message, PausedWhy, State, Webhook
from notifications.services import webhooks
from notifications.services.webhooks import (
    deliveries_replay,
    delivery_replay,
    webhook_add,
    webhook_change,
    webhook_pause,
    webhook_ping,
    webhook_remove,
    webhook_resume,
    webhook_rotate,
)
from tests import factories
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.receiver import EVENTS, Receiver, hook, send
from tests.notifications.scenes import approved, at_once, body, deliver, plan, requested

pytestmark = pytest.mark.django_db(transaction=True)


def of(cast: Cast, webhook: Webhook) -> dict[str, Any]:
    return {
        "actor": cast.colleague,
        "slug": cast.startup.slug,
        "webhook_id": webhook.pk,
    }


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://example.com/hook", "https://"),
        ("https://127.0.0.1/hook", "private network"),
        ("https://[::1]/hook", "private network"),
        ("https://10.1.2.3/hook", "private network"),
        ("https://169.254.169.254/latest/meta-data/", "private network"),
        ("https://[::ffff:127.0.0.1]/hook", "private network"),
        ("https://user:word@example.com/", "can open"),
        ("https://example.com/a b", "can open"),
        ("https://example.com/\x00", "can open"),
        ("ftp://example.com/hook", "can open"),
        ("nonsense", "can open"),
        ("", "blank"),
        ("https://example.com/" + "x" * 500, "500"),
    ],
)
def test_add__address_that_must_not_be_asked__is_refused(
    cast: Cast, url: str, text: str
) -> None:
    with pytest.raises(Invalid) as refused:
        webhook_add(
            actor=cast.colleague, slug=cast.startup.slug, url=url, events=EVENTS
        )

    said = " ".join(str(each) for each in refused.value.extra["fields"]["url"])
    assert text in said
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("events", [[], ["imported"], ["nonsense"], ["ping"]])
def test_add__events_that_are_none__are_refused(cast: Cast, events: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        webhook_add(
            actor=cast.colleague,
            slug=cast.startup.slug,
            url="https://example.com/",
            events=events,
        )

    assert "events" in refused.value.extra["fields"]


def test_add__same_address_twice_or_too_many__is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_WEBHOOKS", 2)

    def add(url: str) -> None:
        webhook_add(
            actor=cast.colleague, slug=cast.startup.slug, url=url, events=EVENTS
        )

    add("https://example.com/")
    with pytest.raises(Conflict) as refused:
        add("https://example.com/")
    assert refused.value.code == "webhook_there"
    add("https://example.com/2")
    with pytest.raises(Conflict) as refused:
        add("https://example.com/3")
    assert refused.value.code == "too_many_webhooks"


Deed = Callable[..., object]


@pytest.mark.parametrize(
    "deed",
    [
        lambda **of: webhook_change(url="https://example.com/", events=EVENTS, **of),
        webhook_rotate,
        webhook_pause,
        webhook_resume,
        webhook_remove,
        webhook_ping,
        lambda **of: delivery_replay(key=uuid.uuid4(), **of),
        lambda **of: deliveries_replay(since=clock.now(), **of),
    ],
)
def test_deeds__by_others_than_its_managers__are_refused(
    cast: Cast, receiver: Receiver, deed: Deed
) -> None:
    webhook, _secret = hook(cast, receiver)
    before = Webhook.objects.values().get()

    for actor in (cast.booker, cast.manager, cast.staff, cast.stranger):
        with pytest.raises(Forbidden):
            deed(**{**of(cast, webhook), "actor": actor})
    theirs = {"actor": cast.manager, "slug": cast.host.slug}
    with pytest.raises(Missing):
        deed(**{**of(cast, webhook), **theirs})
    assert Webhook.objects.values().get() == before


def test_failing__for_a_day__is_paused_and_managers_hear_of_it(
    cast: Cast, receiver: Receiver, inbox: Inbox, time: Clock
) -> None:
    webhook, _secret = hook(cast, receiver)
    also = factories.person(cast.startup, Membership.Role.MANAGER, language="bg")
    requested(cast)
    plan()
    Message.objects.all().delete()
    receiver.answers = [500]
    send()
    time.forward(hours=23, minutes=50)
    send()
    webhook.refresh_from_db()
    assert webhook.paused_at is None

    time.forward(minutes=11)
    send()
    webhook.refresh_from_db()
    assert webhook.paused_why == PausedWhy.FAILING
    assert deliver() == 2
    assert {mail["To"] for mail in inbox.mails} == {cast.colleague.email, also.email}
    english = next(m for m in inbox.mails if m["To"] == cast.colleague.email)
    assert english["Subject"] == "A webhook of Startup is paused"
    assert receiver.url in body(english)
    assert f"/desk/webhooks/{cast.startup.slug}/{webhook.pk}/" in body(english)


def test_failing__five_given_up_while_others_arrive__is_paused(
    cast: Cast, receiver: Receiver, time: Clock
) -> None:
    webhook, _secret = hook(cast, receiver)
    requested(cast)
    plan()
    now = clock.now()
    Delivery.objects.bulk_create(
        Delivery(
            webhook=webhook,
            event="ping",
            state="given_up",
            ended_at=now,
            due_at=now,
            created_at=now,
        )
        for _ in range(5)
    )
    receiver.answers = [500]
    send()

    webhook.refresh_from_db()
    assert webhook.paused_why == PausedWhy.FAILING


def test_gone__says_the_receiver__is_paused_at_once(
    cast: Cast, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    approved(cast)
    plan()
    receiver.answers = [410]
    send()
    send()

    webhook.refresh_from_db()
    assert webhook.paused_why == PausedWhy.GONE
    assert receiver.events == ["requested"]
    assert Message.objects.filter(kind=Kind.WEBHOOK_PAUSED).count() == 1


def test_notice__resumed_before_it_went_out__is_not_sent(
    cast: Cast, receiver: Receiver, inbox: Inbox
) -> None:
    webhook, _secret = hook(cast, receiver)
    requested(cast)
    plan()
    Message.objects.all().delete()
    receiver.answers = [410]
    send()
    webhook_resume(**of(cast, webhook))

    assert deliver() == 0
    assert inbox.mails == []
    assert Message.objects.get().state == State.WITHDRAWN


def test_notice__no_manager_any_more__is_not_sent(
    cast: Cast, receiver: Receiver, inbox: Inbox
) -> None:
    hook(cast, receiver)
    factories.person(cast.startup, Membership.Role.MANAGER)
    requested(cast)
    plan()
    Message.objects.all().delete()
    receiver.answers = [410]
    send()
    Membership.objects.get(user=cast.colleague).delete()

    assert deliver() == 1
    assert cast.colleague.email not in {mail["To"] for mail in inbox.mails}


def test_paused_by_hand__nobody_is_told(cast: Cast, receiver: Receiver) -> None:
    webhook, _secret = hook(cast, receiver)
    webhook_pause(**of(cast, webhook))

    assert not Message.objects.exists()


def test_replay__one__arrives_again_under_the_same_name(
    cast: Cast, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    requested(cast)
    plan()
    send()
    delivery = Delivery.objects.get()
    delivery_replay(**of(cast, webhook), key=delivery.key)
    with pytest.raises(DomainError) as refused:
        delivery_replay(**of(cast, webhook), key=delivery.key)
    send()

    assert refused.value.code == "on_its_way"
    first, again = receiver.told
    assert first == again
    assert Delivery.objects.get().attempts == 1


def test_replay__all_since__those_given_up_in_their_order(
    cast: Cast, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    reservation = approved(cast)
    plan()
    send()
    Delivery.objects.update(state="given_up")
    requested(cast, hour=14)
    plan()
    send()
    receiver.server.asked.clear()
    hour_ago = clock.now() - dt.timedelta(hours=1)
    every: dict[str, Any] = {**of(cast, webhook), "since": hour_ago}

    assert deliveries_replay(**every) == 2
    send()
    assert receiver.events == receiver.of(reservation.reference)
    assert receiver.events == ["requested", "approved"]
    assert deliveries_replay(**every) == 0
    assert deliveries_replay(**every, only_given_up=False) == 3
    assert deliveries_replay(**{**every, "since": clock.now()}) == 0


def test_ping__on_a_paused_webhook__is_tried_once(
    cast: Cast, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    webhook_pause(**of(cast, webhook))
    webhook_ping(**of(cast, webhook))
    with pytest.raises(Conflict):
        webhook_ping(**of(cast, webhook))
    receiver.answers = [500]
    send()

    assert receiver.events == ["ping"]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status) == ("given_up", 500)
    webhook_ping(**of(cast, webhook))
    receiver.answers = [200]
    assert send() == 1


def test_two_senders__many_reservations__each_arrives_once_in_order(
    cast: Cast, receiver: Receiver
) -> None:
    hook(cast, receiver)
    made = [approved(cast, hour) for hour in range(8, 20)]
    plan()
    at_once(send, send)
    send()

    assert len(receiver.told) == 2 * len(made)
    assert len({each["id"] for each in receiver.told}) == 2 * len(made)
    for reservation in made:
        assert receiver.of(reservation.reference) == ["requested", "approved"]


def test_slow_receiver__others_need_not_wait_for_it(
    cast: Cast, receiver: Receiver
) -> None:
    """It is sent two at a time, whatever waits; the other one's arrive meanwhile."""
    hook(cast, receiver)
    fast = receiver.server.at("/fast", lambda asked: asked.say(200))
    webhook_add(actor=cast.manager, slug=cast.host.slug, url=fast, events=["requested"])
    for hour in range(8, 18):
        requested(cast, hour)
    plan()
    receiver.during = lambda asked: receiver.server.over.wait(0.5)
    send()

    paths = [asked.path for asked in receiver.server.asked]
    # The last of the fast one's was there before the slow one's was half through.
    last = max(n for n, path in enumerate(paths) if path == "/fast")
    assert paths[:last].count("/hook") <= 5
