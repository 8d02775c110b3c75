from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from booking.signals import history_recorded, hub_loaded
from config.broker import nudge
from notifications.demo import webhook_show
from notifications.tasks import plan_history


@receiver(history_recorded, dispatch_uid="notifications.plan_history")
def plan_soon(*, history_id: int, **kwargs: Any) -> None:
    """Have messages planned; `plan_missed` finds what gets lost on the way."""
    # The signal comes after commit; should it ever come before, this still waits.
    transaction.on_commit(partial(nudge, plan_history, history_id))


@receiver(hub_loaded, dispatch_uid="notifications.demo")
def complete_hub(**kwargs: Any) -> None:
    """Add to the example hub what this room has to show."""
    webhook_show()
