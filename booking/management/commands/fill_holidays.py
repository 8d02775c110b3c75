from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from booking.services.holidays import holiday_calendar_fill


class Command(BaseCommand):
    help = "Fill the shared calendar of Bulgaria's public holidays, two years ahead."

    def handle(self, *args: Any, **options: Any) -> None:
        shared = holiday_calendar_fill()
        days = shared.calendar.event_set.count()
        self.stdout.write(f"{shared.calendar.slug}: {days} days")
