"""The page of a day's timeline: what the server takes for it, and what a browser."""

from __future__ import annotations

import datetime as dt
import gzip
import http.client
import statistics
import time
from typing import Any

#: The page shows fifty resources, all that stands in them and who has it.
TIMES = 30
LOADS = 5


def timeline_page(port: int, email: str, day: dt.date) -> dict[str, Any]:
    """Measure the page as its server and, where Chromium is found, a browser see it.

    Milliseconds are medians; the load event is counted from the first byte.
    """
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from labs.models import User

    path = f"/timeline/?date={day.isoformat()}"
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email=email))
    with CaptureQueriesContext(connection) as captured:
        page = client.get(path)
    if page.status_code != 200:
        raise SystemExit(f"{path}: {page.status_code} {page.headers}")
    html = page.content.decode()
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    return {
        "resources": html.count("<tr data-lane="),
        "cells": html.count("<td "),
        "sql": len(captured),
        "gzip_kb": round(len(gzip.compress(page.content)) / 1000, 1),
        "server_ms": _server_ms(port, path, cookie),
        "load_ms": _load_ms(port, path, settings.SESSION_COOKIE_NAME, session),
    }


def _server_ms(port: int, path: str, cookie: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    samples = []
    for _ in range(TIMES):
        started = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        connection.getresponse().read()
        samples.append((time.perf_counter() - started) * 1000)
    connection.close()
    return round(statistics.median(samples), 1)


def _load_ms(port: int, path: str, name: str, session: str) -> float | None:
    from tests.browser.chromium import chromium, launched

    found = chromium()
    if found is None:
        return None
    address = f"http://127.0.0.1:{port}"
    timing = "performance.getEntriesByType('navigation')[0]"
    with launched(found) as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": session, "url": address}])
        page = context.new_page()
        samples: list[float] = []
        for _ in range(LOADS):
            page.goto(address + path, wait_until="load")
            page.wait_for_function(f"{timing}.loadEventEnd > 0")
            took = page.evaluate(f"{timing}.loadEventEnd - {timing}.responseStart")
            samples.append(took)
    return round(statistics.median(samples), 1)
