from __future__ import annotations

from functools import partial
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_signed_up
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from config.broker import nudge
from labs.models import User
from labs.services import joining
from labs.signals import letter_written
from labs.tasks import send_letters


@receiver(letter_written, dispatch_uid="labs.send_letters")
def send_soon(**kwargs: Any) -> None:
    """Have letters sent; the beat finds what gets lost on the way."""
    transaction.on_commit(partial(nudge, send_letters, expires=30))


@receiver(email_confirmed, dispatch_uid="labs.email_confirmed")
def let_in(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    """Put forward what somebody asked, now that we know whose e-mail it is."""
    user = email_address.user
    records = get_authentication_records(request, user)
    if records and records[-1]["method"] == "code":
        # Somebody signed up with this e-mail, perhaps not its owner; who has the mail
        # signs in now, and that other's password must not work beside.
        user.set_unusable_password()
        user.save(update_fields=["password"])
    joining.email_confirmed(user=user)


@receiver(user_signed_up, dispatch_uid="labs.user_signed_up")
def let_in_at_once(user: User, **kwargs: Any) -> None:
    """Do the same where the e-mail needs no code: a provider vouches for it."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True)
    if confirmed.filter(email=user.email).exists():
        joining.email_confirmed(user=user)
