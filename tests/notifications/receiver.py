"""An organisation's own program that webhooks are sent to, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from booking.models import History
from notifications.models import Webhook
from notifications.services.sending import deliveries_send_due
from notifications.services.webhooks import webhook_add
from tests.answering import Answering, Asked
from tests.cast import Cast

EVENTS = [
    action.value for action in History.Action if action != History.Action.IMPORTED
]


class Receiver:
    """It answers each request by `answers`, the last of them for ever."""

    def __init__(self, server: Answering) -> None:
        self.server = server
        self.answers: list[int] = [200]
        self.url = server.at("/hook", self._answer)
        self.during: Callable[[Asked], object] = lambda asked: None

    def _answer(self, asked: Asked) -> None:
        self.during(asked)
        status = self.answers[0]
        if len(self.answers) > 1:
            self.answers.pop(0)
        asked.say(status, b"Thank you")

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(asked.posted or b"") for asked in self.server.asked]

    @property
    def events(self) -> list[str]:
        return [each["event"] for each in self.told]

    def of(self, reference: str) -> list[str]:
        """The events of one reservation, as they came."""
        about = [
            each
            for each in self.told
            if each.get("reservation", {}).get("reference") == reference
        ]
        return [each["event"] for each in about]


def hook(
    cast: Cast, receiver: Receiver, events: Sequence[str] = EVENTS
) -> tuple[Webhook, str]:
    """The startup's webhook; its colleague is the manager there."""
    return webhook_add(
        actor=cast.colleague,
        slug=cast.startup.slug,
        url=receiver.url,
        events=events,
    )


def send() -> int:
    return deliveries_send_due(seconds=5)
