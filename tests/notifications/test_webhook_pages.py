from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from notifications.models import Delivery, Webhook
from notifications.services.webhooks import webhook_pause
from tests.cast import Cast
from tests.notifications.receiver import EVENTS, Receiver, hook, send
from tests.notifications.scenes import plan, requested

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(cast: Cast, client: Client) -> Client:
    client.force_login(cast.colleague)
    return client


def at(cast: Cast, name: str = "webhooks", *args: object) -> str:
    return reverse(name, args=[cast.startup.slug, *args])


def test_add__shows_the_secret_once(cast: Cast, manager: Client) -> None:
    sent = {"url": "https://example.com/hook", "events": ["approved", "moved"]}
    shown = manager.post(at(cast, "webhook-add"), sent).content.decode()

    (secret,) = re.findall(r"atr_whs_[\w-]{43}", shown)
    webhook = Webhook.objects.get()
    assert (webhook.url, webhook.events) == (sent["url"], ["approved", "moved"])
    again = manager.get(at(cast, "webhook", webhook.pk)).content.decode()
    assert secret not in again
    listed = manager.get(at(cast)).content.decode()
    assert "https://example.com/hook" in listed
    assert "Told of 2 kinds of event" in listed


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://127.0.0.1/", "private network"),
        ("http://example.com/", "must begin with https://"),
        ("", "This field is required"),
    ],
)
def test_add__wrong_address__says_so_and_keeps_what_was_typed(
    cast: Cast, manager: Client, url: str, text: str
) -> None:
    answer = manager.post(at(cast, "webhook-add"), {"url": url, "events": ["moved"]})

    assert answer.status_code == 400
    assert text in answer.content.decode()
    assert f'value="{url}"' in answer.content.decode() or not url
    assert not Webhook.objects.exists()


def test_add__same_address_again__is_a_conflict(
    cast: Cast, manager: Client, receiver: Receiver
) -> None:
    hook(cast, receiver)
    sent = {"url": receiver.url, "events": ["moved"]}

    answer = manager.post(at(cast, "webhook-add"), sent)

    assert answer.status_code == 409
    assert "There is a webhook to this address." in answer.content.decode()
    assert f'value="{receiver.url}"' in answer.content.decode()


def test_change__address_and_events__are_kept(
    cast: Cast, manager: Client, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    sent = {"url": "https://example.com/2", "events": ["moved"]}
    answer = manager.post(at(cast, "webhook", webhook.pk), sent)

    assert answer.status_code == 302
    webhook.refresh_from_db()
    assert (webhook.url, webhook.events) == (sent["url"], ["moved"])


def test_log__says_what_was_sent_and_came_back(
    cast: Cast, manager: Client, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    reservation = requested(cast)
    plan()
    receiver.answers = [500]
    send()

    shown = manager.get(at(cast, "webhook", webhook.pk)).content.decode()
    assert "HTTP 500" in shown
    assert "Thank you" in shown
    assert reservation.reference in shown
    assert "Nothing has arrived since" in shown


def test_log__for_htmx__is_the_part_and_looks_again_while_something_is_due(
    cast: Cast, manager: Client, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    requested(cast)
    plan()
    address = at(cast, "webhook", webhook.pk)

    part = manager.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="log" hx-get=')
    send()
    part = manager.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="log">')


def test_steps__ping_pause_resume_replay_rotate_remove(
    cast: Cast, manager: Client, receiver: Receiver
) -> None:
    webhook, secret = hook(cast, receiver)
    requested(cast)
    plan()
    send()

    def do(deed: str, **sent: Any) -> str:
        to = at(cast, "webhook-act", webhook.pk, deed)
        return manager.post(to, sent, follow=True).content.decode()

    assert "A ping is on its way." in do("ping")
    assert "on its way already" in do("ping")
    send()
    assert "Paused. What happens meanwhile waits." in do("pause")
    assert "Paused by hand" in do("resume") or Webhook.objects.get().paused_at is None
    key = Delivery.objects.get(event="requested").key
    assert "It is sent again." in do("replay", delivery=key)
    assert "It is on its way already." in do("replay", delivery=key)
    send()
    assert "1 delivery is sent again." in do("replay-since", hours=24, arrived="on")
    assert "Choose from when on" in do("replay-since", hours="x")
    rotated = manager.post(at(cast, "webhook-rotate", webhook.pk)).content.decode()
    assert "atr_whs_" in rotated
    assert secret not in rotated
    assert "The webhook is removed." in do("remove")
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"delivery": "x"}, {"delivery": "0" * 32}])
def test_replay__of_nothing_there__is_missing(
    cast: Cast, manager: Client, receiver: Receiver, sent: dict[str, str]
) -> None:
    webhook, _secret = hook(cast, receiver)
    to = at(cast, "webhook-act", webhook.pk, "replay")

    assert manager.post(to, sent).status_code == 404


