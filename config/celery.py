"""Celery is the alarm clock only: the tables are the truth, every task idempotent.

A tick that is lost is made good by the next one, a doubled tick does nothing, so two
beats do no harm. Hence no eta, no retries and no result backend.
"""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Django's checks import every page: 20 MB that a worker has no use for. `make check`
# and every migration run them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

app = Celery("atrium")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    # `expires` keeps ticks from piling up while no worker runs.
    "deliver-due": {
        "task": "notifications.tasks.deliver_due",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "plan-missed": {
        "task": "notifications.tasks.plan_missed",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "tell-webhooks": {
        "task": "notifications.tasks.tell_webhooks",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "forget-deliveries": {
        "task": "notifications.tasks.forget_deliveries",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 3600},
    },
    "send-letters": {
        "task": "labs.tasks.send_letters",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "clear-sessions": {
        "task": "labs.tasks.clear_sessions",
        "schedule": crontab(hour=2, minute=50),
        "options": {"expires": 3600},
    },
    "expire-lapsed": {
        "task": "booking.tasks.expire_lapsed",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "miss-absent": {
        "task": "booking.tasks.miss_absent",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "sweep-waiting": {
        "task": "booking.tasks.sweep_waiting",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "book-wanted": {
        "task": "booking.tasks.book_wanted",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "pass-on-undecided": {
        "task": "booking.tasks.pass_on_undecided",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "complete-ended": {
        "task": "booking.tasks.complete_ended",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "read-outside-calendars": {
        "task": "booking.tasks.read_outside_calendars",
        "schedule": 120.0,
        "options": {"expires": 120},
    },
    "tell-of-calendars": {
        "task": "notifications.tasks.tell_of_calendars",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "sweep-answer-files": {
        "task": "booking.tasks.sweep_answer_files",
        "schedule": crontab(hour=2, minute=40),
        "options": {"expires": 3600},
    },
    "roll-open-periods": {
        "task": "booking.tasks.roll_open_periods",
        "schedule": crontab(hour=2, minute=20),
        "options": {"expires": 3600},
    },
}
