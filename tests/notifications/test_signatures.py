"""Receivers know that it was us: signatures, rotation, and how secrets are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from pytest_django import Settings

from config import clock
from notifications.models import Delivery
from notifications.services.webhooks import webhook_rotate
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.notifications.receiver import Receiver, hook, send
from tests.notifications.scenes import plan, requested

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
