"""What names a message that is sent once more."""

from __future__ import annotations

import re

AGAIN = re.compile(r"^resend-\d+-")


def first_cause(cause: str) -> str:
    """Return the cause of the message that it repeats, or its own."""
    return AGAIN.sub("", cause)


def resend_cause(cause: str, number: int) -> str:
    return f"resend-{number}-{first_cause(cause)}"
