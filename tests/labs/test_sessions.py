from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from config import clock
from config.celery import app
from labs.tasks import clear_sessions
from tests import factories


@pytest.mark.django_db
def test_clear_sessions__those_that_ran_out__go_and_others_stay() -> None:
    first, second = Client(), Client()
    for client in (first, second):
        client.force_login(factories.person())
    ended = clock.now() - dt.timedelta(minutes=1)
    Session.objects.filter(pk=first.session.session_key).update(expire_date=ended)
    clear_sessions()
    kept = Session.objects.values_list("session_key", flat=True)
    assert list(kept) == [second.session.session_key]
    scheduled = {each["task"] for each in app.conf.beat_schedule.values()}
    assert clear_sessions.name in scheduled
