from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from labs.models import Resource
from labs.services.resources import resource_update
from tests import factories
from tests.booking.web.browser import hidden, signed_in, text_of
from tests.cast import Cast
from tests.labs.images import picture


def details(cast: Cast, **fields: Any) -> dict[str, Any]:
    sent = {"name": "Motion <lab>", "name_bg": "Движение", "kind": "equipment"}
    sent |= {"site": cast.lab.site.slug, "people": "3", "shape": "single"}
    return sent | {"description": "One\r\n<script>two</script>"} | fields


def test_details__changed__are_saved_and_escaped(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/details/"
    assert client.post(url, details(cast, name="")).status_code == 400
    tags = {"more_tags": "Optical table, 3d_printer,,  vacuum "}
    assert client.post(url, details(cast, **tags)).status_code == 302
    cast.lab.refresh_from_db()
    assert (cast.lab.name, cast.lab.people) == ("Motion <lab>", 3)
    assert cast.lab.description == "One\n<script>two</script>"
    assert cast.lab.tags == ["optical-table", "3d-printer", "vacuum"]
    client.post(url, details(cast, tags=["vacuum"]))
    cast.lab.refresh_from_db()
    assert cast.lab.tags == ["vacuum"]
    wrong = client.post(url, details(cast, more_tags="вакуум"))
    assert wrong.status_code == 400
    assert wrong.context["form"]["name_bg"].value() == "Движение"
    seen = signed_in(cast.booker).get(f"/reserve/{cast.lab.slug}/")
    assert "<script>two" not in seen.content.decode()


def test_details__pool__grows_and_does_not_lose_what_is_in_use(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/details/"
    client.post(url, details(cast, shape="pool", units="3"))
    pool = Resource.objects.get(pk=cast.lab.pk)
    assert (pool.is_pool, pool.coverage.count()) == (True, 3)
    for hour in (10, 12):
        wanted = factories.wish(hour, quantity=3)
        factories.reserve(pool, cast.booker, wanted)
    fewer = client.post(url, details(cast, shape="pool", units="2"))
    assert fewer.status_code == 409
    assert "0 of the units to be removed" in text_of(fewer)
    assert fewer.context["form"]["units"].value() == "2"


def test_details__hall__changes_its_parts(cast: Cast) -> None:
    hall = factories.hall([cast.lab, cast.studio], name="Hall")
    client = signed_in(cast.manager)
    url = f"/desk/{hall.slug}/details/"
    assert "Motion lab" in text_of(client.get(url))
    sent = details(cast, name="Hall", shape="hall", covers=[cast.lab.slug])
    assert client.post(url, sent).status_code == 302
    assert [part.slug for part in hall.parts.all()] == [cast.lab.slug]
    assert client.post(url, sent | {"shape": "single"}).status_code == 400


def test_photo__added_replaced_and_removed(cast: Cast, settings: Any) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/photo/"
    for _each in range(2):
        file = SimpleUploadedFile("lab.png", picture(), "image/png")
        assert client.post(url, {"photo": file}).status_code == 302
    cast.lab.refresh_from_db()
    page = client.get(url).content.decode()
    assert f"/photos/{cast.lab.photo.name}" in page
    client.post(url, {"remove": "1"})
    cast.lab.refresh_from_db()
    assert not cast.lab.photo


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is no JPEG, PNG"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1", "This is no JPEG, PNG"),
        (b"x" * 8_000_001, "A photo has at most 8 MB."),
        (b"", "The submitted file is empty."),
    ],
    ids=["svg", "heic", "large", "empty"],
)
def test_photo__no_picture__is_told(cast: Cast, content: bytes, text: str) -> None:
    client = signed_in(cast.manager)
    file = SimpleUploadedFile("lab.jpg", content, "image/jpeg")
    response = client.post(f"/desk/{cast.lab.slug}/photo/", {"photo": file})
    assert response.status_code == 400
    assert text in text_of(response)
    cast.lab.refresh_from_db()
    assert not cast.lab.photo


def test_photo__of_30_mb__is_refused_before_it_is_read(cast: Cast) -> None:
    client = signed_in(cast.manager)
    response = client.post(
        f"/desk/{cast.lab.slug}/photo/",
        b"--x--",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH="30000000",
    )
    assert response.status_code == 413
    assert "Send at most 10" in text_of(response)


def test_details__of_two_tabs__the_second_is_told_and_kept(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/details/"
    seen = hidden(client.get(url), "seen")
    first = details(cast, name="From the first tab", seen=seen, description="")
    assert client.post(url, first).status_code == 302
    typed = details(cast, name="From the second", seen=seen, people="0")
    wrong = client.post(url, typed)
    assert wrong.status_code == 400
    assert hidden(wrong, "seen") == seen, "nobody has told of the other's yet"
    late = client.post(url, typed | {"people": "3"})
    assert late.status_code == 409
    assert "Somebody saved other details meanwhile." in text_of(late)
    assert "Name: From the first tab" in text_of(late)
    assert late.context["form"]["name"].value() == "From the second"
    cast.lab.refresh_from_db()
    assert cast.lab.name == "From the first tab"
    again = typed | {"people": "3", "seen": hidden(late, "seen")}
    assert client.post(url, again).status_code == 302
    cast.lab.refresh_from_db()
    assert cast.lab.name == "From the second"


def test_details__units_or_parts_changed_meanwhile__count_too(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/details/"
    seen = hidden(client.get(url), "seen")
    assert hidden(client.get(url), "seen") == seen
    resource_update(actor=cast.manager, slug=cast.lab.slug, units=2, is_pool=True)
    sent = details(cast, shape="pool", units="1", seen=seen)
    assert client.post(url, sent).status_code == 409


NASTY = "<script>alert('עברית')</script> \u202eمختبر 🧪 &amp;"


def test_details__script_rtl_and_emoji_in_every_field__are_shown_as_written(
    cast: Cast,
) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/details/"
    words = dict.fromkeys(("name", "name_bg", "description", "description_bg"), NASTY)
    assert client.post(url, details(cast, **words)).status_code == 302
    shown = client.get(url)
    for field in words:
        assert shown.context["form"][field].value() == NASTY
    for page in (url, f"/resources/{cast.lab.slug}/", f"/reserve/{cast.lab.slug}/"):
        seen = client.get(page)
        assert "<script>alert" not in seen.content.decode()
        assert NASTY in text_of(seen)
    wrong = client.post(url, details(cast, kind=NASTY, site=NASTY, more_tags=NASTY))
    assert wrong.status_code == 400
    assert "<script>alert" not in wrong.content.decode()


def test_details__names_of_300_letters__are_told_and_kept(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/details/"
    long = "ж" * 300
    wrong = client.post(url, details(cast, name=long, name_bg=long))
    assert wrong.status_code == 400
    assert text_of(wrong).count("at most 120 characters (it has 300)") >= 2
    assert wrong.context["form"]["name"].value() == long
    cast.lab.refresh_from_db()
    assert cast.lab.name == "Motion lab"
