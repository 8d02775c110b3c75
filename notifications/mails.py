"""A message as the mail that goes out."""

from __future__ import annotations

from django.core.mail import EmailMessage, EmailMultiAlternatives

from notifications.invitations import invitation_add
from notifications.models import Message
from notifications.texts import Text


def mail_of(message: Message, text: Text) -> EmailMessage:
    mail = EmailMultiAlternatives(
        text.subject,
        text.body,
        to=[message.person.email],
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies
            "Content-Language": message.person.language,
        },
    )
    invitation_add(mail, message)
    return mail
