"""A host grants what its lab needs; then the startup reserves it."""

from __future__ import annotations

import datetime as dt
import re

from playwright.sync_api import expect

from booking.demo.data import demo_emails
from booking.models import Reservation
from booking.web.links import reserve_url, when_values
from labs.models import Resource
from tests.browser.axe import ALL, violations
from tests.browser.visits import Visits
from tests.factories import HOUR, SOFIA

LAB = "motion-capture-stage"


def slot() -> dict[str, str]:
    """Two hours of a working day on which nobody has the lab yet."""
    start = dt.datetime(2026, 10, 19, 10, tzinfo=SOFIA)
    while Reservation.objects.filter(
        resource__slug=LAB, starts_at__lt=start + 8 * HOUR, free_at__gt=start
    ).exists():
        start += dt.timedelta(days=1)
    return when_values(start, start + 2 * HOUR, SOFIA)


def test_host_grants__then_the_startup_reserves(visit: Visits) -> None:
    host, startup = visit("host"), visit("startup")
    host.goto("/my-organisations/krachka/")
    host.get_by_role("link", name="Qualifications").click()
    host.locator("summary", has_text="A new type").click()
    new = host.locator("details[open] form")
    new.get_by_label("Name", exact=True).fill("Stage induction")
    new.get_by_label("Months it is valid").fill("12")
    new.get_by_role("button", name="Create").click()
    expect(host.locator("#toasts")).to_contain_text("Now it can be granted")

    host.goto(f"/desk/{LAB}/details/")
    host.get_by_label("Stage induction").check()
    host.get_by_role("button", name="Save the details").click()
    expect(host.locator("#toasts")).to_contain_text("Saved.")
    lab = Resource.objects.get(slug=LAB)
    assert [each.name for each in lab.required_qualifications.all()] == [
        "Stage induction"
    ]

    startup.goto(f"/resources/{LAB}/")
    expect(startup.locator("main")).to_contain_text("You do not have it")
    assert violations(startup, ALL) == []
    address = reserve_url(LAB, slot(), people=2)
    startup.goto(address)
    expect(startup.locator("#standing")).to_contain_text(
        re.compile("needs on that day: Stage induction")
    )
    startup.wait_for_load_state("networkidle")
    assert violations(startup, ALL) == []

    host.goto("/my-organisations/krachka/qualifications/")
    form = host.locator("form:has([value=grant])")
    form.get_by_label("Qualification").select_option("stage-induction")
    form.get_by_label("E-mail of the person").fill(demo_emails()["startup"])
    form.get_by_role("button", name="Grant").click()
    expect(host.locator("#toasts")).to_contain_text("Granted.")
    assert violations(host, ALL) == []

    startup.goto(address)
    standing = startup.locator("#standing")
    expect(standing).to_contain_text("You have what it needs: Stage induction.")
    expect(standing).to_contain_text("Held for you until")
    startup.get_by_label("Purpose").fill("Walk cycles")
    startup.get_by_role("button", name="Send request").click()
    expect(startup).to_have_url(re.compile("/reservations/"))

    startup.goto("/account/qualifications/")
    expect(startup.locator("main")).to_contain_text("Stage induction")
    host.goto("/my-organisations/krachka/qualifications/")
    row = host.locator("li.row", has_text="Stage induction")
    row.locator("summary", has_text="Revoke").click()
    row.get_by_label("Reason").fill("The stage is rebuilt")
    row.get_by_role("button", name="Revoke").click()
    expect(host.locator("#toasts")).to_contain_text("Revoked:")
    host.goto("/approvals/")
    expect(
        host.locator("[data-request]").filter(has_text="Walk cycles")
    ).to_contain_text("needs on that day: Stage induction")
