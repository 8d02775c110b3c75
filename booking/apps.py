from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class BookingConfig(AppConfig):
    name = "booking"
    verbose_name = _("Booking")

    def ready(self) -> None:
        from booking import receivers  # noqa: F401 - connects itself

        post_migrate.connect(ensure_hub_policy, sender=self)


def ensure_hub_policy(**kwargs: Any) -> None:
    """See to it that the hub has a policy: every effective value ends there."""
    from booking.models import Policy

    Policy.objects.get_or_create(
        resource=None, organisation=None, defaults=Policy.FIRST_VALUES
    )
