"""A real SMTP server on the loopback, which keeps what it accepts."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Inbox:
    """Takes mails; `replies` has what RCPT is answered, by recipient, if not 250."""

    def __init__(self) -> None:
        self.port = free_port()
        self._controller: Controller | None = None
        self.reset()

    def reset(self) -> None:
        self.mails: list[EmailMessage] = []
        self.replies: dict[str, str] = {}
        self.data_reply = ""
        self.sender_replies: list[str] = []
        self.connections = 0
        #: Seconds that it thinks before each 250.
        self.slowness = 0.0

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens within the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd calls it so
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it so
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if self.sender_replies and (reply := self.sender_replies.pop(0)):
            return reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if reply := self.replies.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.slowness)
        if self.data_reply:
            return self.data_reply
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 Kept"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to one address, in the order they came."""
        return [mail for mail in self.mails if mail["To"] == address]

    def subjects(self) -> list[str]:
        return [subject(mail) for mail in self.mails]

    def repeats(self) -> int:
        """How many came more than once, counted by Message-ID."""
        ids = Counter(str(mail["Message-ID"]) for mail in self.mails)
        return sum(ids.values()) - len(ids)


def subject(mail: EmailMessage) -> str:
    """The subject without the space that folding an encoded one leaves before it."""
    return str(mail["Subject"]).strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
