"""What a receiver gets: each event once, signed, in order, and only what is its own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from pytest_django import Settings

from booking.models import History
from booking.services.decisions import reservation_approve
from booking.services.lifecycle import reservation_check_in
from booking.services.reservations import reservation_change
from config import clock
from notifications.models import Delivery, DeliveryState, Planned
from notifications.services.deliveries import deliveries_claim, deliveries_forget
from notifications.services.planning import history_plan, history_plan_missed
from notifications.services.webhooks import (
    webhook_add,
    webhook_pause,
    webhook_resume,
    webhook_rotate,
)
from tests import factories
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.notifications.receiver import EVENTS, Receiver, hook, send
from tests.notifications.scenes import approved, plan, requested

pytestmark = pytest.mark.django_db(transaction=True)


def in_the_docs() -> Callable[[str, str, bytes], bool]:
    """The function that docs/webhooks.md gives to receivers."""
    text = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    made: dict[str, Any] = {}
    exec(code, made)
    return made["is_from_atrium"]  # type: ignore[no-any-return]


def verified(secret: str, header: str, body: bytes, now: float) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: now)
        return in_the_docs()(secret, header, body)


def test_send__approved_request__is_told_once_and_in_order(
    cast: Cast, receiver: Receiver
) -> None:
    hook(cast, receiver)
    reservation = approved(cast)
    plan()
    plan()

    assert send() == 2
    assert send() == 0
    assert receiver.events == ["requested", "approved"]
    told = receiver.told[1]
    assert told["organisation"] == cast.startup.slug
    assert told["history"]["actor"] == "Hristo Host"
    assert told["history"]["to_status"] == told["reservation"]["status"] == "approved"
    headers = receiver.server.asked[1].headers
    assert headers["Atrium-Event"] == "approved"
    assert headers["Atrium-Delivery"] == told["id"]
    assert reservation.reference == told["reservation"]["reference"]


def test_payload__of_the_guest__is_as_the_api_has_it(
    cast: Cast, receiver: Receiver
) -> None:
    hook(cast, receiver)
    reservation = approved(cast)
    plan()
    send()

    api = cast.api(cast.colleague).get(f"/api/v1/reservations/{reservation.reference}/")
    told = receiver.told[-1]["reservation"]
    theirs = {name: api.json()[name] for name in told}
    for name in ("starts_at", "ends_at", "free_at"):
        for each in (told, theirs):
            each[name] = dt.datetime.fromisoformat(each[name])
    assert told == theirs
    assert len(told) > 10


def test_send__event_that_was_not_chosen__is_not_told(
    cast: Cast, receiver: Receiver
) -> None:
    hook(cast, receiver, ["approved"])
    approved(cast)
    plan()
    send()

    assert receiver.events == ["approved"]


def test_send__to_the_host__it_hears_too_and_a_third_party_nothing(
    cast: Cast, receiver: Receiver
) -> None:
    other = factories.organisation()
    manager = factories.person(other, "manager")
    for actor, organisation in ((cast.manager, cast.host), (manager, other)):
        webhook_add(
            actor=actor, slug=organisation.slug, url=receiver.url, events=EVENTS
        )
    requested(cast)
    plan()
    send()

    assert [each["organisation"] for each in receiver.told] == [cast.host.slug]


def test_send__check_in__is_told_although_no_mail_is(
    cast: Cast, receiver: Receiver, time: Clock
) -> None:
    hook(cast, receiver, ["checked_in"])
    reservation = approved(cast)
    time.set(reservation.starts_at)
    reservation_check_in(actor=cast.booker, reference=reservation.reference)

    history_plan_missed()  # the sweep alone, as after a crash
    send()

    assert receiver.of(reservation.reference) == ["checked_in"]


def test_send__history_from_before_the_webhook__is_not_told(
    cast: Cast, receiver: Receiver
) -> None:
    reservation = requested(cast)
    hook(cast, receiver)
    reservation_approve(actor=cast.manager, reference=reservation.reference)
    plan()
    send()

    assert receiver.events == ["approved"]


def test_send__later_row_planned_first__does_not_overtake(
    cast: Cast, receiver: Receiver
) -> None:
    """The signal of the first was lost; the second one's arrived."""
    hook(cast, receiver)
    reservation = approved(cast)
    last = reservation.history.get(action=History.Action.APPROVED)
    history_plan(history_id=last.pk)
    send()

    assert receiver.events == ["requested", "approved"]
    assert Planned.objects.count() == 1


