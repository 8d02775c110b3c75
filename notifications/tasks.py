"""What Celery runs; each is idempotent and may run any number of times at once."""

from __future__ import annotations

from celery import shared_task

from config.broker import nudge
from notifications.services.about_people import notices_plan
from notifications.services.calendars import calendars_failing_plan
from notifications.services.deliveries import deliveries_forget
from notifications.services.delivery import messages_deliver_due
from notifications.services.digests import digests_plan, weekly_plan
from notifications.services.planning import history_plan, history_plan_missed
from notifications.services.sending import deliveries_send_due

#: The beat comes again before that.
NUDGE_EXPIRES_SECONDS = 5


@shared_task
def plan_history(history_id: int) -> None:
    if history_plan(history_id=history_id):
        nudge(deliver_due, expires=NUDGE_EXPIRES_SECONDS)


@shared_task
def plan_missed() -> None:
    is_due = history_plan_missed()
    planned = [notices_plan(), digests_plan(), weekly_plan()]
    if is_due or any(planned):
        nudge(deliver_due, expires=NUDGE_EXPIRES_SECONDS)


@shared_task
def deliver_due() -> None:
    messages_deliver_due()


@shared_task
def tell_webhooks() -> None:
    deliveries_send_due()


@shared_task
def forget_deliveries() -> None:
    deliveries_forget()


@shared_task
def tell_of_calendars() -> None:
    calendars_failing_plan()
