"""One connection to the mail server, and what its refusals mean for a message."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.core import mail
from django.core.mail import EmailMessage

#: The server closes the connection, as it does after so many mails, or to restart.
CLOSING = 421


class Unreachable(Exception):
    """The server takes nothing from us at present; this message was not tried."""


class Deferred(Exception):
    """The message was not accepted, or it is not known; it may be later."""


class Refused(Exception):
    """The message will never be accepted."""


class Post:
    """A connection that opens when it is needed and is kept for the next message."""

    def __init__(self) -> None:
        self._connection = mail.get_connection()
        self._sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, message: EmailMessage) -> None:
        """Return when the server has accepted it (its 250), else raise one of ours."""
        self._open()
        try:
            accepted = self._connection.send_messages([message])
        except smtplib.SMTPSenderRefused as error:
            # Nothing to do with the recipient: our address, or enough mails for now.
            used = self._sent
            self._close()
            if not used:
                raise Unreachable(_said(error.smtp_code, error.smtp_error)) from error
            self.send(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise self._verdict(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPResponseException as error:
            raise self._verdict(error.smtp_code, error.smtp_error) from error
        except OSError as error:  # SMTPServerDisconnected and time-outs too
            self._close()
            raise Deferred(_described(error)) from error
        except ValueError as error:  # no such header or address can be written
            raise Refused(_described(error)) from error
        else:
            if not accepted:
                raise Refused("There is no recipient.")
            self._sent += 1

    def _open(self) -> None:
        try:
            self._connection.open()
        except OSError as error:  # every SMTPException is one
            self._close()  # it may be connected and not signed in
            raise Unreachable(_described(error)) from error

    def _close(self) -> None:
        self._sent = 0
        # All that we sent has been answered; its goodbye changes nothing.
        with suppress(OSError):
            self._connection.close()

    def _verdict(self, code: int, text: bytes | str) -> Deferred | Refused:
        if code == CLOSING:
            self._close()
        return (Refused if code >= 500 else Deferred)(_said(code, text))


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {words}"


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
