"""What a mail that came back says: which message, and why (RFC 3464)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

#: As `Message.message_id` writes it.
OURS = re.compile(r"<message-(\d{1,18})\.(\d{1,18})@[^>\s]+>")
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Bounce:
    """`status` is that of RFC 3463, such as 5.1.1, of the first that failed."""

    message_id: str
    status: str
    diagnostic: str


def bounce_read(raw: bytes) -> Bounce | None:
    """Return what a delivery status notification says; None for any other mail.

    None also where the mail is only delayed, or names no message of ours.
    """
    mail = message_from_bytes(raw, policy=policy.default)
    for fields in _recipients(mail):
        if str(fields.get("Action", "")).strip().lower() != "failed":
            continue
        status = STATUS.search(str(fields.get("Status", "")))
        found = _message_id(mail)
        if found:
            said = str(fields.get("Diagnostic-Code", ""))
            return Bounce(found, status.group() if status else "5.0.0", said)
    return None


def _recipients(mail: Message) -> Iterator[Message]:
    """Yield the blocks of fields of a report, each about one recipient."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            if isinstance(blocks, list):
                yield from (each for each in blocks if isinstance(each, Message))


def _message_id(mail: Message) -> str:
    """Return which of ours came back, by the copy in the report or what it answers."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            raw = text if isinstance(text, bytes) else b""
            held = OURS.search(raw.decode("utf-8", "replace"))
        elif part is not mail and isinstance(part, EmailMessage):
            held = OURS.search(str(part.get("Message-ID", "")))
        else:
            held = None
        if held:
            return held.group()
    said = f"{mail.get('In-Reply-To', '')} {mail.get('References', '')}"
    answered = OURS.search(said)
    return answered.group() if answered else ""
