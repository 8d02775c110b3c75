from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labs.management.output import refusals_as_errors, tell
from labs.services.hub_csv.importing import hub_import


class Command(BaseCommand):
    help = (
        "Import organisations.csv, sites.csv, people.csv and resources.csv of a folder."
        " All rows are checked first; nothing is written unless all are good."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path)
        parser.add_argument(
            "--skip-bad", action="store_true", help="write the good rows all the same"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check and count, write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder, skip_bad = options["folder"], options["skip_bad"]
        dry_run = options["dry_run"]
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        with refusals_as_errors():
            report = hub_import(folder, skip_bad=skip_bad, dry_run=dry_run)
        tell(self, report, skip_bad=skip_bad, dry_run=dry_run)
