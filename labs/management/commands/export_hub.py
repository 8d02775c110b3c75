from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from labs.management.output import refusals_as_errors
from labs.services.hub_csv.exporting import hub_export


class Command(BaseCommand):
    help = "Write organisations, sites, people and resources as CSV into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_as_errors():
            written = hub_export(options["folder"])
        for file, rows in written.items():
            self.stdout.write(f"{file}: {rows} rows")
