from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from notifications.bounces import bounce_read
from notifications.services.bounces import bounce_record


class Command(BaseCommand):
    help = (
        "Read a mail that came back (RFC 3464) from standard input, as a mail server's "
        "pipe gives it. Always succeeds, or the server would send that back, too."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        bounce = bounce_read(sys.stdin.buffer.read())
        message = bounce_record(bounce) if bounce else None
        if message is None:
            self.stdout.write("No message of ours came back with this.")
        else:
            self.stdout.write(f"Message {message.pk}: {message.bounce_status}")
