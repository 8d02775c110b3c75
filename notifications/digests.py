"""The daily digest: what was collected, a line each, as it is when it goes out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse

from config import clock
from notifications.models import Kind, Message
from notifications.notices import NOTICES_BY_KIND, Notice
from notifications.rules import still_true
from notifications.selectors import message_facts, messages_to_judge
from notifications.texts import message_write


def lines_of(digest: Message, now: dt.datetime) -> list[str]:
    """Return the subjects of what is still so, the oldest first."""
    collected = messages_to_judge().filter(digest=digest.pk).order_by("pk")
    return [
        message_write(message, now).subject
        for message in collected
        if still_true(message_facts(message, now))
    ]


def _has_lines(digest: Message) -> bool:
    return bool(lines_of(digest, clock.now()))


def _context(digest: Message, now: dt.datetime) -> dict[str, Any]:
    lines = lines_of(digest, now)
    return {
        "parts": lines,
        "n": len(lines),
        "details": [],
        "link": settings.BASE_URL + reverse("messages"),
    }


# Notices lie below the texts that its lines are made of.
NOTICES_BY_KIND[Kind.DIGEST] = Notice(_has_lines, _context)
