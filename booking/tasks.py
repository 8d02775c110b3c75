"""What Celery beat calls; each is idempotent and may run twice at once."""

from __future__ import annotations

from celery import shared_task

from booking.services import (
    answer_files,
    escalation,
    holidays,
    lifecycle,
    no_shows,
    open_periods,
    outside_calendars,
    series_wanted,
    waiting,
)


@shared_task
def expire_lapsed() -> None:
    lifecycle.reservations_expire_lapsed()


@shared_task
def miss_absent() -> None:
    no_shows.reservations_miss_absent()


@shared_task
def pass_on_undecided() -> None:
    escalation.reservations_pass_on()


@shared_task
def complete_ended() -> None:
    lifecycle.reservations_complete_ended()


@shared_task
def book_wanted() -> None:
    series_wanted.series_wanted_book()


@shared_task
def sweep_answer_files() -> None:
    answer_files.answer_files_sweep()


@shared_task
def roll_open_periods() -> None:
    try:
        holidays.holiday_calendar_keep_filled()
    finally:
        open_periods.open_periods_rebuild_all()


@shared_task
def read_outside_calendars() -> None:
    outside_calendars.outside_calendars_refresh_due()


@shared_task
def serve_waiting(resource_ids: list[int]) -> None:
    waiting.waiting_serve(resource_ids)


@shared_task
def sweep_waiting() -> None:
    waiting.waiting_sweep()
