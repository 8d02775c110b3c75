"""Messages that are about no reservation: when each is true, and what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from notifications import about_people, weekly
from notifications.calendars import calendar_fails_still, calendar_failure_context
from notifications.models import Kind, Message
from notifications.webhook_notices import is_paused_still, paused_context


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of them; both are asked anew at the moment of sending."""

    #: It is so, and its person (who may still sign in) may know it.
    is_true: Callable[[Message], bool]
    #: What its template sees: `details` and `link` at least.
    context: Callable[[Message, dt.datetime], dict[str, Any]]


NOTICES_BY_KIND: dict[Kind, Notice] = {
    Kind.CALENDAR_FAILED: Notice(calendar_fails_still, calendar_failure_context),
    Kind.WEEKLY: Notice(weekly.is_reader, weekly.week_context),
    Kind.WEBHOOK_PAUSED: Notice(is_paused_still, paused_context),
    Kind.DEPUTISING: Notice(
        about_people.delegation_stands, about_people.delegation_context
    ),
    Kind.QUALIFICATION: Notice(
        about_people.qualification_expires, about_people.qualification_context
    ),
}
