from __future__ import annotations

from config import clock
from notifications.calendars import calendars_failing, failure_cause, managers_of
from notifications.models import Kind, Message


def calendars_failing_plan() -> None:
    """Plan a notice for each manager of each host whose outside calendar fails.

    Planning twice plans once; one that works again is not told of any more.
    """
    now = clock.now()
    Message.objects.bulk_create(
        (
            Message(
                cause=failure_cause(calendar),
                kind=Kind.CALENDAR_FAILED,
                person=manager,
                about_id=calendar.pk,
                due_at=now,
                created_at=now,
            )
            for calendar in calendars_failing()
            for manager in managers_of(calendar)
        ),
        ignore_conflicts=True,
    )
