from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from booking.services.reservation_import import OPTIONAL, REQUIRED, reservations_import


class Command(BaseCommand):
    help = (
        "Import reservations from a CSV file with the columns "
        f"{', '.join(REQUIRED)}; and, where wanted, {', '.join(OPTIONAL)}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--skip-bad", action="store_true", help="write the good rows all the same"
        )

    def handle(self, *args: Any, file: Path, skip_bad: bool, **options: Any) -> None:
        try:
            report = reservations_import(
                file, progress=self._progress, skip_bad=skip_bad
            )
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        for fault in report.faults:
            self.stderr.write(str(fault))
        for kind, outcomes in report.counts.items():
            numbers = ", ".join(f"{n} {outcome}" for outcome, n in outcomes.items())
            self.stdout.write(f"{kind}: {numbers}")
        if report.faults and not skip_bad:
            raise CommandError(f"{report.bad_rows} bad rows; nothing was written.")

    def _progress(self, what: str, done: int, all_of: int) -> None:
        if not self.stderr.isatty():
            return
        filled = 30 * done // max(all_of, 1)
        bar = "#" * filled + "." * (30 - filled)
        ending = "\n" if done == all_of else ""
        self.stderr.write(f"\r{what} [{bar}] {done}/{all_of}", ending=ending)
