"""A feed as long as they get, and a program that others wrote to read one."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from django.test import Client

from booking.ics.events import END
from booking.models import Reservation
from booking.services.bulk import rows_write
from booking.services.lifecycle import reservation_cancel
from config import clock
from tests.booking.ics.feeds import address, body
from tests.booking.series import reserve_series
from tests.cast import Cast, make_cast
from tests.factories import HOUR, reserve
from tests.serving import serve

MANY = 10_000
#: Some pages of them as objects, until Python looks for what nobody needs any more.
MOST_BYTES = 24_000_000
VDIRSYNCER = """
[general]
status_path = "{home}/status/"

[pair ours]
a = "feed"
b = "disk"
collections = null

[storage feed]
type = "http"
url = "{url}"

[storage disk]
type = "filesystem"
path = "{home}/disk/"
fileext = ".ics"
"""


def test_feed__ten_thousand_events__stream_in_little_memory(cast: Cast) -> None:
    now = clock.now()
    rows_write(
        Reservation,
        [
            Reservation(
                resource=cast.lab,
                organisation=cast.startup,
                requested_by=cast.booker,
                status=Reservation.Status.APPROVED,
                starts_at=now + n * HOUR,
                ends_at=now + (n + 1) * HOUR,
                free_at=now + (n + 1) * HOUR,
                purpose=f"Experiment {n}",
                created_at=now,
            )
            for n in range(MANY)
        ],
    )
    body(address(cast.stranger))  # what is loaded once is not the feed's
    response = Client().get(address(cast.booker))
    number, size, last = 0, 0, b""
    tracemalloc.start()
    try:
        for piece in response.streaming_content:  # type: ignore[attr-defined]
            number += piece.count(b"BEGIN:VEVENT")
            size += len(piece)
            last = piece
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert number == MANY
    assert last == END
    assert size > 3_000_000
    assert peak < MOST_BYTES, peak


@pytest.mark.django_db(transaction=True)
def test_feed__vdirsyncer__synchronises_it_twice(tmp_path: Path) -> None:
    cast = make_cast()
    single = reserve(cast.studio, cast.booker)
    series = reserve_series(cast.lab, cast.booker, count=5, hour=14)
    path = address(cast.booker)
    config = tmp_path / "vdirsyncer.conf"
    (tmp_path / "disk").mkdir()
    with serve(tmp_path / "web.log") as server:
        config.write_text(VDIRSYNCER.format(home=tmp_path, url=server + path))
        vdirsyncer(config, "discover", "ours")
        found = files(tmp_path, vdirsyncer(config, "sync"))
        assert {text.count("BEGIN:VEVENT") for text in found} == {1}
        # It names what it reads over HTTP by itself, so it is known by its address.
        assert any(f"/reservations/{single.reference}/" in text for text in found)
        assert any(f"/series/{series.reference}/" in text for text in found)
        assert all("BEGIN:VTIMEZONE" in text for text in found)

        assert files(tmp_path, vdirsyncer(config, "sync")) == found

        reservation_cancel(actor=cast.booker, reference=single.reference, reason="Ill")
        changed = files(tmp_path, vdirsyncer(config, "sync"))
        assert len(changed) == len(found) == 2
        assert any("STATUS:CANCELLED" in text for text in changed)


def vdirsyncer(config: Path, *arguments: str) -> str:
    """Run it as people do; it must end well and complain of nothing."""
    command = [sys.executable, "-m", "vdirsyncer", "--config", str(config), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, input="y\n", check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "error" not in said.lower(), said
    assert "warning" not in said.lower(), said
    return said


def files(home: Path, _said: str) -> list[str]:
    return sorted(file.read_text() for file in (home / "disk").glob("*.ics"))
