from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from labs.models import FloorPlan, Room
from labs.services.plans import Floor
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast

FLOOR: Floor = {
    "name": "Ground floor",
    "name_bg": "",
    "level": 0,
    "width": Decimal(40),
    "height": Decimal(20),
}
METRES = (Decimal(0), Decimal(0), Decimal(8), Decimal(6))


def address(cast: Cast) -> str:
    return reverse("site-plan", args=[cast.lab.site.slug])


def sent(
    do: str, *rows: tuple[str, Any, Any, Any, Any], **floor: Any
) -> dict[str, Any]:
    """What the form sends: the floor and its rows."""
    fields = ("resource", "x", "y", "width", "height")
    given = {"do": do, "rooms-TOTAL_FORMS": len(rows), "rooms-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        for name, value in zip(fields, row, strict=True):
            given[f"rooms-{number}-{name}"] = value
    return given | FLOOR | floor


def test_plan__drawn__stands_on_the_sites_page(cast: Cast) -> None:
    client = signed_in(cast.manager)
    assert client.get(address(cast)).status_code == 200
    rows = [(cast.lab.slug, 0, 0, "8.5", 6), ("", "", "", "", "")]
    saved = client.post(address(cast), sent("save", *rows), follow=True)
    assert "Ground floor" in text_of(saved)
    room = Room.objects.get()
    assert (room.resource, room.width) == (cast.lab, Decimal("8.5"))
    again = client.get(address(cast))
    assert again.context["rooms"].forms[0]["width"].value() == Decimal("8.5")


def test_plan__preview__draws_and_keeps_nothing(cast: Cast) -> None:
    client = signed_in(cast.manager)
    rows = [(cast.lab.slug, 0, 0, 8, 6), (cast.studio.slug, 7, 0, 8, 6)]
    part = client.post(address(cast), sent("", *rows), headers={"hx-request": "true"})
    assert part.status_code == 200
    assert part.content.strip().startswith(b'<div id="drawing">')
    assert "Motion lab and Sound studio overlap." in text_of(part)
    assert "<svg" in part.content.decode()
    assert not FloorPlan.objects.exists()


@pytest.mark.parametrize(
    ("rows", "floor", "said"),
    [
        ([("LAB", 0, 0, "", 6)], {}, "A row of the rooms is not complete yet."),
        ([("LAB", 0, 0, 1, 1), ("LAB", 5, 5, 1, 1)], {}, "Motion lab is there twice."),
        ([("LAB", 39, 0, 8, 6)], {}, "Motion lab reaches beyond the floor."),
        ([("elsewhere", 0, 0, 8, 6)], {}, "A row of the rooms is not complete yet."),
        ([], {"name": ""}, "Please check the input"),
        ([], {"width": "1e9"}, "Please check the input"),
    ],
)
def test_plan__wrong__is_told_and_kept(
    cast: Cast, rows: list[Any], floor: dict[str, Any], said: str
) -> None:
    factories.open_lab(slug="elsewhere")
    given = [(cast.lab.slug if slug == "LAB" else slug, *more) for slug, *more in rows]
    page = signed_in(cast.manager).post(address(cast), sent("save", *given, **floor))
    assert page.status_code == 400
    assert said in text_of(page)
    assert not FloorPlan.objects.exists()
    for number, row in enumerate(given):
        kept = page.context["rooms"].forms[number]["x"].value()
        assert kept == str(row[1])


def test_plan__removed__is_gone(cast: Cast) -> None:
    client = signed_in(cast.manager)
    client.post(address(cast), sent("save", (cast.lab.slug, *METRES)))
    plan = FloorPlan.objects.get()
    url = f"{address(cast)}?floor={plan.pk}"
    assert client.post(url, sent("remove")).status_code == 302
    assert not FloorPlan.objects.exists()
    assert client.get(url).status_code == 404
    assert client.get(f"{address(cast)}?floor=x").status_code == 404


@pytest.mark.parametrize("who", ["booker", "colleague", "stranger"])
def test_plan__who_manages_nothing_there__is_refused(cast: Cast, who: str) -> None:
    client = signed_in(getattr(cast, who))
    assert client.get(address(cast)).status_code == 403
    refused = client.post(address(cast), sent("save", (cast.lab.slug, *METRES)))
    assert refused.status_code == 403
    assert not FloorPlan.objects.exists()


def test_plan__form_that_was_tampered_with__is_told(cast: Cast) -> None:
    page = signed_in(cast.manager).post(address(cast), {"do": "save"} | FLOOR)
    assert page.status_code == 400
    assert not FloorPlan.objects.exists()


def test_plan__drafts_of_others__are_drawn_without_their_names(cast: Cast) -> None:
    plan = FloorPlan.objects.create(site=cast.lab.site, **FLOOR)
    secret = factories.resource(
        site=cast.lab.site, name="Secret lab", name_bg="Тайна", listing="draft"
    )
    x, y, width, height = METRES
    Room.objects.create(
        plan=plan, resource=secret, x=x, y=y, width=width, height=height
    )
    client = signed_in(cast.manager)
    rows = [(cast.lab.slug, 4, 0, 8, 6)]
    refused = client.post(address(cast), sent("save", *rows))
    assert "Another’s room and Motion lab overlap." in text_of(refused)
    for page in (refused, client.get(address(cast))):
        assert "Secret" not in text_of(page)
        assert secret.slug not in page.content.decode()
    assert "Secret lab" in text_of(signed_in(cast.staff).get(address(cast)))
