"""A message as the mail that goes out."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives

from config.mail import mail
from notifications.invitations import invitation_add
from notifications.models import Message
from notifications.texts import Text
from notifications.unsubscribing import unsubscribe_headers


def mail_of(message: Message, text: Text) -> EmailMultiAlternatives:
    made = mail(
        to=message.person.email,
        subject=text.subject,
        language=message.person.language,
        blocks=text.blocks,
        headers={"Message-ID": message.message_id, **unsubscribe_headers(message)},
    )
    # Last of all: programs show the last part that they understand.
    invitation_add(made, message)
    return made
