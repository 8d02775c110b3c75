from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from booking.services.open_periods import open_periods_rebuild_all


class Command(BaseCommand):
    help = "Rebuild the projection of all published hours, as after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        count = open_periods_rebuild_all()
        self.stdout.write(f"rebuilt the open periods of {count} resources")