def test_send__earlier_fails__later_of_the_same_wait_and_others_do_not(
    cast: Cast, receiver: Receiver, time: Clock
) -> None:
    hook(cast, receiver)
    first = approved(cast)
    plan()
    receiver.answers = [500, 200]
    send()

    assert receiver.of(first.reference) == ["requested"]
    other = requested(cast, hour=14)
    plan()
    send()
    assert receiver.of(other.reference) == ["requested"]
    assert receiver.of(first.reference) == ["requested"]

    time.forward(minutes=1, seconds=1)
    send()
    assert receiver.of(first.reference) == ["requested", "requested", "approved"]
    assert len({each["id"] for each in receiver.told}) == 3


def test_send__earlier_given_up__later_follows(
    cast: Cast, receiver: Receiver, time: Clock
) -> None:
    webhook, _secret = hook(cast, receiver)
    reservation = approved(cast)
    plan()
    receiver.answers = [500, 500, 200]
    send()
    time.forward(hours=23)
    send()
    # Others arrive meanwhile, so the webhook itself is not failing.
    type(webhook).objects.update(failing_since=None)
    receiver.answers = [500, 200]
    time.forward(hours=1, minutes=1)
    send()
    send()

    assert receiver.of(reservation.reference) == ["requested"] * 3 + ["approved"]
    states = Delivery.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [DeliveryState.GIVEN_UP, DeliveryState.DELIVERED]


def test_backoff__always_failing__is_tried_ten_times_in_a_day(
    cast: Cast, receiver: Receiver, time: Clock
) -> None:
    hook(cast, receiver, ["requested"])
    requested(cast)
    plan()
    receiver.answers = [503]
    waits = []
    while True:
        before = clock.now()
        send()
        delivery = Delivery.objects.get()
        if delivery.state == DeliveryState.GIVEN_UP:
            break
        waits.append(round((delivery.due_at - before).total_seconds() / 60))
        time.set(delivery.due_at + dt.timedelta(seconds=1))

    assert waits[:7] == [1, 5, 15, 60, 180, 360, 360]
    assert len(receiver.told) == 10
    assert sum(waits) == pytest.approx(24 * 60, abs=2)


def test_signature__verifies__and_not_with_another_body_time_or_secret(
    cast: Cast, receiver: Receiver
) -> None:
    _webhook, secret = hook(cast, receiver)
    requested(cast)
    plan()
    send()
    asked = receiver.server.asked[0]
    header, body = asked.headers["Atrium-Signature"], asked.posted or b""
    now = clock.now().timestamp()

    assert verified(secret, header, body, now)
    assert not verified(secret, header, body.replace(b"x", b"y") + b" ", now)
    assert not verified("atr_whs_another", header, body, now)
    assert not verified(secret, header, body, now + 301)
    moved_on = header.replace("t=", "t=9")
    assert not verified(secret, moved_on, body, now)


def test_rotate__for_a_day__both_secrets_verify(
    cast: Cast, receiver: Receiver, time: Clock
) -> None:
    webhook, former = hook(cast, receiver)
    _webhook, secret = webhook_rotate(
        actor=cast.colleague, slug=cast.startup.slug, webhook_id=webhook.pk
    )
    for hour, known in ((10, [True, True]), (12, [True, False])):
        requested(cast, hour)
        plan()
        send()
        asked = receiver.server.asked[-1]
        header, body = asked.headers["Atrium-Signature"], asked.posted or b""
        found = [
            verified(each, header, body, clock.now().timestamp())
            for each in (secret, former)
        ]
        assert found == known
        time.forward(days=1, minutes=1)


def test_secret__in_the_database__cannot_be_read(
    cast: Cast, receiver: Receiver
) -> None:
    webhook, secret = hook(cast, receiver)

    webhook.refresh_from_db()
    assert secret not in webhook.sealed


