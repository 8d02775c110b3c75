from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from booking.demo.load import hub_is_empty, hub_load
from booking.demo.logins import demo_people, logins_update


class Command(BaseCommand):
    help = "Loads the example hub, if there is no hub yet, and hands out its sign-ins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--address", default=settings.BASE_URL, help="where the site answers"
        )
        parser.add_argument(
            "--logins", type=Path, metavar="FILE", help="write sign-ins to this file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if hub_is_empty():
            hub_load(self.stdout.write)
        elif demo_people():
            self.stdout.write("The example hub is there; its data stay as they are.")
        else:
            self.stdout.write("This is another hub: nothing loaded, no sign-ins made.")
        if options["logins"]:
            logins_update(options["logins"], options["address"])
