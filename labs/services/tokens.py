from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from config import clock
from config.errors import Missing
from labs.models import ApiToken, User
from labs.services.checks import require_clean

#: Lets people and secret scanners see at a glance what leaked.
PREFIX = "atr_"
SECRET_BYTES = 32


@transaction.atomic(durable=True)
def token_issue(
    *,
    email: str,
    name: str,
    scope: str = ApiToken.Scope.WRITE,
    valid_for: dt.timedelta | None = None,
) -> tuple[ApiToken, str]:
    """Return a new token of a person and its secret, which is not kept.

    It ends after `valid_for`, or never. Raises Missing where no active person has this
    e-mail, and Invalid with the faults by field.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise Missing(_("No active person has this e-mail."))
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    expires_at = clock.now() + valid_for if valid_for is not None else None
    token = ApiToken(user=user, name=name, scope=scope, expires_at=expires_at)
    token.hash = ApiToken.hash_of(secret)
    require_clean(token, exclude=["user"])
    token.save()
    return token, secret


@transaction.atomic(durable=True)
def token_revoke(*, actor: User, token_id: int) -> None:
    """End one of one's own tokens; raise Missing (404)."""
    deleted, _per_model = ApiToken.objects.filter(user=actor, pk=token_id).delete()
    if not deleted:
        raise Missing