def test_send__secret_key_changed__says_so_and_tries_again(
    cast: Cast, receiver: Receiver, settings: Settings
) -> None:
    hook(cast, receiver)
    requested(cast)
    plan()
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    send()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error) == ("planned", "secret_lost")

    settings.SECRET_KEY_FALLBACKS = [former]
    Delivery.objects.update(due_at=clock.now())
    type(delivery.webhook).objects.update(held_until=None)
    assert send() == 1


@pytest.mark.parametrize("answer", [301, 400, 401, 404, 500, 503])
def test_send__answer_that_is_no_success__is_tried_again(
    cast: Cast, receiver: Receiver, answer: int
) -> None:
    hook(cast, receiver)
    requested(cast)
    plan()
    receiver.answers = [answer]
    send()

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status) == ("planned", answer)
    assert delivery.answer == "Thank you"
    assert '"event":"requested"' in delivery.body


def test_send__address_that_became_private__is_refused_and_the_rest_waits(
    cast: Cast, receiver: Receiver, settings: Settings, time: Clock
) -> None:
    """As when a name leads inside by the time of sending."""
    webhook, _secret = hook(cast, receiver)
    requested(cast)
    requested(cast, hour=14)
    plan()
    settings.OUTBOUND_ALLOW = []
    type(webhook).objects.update(url=receiver.url.replace("http://", "https://"))
    send()

    assert receiver.told == []
    tried = Delivery.objects.filter(attempts=1)
    assert {each.error for each in tried} == {"private_address"}
    assert Delivery.objects.filter(state="delivered").count() == 0
    webhook.refresh_from_db()
    assert webhook.held_until is not None


def test_send__server_that_is_away__is_asked_once_a_minute(
    cast: Cast, receiver: Receiver, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(cast, receiver)
    for hour in (10, 12, 14, 16, 18):
        requested(cast, hour)
    plan()
    receiver.server.server_close()
    send()
    send()

    tried = Delivery.objects.filter(attempts__gt=0).count()
    assert tried <= 2
    time.forward(minutes=1, seconds=1)
    send()
    assert Delivery.objects.filter(attempts__gt=0).count() > tried


def test_pause__what_happens_meanwhile__waits_for_the_resume(
    cast: Cast, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    of: dict[str, Any] = {
        "actor": cast.colleague,
        "slug": cast.startup.slug,
        "webhook_id": webhook.pk,
    }
    webhook_pause(**of)
    approved(cast)
    plan()
    assert send() == 0

    webhook_resume(**of)
    assert send() == 2
    assert receiver.events == ["requested", "approved"]


def test_send__organisation_left_the_hub__it_is_told_nothing(
    cast: Cast, receiver: Receiver
) -> None:
    hook(cast, receiver)
    requested(cast)
    plan()
    cast.startup.is_active = False
    cast.startup.save()

    assert send() == 0
    assert receiver.told == []


def test_send__moved_to_another_host__the_former_hears_no_more_than_that(
    cast: Cast, receiver: Receiver
) -> None:
    webhook_add(
        actor=cast.manager, slug=cast.host.slug, url=receiver.url, events=["changed"]
    )
    reservation = approved(cast)
    elsewhere = factories.open_lab(name="Elsewhere")
    reservation_change(
        actor=cast.staff,
        reference=reservation.reference,
        resource_slug=elsewhere.slug,
    )
    plan()
    send()

    (told,) = receiver.told
    assert told["event"] == "changed"
    assert told["reservation"] == {"reference": reservation.reference}
    assert "history" not in told


def test_claim__its_holder_died__another_sends_it(
    cast: Cast, receiver: Receiver, time: Clock
) -> None:
    hook(cast, receiver)
    requested(cast)
    plan()
    deliveries_claim(8)
    assert send() == 0

    time.forward(minutes=3)
    assert send() == 1
    assert Delivery.objects.get().attempts == 2


def test_forget__old_log__goes_and_nothing_is_told_again(
    cast: Cast, receiver: Receiver, time: Clock
) -> None:
    hook(cast, receiver)
    requested(cast)
    plan()
    send()
    time.forward(days=29)
    assert deliveries_forget() == 0
    time.forward(days=2)
    assert deliveries_forget() == 1

    plan()
    assert Delivery.objects.count() == 0
