from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labs.management.output import refusals_as_errors
from labs.models import ApiToken
from labs.services.tokens import token_issue

MOST_DAYS = 3650


class Command(BaseCommand):
    help = "Print a new API token of a person. It is shown once; only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", default="issue_token", help="what it is for")
        parser.add_argument(
            "--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.WRITE
        )
        parser.add_argument("--days", type=int, help="how long it is good; or for ever")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days must lie between 1 and {MOST_DAYS}.")
        with refusals_as_errors():
            _token, secret = token_issue(
                email=options["email"],
                name=options["name"],
                scope=options["scope"],
                valid_for=dt.timedelta(days=days) if days is not None else None,
            )
        # Nothing else on stdout, so that a script can take it from there.
        self.stdout.write(secret)
