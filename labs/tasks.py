"""What Celery runs; idempotent, and may run any number of times at once."""

from __future__ import annotations

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from labs.services.letters import letters_send


@shared_task
def send_letters() -> None:
    letters_send()


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that ran out: they hold what people typed, and only grow."""
    SessionStore.clear_expired()
