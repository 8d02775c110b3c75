from __future__ import annotations

import pytest

from labs.models import Invitation, Letter, Membership, Organisation
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = "<script>alert(1)</script>"


def page_of(cast: Cast) -> str:
    return f"/my-organisations/{cast.host.slug}/"


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("staff", 200), ("colleague", 403), ("booker", 403)],
)
def test_page__who_may_see_it(cast: Cast, who: str, status: int) -> None:
    client = signed_in(getattr(cast, who))
    assert client.get(page_of(cast)).status_code == status
    for verb in ("profile", "invite"):
        refused = client.post(f"{page_of(cast)}{verb}/", {}).status_code
        assert refused == (400 if status == 200 else 403)
    assert client.get("/my-organisations/nowhere/").status_code == 404


def test_members__roles_and_goodbyes(cast: Cast) -> None:
    fellow = factories.person(cast.host, name=EVIL)
    client = signed_in(cast.manager)
    assert EVIL not in client.get(page_of(cast)).content.decode()
    person = f"{page_of(cast)}people/{fellow.pk}"
    page = client.post(f"{person}/role/", {"role": "manager"}, follow=True)
    assert "Manager from now on." in text_of(page)
    assert client.post(f"{person}/role/", {"role": "king"}).status_code == 400
    own = f"{page_of(cast)}people/{cast.manager.pk}/role/"
    page = client.post(own, {"role": "booker"}, follow=True)
    assert page.redirect_chain[-1][0] == "/my-organisations/"
    last = signed_in(fellow).post(f"{person}/remove/")
    assert last.status_code == 409
    assert "An organisation keeps a manager." in text_of(last)
    signed_in(cast.staff).post(f"{page_of(cast)}people/{cast.manager.pk}/remove/")
    assert cast.host.memberships.get().user == fellow


def test_invite__and_take_back(cast: Cast) -> None:
    client = signed_in(cast.manager)
    sent = {"email": "nia@new.example", "role": "booker"}
    page = client.post(f"{page_of(cast)}invite/", sent, follow=True)
    assert "An invitation is on its way to nia@new.example." in text_of(page)
    assert Letter.objects.get().to == "nia@new.example"
    twice = client.post(f"{page_of(cast)}invite/", sent | {"email": cast.manager.email})
    assert twice.status_code == 409
    assert "member already" in text_of(twice)
    invitation = Invitation.objects.get()
    end = f"{page_of(cast)}invitations/{invitation.pk}/end/"
    assert signed_in(cast.colleague).post(end).status_code == 403
    assert client.post(end).status_code == 302
    assert client.get(f"/invitations/{invitation.secret}/").status_code == 409


def test_profile__edited_in_two_languages(cast: Cast) -> None:
    client = signed_in(cast.manager)
    sent = {
        "name": EVIL,
        "name_bg": "Звукарите",
        "website": "звук.example",
        "description": "x",
        "description_bg": "ш",
        "email_domain": "evil.example",
    }
    assert client.post(f"{page_of(cast)}profile/", sent).status_code == 302
    host = Organisation.objects.get(pk=cast.host.pk)
    assert (host.name, host.name_bg, host.email_domain) == (EVIL, "Звукарите", "")
    assert EVIL not in client.get(page_of(cast)).content.decode()
    page = client.post(f"{page_of(cast)}profile/", sent | {"name": "x" * 300})
    assert page.status_code == 400
    assert "Звукарите" in page.content.decode()


def test_profile__domain__by_staff(cast: Cast) -> None:
    client = signed_in(cast.staff)
    sent = {"name": "Host", "kind": "partner", "email_domain": "gmail.com"}
    page = client.post(f"{page_of(cast)}profile/", sent)
    assert page.status_code == 400
    assert "Everybody can have an address there." in text_of(page)
    client.post(f"{page_of(cast)}profile/", sent | {"email_domain": "x.example"})
    other = f"/my-organisations/{cast.startup.slug}/profile/"
    taken = client.post(other, sent | {"email_domain": "x.example"})
    assert taken.status_code == 409
    assert "Another organisation has this domain." in text_of(taken)


def test_leave__as_a_booker(cast: Cast) -> None:
    client = signed_in(cast.booker)
    page = client.get("/my-organisations/")
    assert "Leave" in text_of(page)
    url = f"/my-organisations/{cast.startup.slug}/people/{cast.booker.pk}/remove/"
    client.post(url)
    assert not Membership.objects.filter(user=cast.booker).exists()


@pytest.mark.parametrize("who", ["manager", "booker"])
def test_hub__others__may_not(cast: Cast, who: str) -> None:
    client = signed_in(getattr(cast, who))
    assert client.get("/hub/organisations/").status_code == 403
    sent = {"name": "New", "kind": "startup"}
    assert client.post("/hub/organisations/", sent).status_code == 403
    off = f"/hub/organisations/{cast.host.slug}/"
    assert client.post(off, {"to": "inactive"}).status_code == 403
    assert Organisation.objects.get(pk=cast.host.pk).is_active


def test_hub__search_create_and_switch(cast: Cast) -> None:
    client = signed_in(cast.staff)
    page = text_of(client.get("/hub/organisations/?q=elsew"))
    assert "Elsewhere" in page
    assert "Startup ·" not in page
    assert "No organisation has this name." in text_of(
        client.get("/hub/organisations/?q=%00nothing")
    )
    sent = {"name": "Нова", "kind": "startup"}
    client.post("/hub/organisations/", sent)
    made = Organisation.objects.get(name="Нова")
    assert made.slug == "startup"
    wrong = client.post("/hub/organisations/", {"name": "", "kind": "x"})
    assert wrong.status_code == 400
    client.post(f"/hub/organisations/{made.slug}/", {"to": "inactive"})
    made.refresh_from_db()
    assert not made.is_active
    assert "Not in the hub" in text_of(client.get(f"/my-organisations/{made.slug}/"))


def test_hub__statements__are_flat_in_rows(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    from tests.statements import statements

    client = signed_in(cast.staff)
    _page, few = statements(client, "/hub/organisations/")
    for _ in range(30):
        factories.person(factories.organisation())
    _page, many = statements(client, "/hub/organisations/")
    assert len(many) == len(few) <= 15
