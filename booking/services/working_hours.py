from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.models import WorkingHours
from booking.permissions import require
from booking.services import ledger
from config.errors import Invalid
from labs.models import User


def working_hours_set(
    *, actor: User, week: Mapping[int, tuple[int, int]]
) -> list[WorkingHours]:
    """Say when the hub works, in minutes after midnight by weekday; for hub staff.

    An empty week is one round the clock. Times that are promised already stay.
    """
    require(actor.is_hub_staff)
    for weekday, (opens, closes) in week.items():
        if not (0 <= weekday <= 6 and 0 <= opens < closes <= 1440):
            text = _("The end must come after the start.")
            raise Invalid({f"until_{weekday}": [text]})
    with ledger.writing():
        WorkingHours.objects.all().delete()
        rows = [
            WorkingHours(weekday=weekday, opens=opens, closes=closes)
            for weekday, (opens, closes) in sorted(week.items())
        ]
        return WorkingHours.objects.bulk_create(rows)
