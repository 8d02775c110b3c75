"""Hub staff word a kind of message, or take it back to ours."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.permissions import require
from config import clock
from config.errors import Conflict, Invalid, Missing
from labs.models import User
from notifications.models import Kind, Wording
from notifications.models.wording import LONGEST_SUBJECT, LONGEST_TEXT
from notifications.variables import NAMES, asked_of, values_of
from notifications.wording import Unusable, require_known


def wording_save(
    *,
    actor: User,
    kind: str,
    language: str,
    subject: str,
    text: str,
    version: int,
) -> Wording:
    """Have the kind say this from now on, in that language.

    `version` is the one that was read, 0 where there was none. Raises Forbidden (403),
    Missing (404), Invalid (400) with what cannot be used, Conflict (409) where somebody
    else changed it meanwhile.
    """
    wording_check(kind=_kind(actor, kind, language), subject=subject, text=text)
    return _append(actor, kind, language, subject.strip(), _tidied(text), version)


def wording_reset(*, actor: User, kind: str, language: str, version: int) -> Wording:
    """Go back to our words; raises as `wording_save` does."""
    return _append(actor, _kind(actor, kind, language), language, "", "", version)


def wording_check(*, kind: Kind, subject: str, text: str) -> None:
    """Raise Invalid with what is wrong with each field."""
    lines = len(subject.strip().splitlines())
    fields = {
        "subject": _("A subject is one line.")
        if lines > 1
        else _fault(kind, subject.strip(), LONGEST_SUBJECT),
        "text": _fault(kind, _tidied(text), LONGEST_TEXT),
    }
    faults = {name: [fault] for name, fault in fields.items() if fault}
    if faults:
        raise Invalid(faults)


def _fault(kind: Kind, source: str, longest: int) -> str:
    if not source:
        return _("Write something, or go back to our words.")
    if len(source) > longest:
        return _("Write at most %(n)d characters.") % {"n": longest}
    if not all(sign.isprintable() or sign == "\n" for sign in source):
        return _("There are signs in it that nobody can see.")
    try:
        require_known(source, values=values_of(kind), asked=asked_of(kind))
    except Unusable as error:
        return str(error)
    return ""


def _tidied(text: str) -> str:
    lines = (line.rstrip() for line in text.strip().splitlines())
    return "\n".join(lines)


def _kind(actor: User, kind: str, language: str) -> Kind:
    require(actor.is_hub_staff)
    if kind not in NAMES or language not in dict(settings.LANGUAGES):
        raise Missing
    return Kind(kind)


def _append(
    actor: User, kind: str, language: str, subject: str, text: str, version: int
) -> Wording:
    rows = Wording.objects.filter(kind=kind, language=language)
    last = rows.order_by("-version").values_list("version", flat=True).first() or 0
    if last != version:
        raise ReworkedMeanwhile
    try:
        with transaction.atomic():
            return Wording.objects.create(
                kind=kind,
                language=language,
                version=version + 1,
                subject=subject,
                text=text,
                changed_by=actor,
                changed_at=clock.now(),
            )
    except IntegrityError as error:
        raise ReworkedMeanwhile from error


class ReworkedMeanwhile(Conflict):
    """409: somebody else saved another version first."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy(
                "Somebody else changed these words meanwhile. Yours are still here: "
                "compare them with theirs below, then save again."
            )
        )
