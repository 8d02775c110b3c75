"""What Celery beat calls; each is idempotent and may run twice at once."""

from __future__ import annotations

from celery import shared_task

from booking.services import holidays, lifecycle, no_shows, open_periods


@shared_task
def expire_lapsed() -> None:
    lifecycle.reservations_expire_lapsed()


@shared_task
def miss_absent() -> None:
    no_shows.reservations_miss_absent()


@shared_task
def complete_ended() -> None:
    lifecycle.reservations_complete_ended()


@shared_task
def roll_open_periods() -> None:
    try:
        holidays.holiday_calendar_keep_filled()
    finally:
        open_periods.open_periods_rebuild_all()
