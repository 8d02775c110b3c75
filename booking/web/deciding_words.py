"""What is said of paths, rules, decisions and reasons, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from booking.models import Reservation
from booking.models.paths import Path
from booking.words import length_text
from labs.models import Organisation


def names_of(rules: Iterable[Mapping[str, Any] | None]) -> dict[int, str]:
    """Return the names of the organisations that rules speak of; at most one query."""
    ids = {pk for rule in rules if rule for pk in rule["organisations"]}
    if not ids:
        return {}
    found = Organisation.objects.filter(pk__in=ids)
    return {each.pk: each.local_name for each in found}


def rule_text(rule: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Return the conditions of a rule, such as: the host’s own people; at most 4 h."""
    parts = []
    if rule["own_organisation"]:
        parts.append(_("the host’s own people"))
    if rule["organisations"]:
        known = [names[pk] for pk in rule["organisations"] if pk in names]
        parts.append(", ".join(sorted(known)) or _("organisations that are gone"))
    if rule["at_most_minutes"]:
        length = length_text(rule["at_most_minutes"])
        parts.append(_("at most %(length)s") % {"length": length})
    return "; ".join(parts)


def path_text(reservation: Reservation) -> str:
    """Return who decides on a request, in what order."""
    if reservation.path != Path.SEVERAL:
        return str(reservation.get_path_display())
    return _("%(n)d different people of the host and the hub") % {
        "n": reservation.approvals_needed
    }
