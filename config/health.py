"""Is it alive, is it ready, how is it doing: for probes and Prometheus."""

from __future__ import annotations

from typing import cast

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from config.cache import GivingWayCache


def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process does."""
    return HttpResponse("ok", content_type="text/plain")


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cast(GivingWayCache, cache).require()


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when PostgreSQL and Redis do, else 503 with which one does not."""
    states: dict[str, str] = {}
    for name, probe in {"database": _database, "redis": _cache}.items():
        try:
            probe()
        except (DatabaseError, RedisError, OSError) as error:
            states[name] = type(error).__name__
        else:
            states[name] = "ok"
    good = set(states.values()) == {"ok"}
    return JsonResponse(states, status=200 if good else 503)
