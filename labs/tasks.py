"""What Celery runs; idempotent, and may run any number of times at once."""

from __future__ import annotations

from celery import shared_task

from labs.services.letters import letters_send


@shared_task
def send_letters() -> None:
    letters_send()
