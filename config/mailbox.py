"""The demo's mail server: it takes every mail, keeps it as a file, delivers none.

    python -m config.mailbox FOLDER --port N

Loopback only. One line is printed for each mail.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import signal
import sys
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"


class Inbox:
    """Writes mails into a folder, in files whose names sort by time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(  # noqa: N802, aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail; its sender is told 250 only when the file is complete."""
        content = envelope.original_content or b""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"
        part = self.folder / f".{name}.part"
        part.write_bytes(content)
        part.rename(self.folder / f"{name}.eml")
        recipients = ", ".join(envelope.rcpt_tos)
        print(_plain(f"mail to {recipients}: {_subject(content)}"), flush=True)
        return "250 Kept"


def _subject(content: bytes) -> str:
    subject = message_from_bytes(content, policy=policy.default)["Subject"]
    # A folded header begins with the blank of its second line.
    return str(subject or "-").strip()


def _plain(line: str) -> str:
    """Return the line without what a terminal would take as a command."""
    return "".join(sign if sign.isprintable() else "?" for sign in line)


async def serve(folder: Path, port: int) -> None:
    """Take mails until SIGINT or SIGTERM."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)
    inbox = Inbox(folder)
    server = await loop.create_server(
        lambda: SMTP(inbox, enable_SMTPUTF8=True, ident="atrium", loop=loop),
        host=LOOPBACK,
        port=port,
    )
    async with server:
        await done.wait()


def main() -> int:
    """Run as a program; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m config.mailbox")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(serve(options.folder, options.port))
    except OSError as error:
        print(f"The mailbox cannot run: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