def test_staff__look_and_find_no_button(
    cast: Cast, client: Client, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    webhook_pause(actor=cast.colleague, slug=cast.startup.slug, webhook_id=webhook.pk)
    client.force_login(cast.staff)

    shown = client.get(at(cast, "webhook", webhook.pk)).content.decode()
    assert "Paused by hand" in shown
    assert f'action="{at(cast, "webhook", webhook.pk)}' not in shown
    assert client.get(at(cast, "webhook-add")).status_code == 403


def test_webhook__of_another_organisation__is_missing(
    cast: Cast, client: Client, receiver: Receiver
) -> None:
    webhook, _secret = hook(cast, receiver)
    client.force_login(cast.manager)
    theirs = reverse("webhook", args=[cast.host.slug, webhook.pk])

    assert client.get(theirs).status_code == 404
    assert client.get(at(cast, "webhook", webhook.pk)).status_code == 403


def test_api__whole_life(cast: Cast, receiver: Receiver) -> None:
    api = cast.api(cast.colleague)
    base = f"/api/v1/organisations/{cast.startup.slug}/webhooks/"
    made = api.post(base, {"url": receiver.url, "events": EVENTS})
    assert made.status_code == 201
    assert made.json()["secret"].startswith("atr_whs_")
    one = f"{base}{made.json()['webhook']['id']}/"
    assert "secret" not in api.get(one).json()
    assert api.get(base).json()["count"] == 1
    assert api.patch(one, {"events": ["requested"]}).json()["events"] == ["requested"]
    requested(cast)
    plan()
    send()
    (sent,) = api.get(f"{one}deliveries/").json()["results"]
    assert (sent["state"], sent["status"], sent["answer"]) == (
        "delivered",
        200,
        "Thank you",
    )
    assert api.post(f"{one}replay/", {"delivery": sent["id"]}).status_code == 202
    again = api.post(f"{one}replay/", {"delivery": sent["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "on_its_way")
    send()
    assert api.post(f"{one}replay/", {}).status_code == 400
    since = {"since": "2026-01-01T00:00:00Z", "only_given_up": False}
    assert api.post(f"{one}replay/", since).json() == {"replayed": 1}
    assert api.post(f"{one}ping/").json()["event"] == "ping"
    assert api.post(f"{one}pause/").json()["paused_why"] == "by_hand"
    assert api.post(f"{one}resume/").json()["paused_at"] is None
    assert api.post(f"{one}rotate-secret/").json()["secret"] != made.json()["secret"]
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404


def test_api__same_address_again__is_a_409_that_says_why(
    cast: Cast, receiver: Receiver
) -> None:
    hook(cast, receiver)
    base = f"/api/v1/organisations/{cast.startup.slug}/webhooks/"
    sent = {"url": receiver.url, "events": EVENTS}
    again = cast.api(cast.colleague).post(base, sent)

    assert (again.status_code, again.json()["code"]) == (409, "webhook_there")
    private = {**sent, "url": "https://10.0.0.1/"}
    refused = cast.api(cast.colleague).post(base, private)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["url"])
