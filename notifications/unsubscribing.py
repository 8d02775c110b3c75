"""Links that switch off a kind of mail without signing in (RFC 8058)."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from config.errors import Missing
from labs.models import User
from notifications.models import Kind, Message
from notifications.models.preference import CHOICES, GROUP_OF, How

SALT = "notifications.unsubscribe"


def can_go(message: Message) -> str:
    """Return what may be switched off of such a message, if it may."""
    if message.kind == Kind.REMINDER:
        return Kind.REMINDER
    group = GROUP_OF.get(Kind(message.kind))
    return group if group and How.NONE in CHOICES[group] else ""


def unsubscribe_headers(message: Message) -> dict[str, str]:
    """Return what mail programs need for their own button."""
    what = can_go(message)
    if not what:
        return {}
    return {
        "List-Unsubscribe": f"<{_url(message.person_id, what)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _url(person_id: int, what: str) -> str:
    token = signing.dumps([person_id, str(what)], salt=SALT)
    return f"{settings.BASE_URL}{reverse('unsubscribe', args=[token])}"


def read(token: str) -> tuple[User, str]:
    """Return who is to hear no more of what; raises Missing (404)."""
    try:
        person_id, what = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Missing from error
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise Missing
    return person, what
