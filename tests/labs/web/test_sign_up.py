"""A newcomer asks to join, and waits at the door until somebody lets them in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import user_signed_up
from django.core.cache import cache
from django.test import Client

from labs.models import Invitation, JoinRequest, Letter, Organisation, User
from labs.services.invitations import invitation_send
from labs.services.joining import join_request_add
from labs.web.forms import entrance
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast
from tests.config.test_sign_in import PASSWORD, code_for

NIA = "nia@firefly.example"
FORM = {
    "name": "Nia Newcomer",
    "email": NIA,
    "organisation": "",
    "new_name": "Firefly",
    "new_kind": "startup",
    "new_website": "https://firefly.example",
    "reason": "We print lamps.",
    "password1": "",
}
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _no_rates(db: None) -> None:
    cache.clear()


def sign_up(client: Client, **fields: Any) -> Any:
    return client.post("/sign-up/", FORM | fields)


def confirm(client: Client, email: str = NIA) -> Any:
    code = code_for(email)
    return client.post("/account/confirm-email/", {"code": code}, follow=True)


def test_sign_up__new_organisation__waits_and_is_let_in(cast: Cast) -> None:
    client = Client()
    sent = sign_up(client)
    assert sent.headers["Location"] == "/account/confirm-email/"
    asked = JoinRequest.objects.get()
    assert asked.status == JoinRequest.Status.UNCONFIRMED
    assert "_auth_user_id" not in client.session
    assert not Letter.objects.filter(to=cast.staff.email).exists()

    page = confirm(client)
    assert page.redirect_chain[-1][0] == "/my-organisations/"
    assert "Firefly" in text_of(page)
    assert "Until then you can look around." in text_of(page)
    assert Letter.objects.filter(to=cast.staff.email).count() == 1
    assert client.get("/").status_code == 200

    staff = signed_in(cast.staff)
    shown = text_of(staff.get("/hub/organisations/"))
    assert "Nia Newcomer" in shown
    assert "We print lamps." in shown
    done = staff.post(f"/requests/{asked.pk}/approve/", follow=True)
    assert "is a member of Firefly" in text_of(done)
    nia = User.objects.get(email=NIA)
    assert nia.managed_ids == {Organisation.objects.get(name="Firefly").pk}
    again = staff.post(f"/requests/{asked.pk}/approve/")
    assert again.status_code == 409
    assert "answered already" in text_of(again)


def test_sign_up__decline__says_why_on_the_page(cast: Cast) -> None:
    client = Client()
    sign_up(client, organisation=cast.host.slug)
    confirm(client)
    asked = JoinRequest.objects.get()
    manager = signed_in(cast.manager)
    page = manager.get(f"/my-organisations/{cast.host.slug}/")
    assert "Nia Newcomer" in text_of(page)
    url = f"/requests/{asked.pk}/decline/"
    assert manager.post(url, {"reason": ""}).status_code == 400
    manager.post(url, {"reason": "Ask your own university."})
    assert "Ask your own university." in text_of(client.get("/my-organisations/"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"new_name": ""}, "Choose an organisation above, or name the new one."),
        ({"new_kind": ""}, "Say what it is."),
        ({"email": "nia"}, "valid email address"),
        ({"name": "x" * 300}, "at most 120 characters"),
        ({"new_name": "x" * 300}, "at most 120 characters"),
        ({"name": "two\nlines"}, "on one line"),
        ({"password1": "123"}, "too short"),
        ({"organisation": "nowhere"}, "Select a valid choice"),
        ({"reason": ""}, "required"),
    ],
)
def test_sign_up__wrong__is_told_and_kept(wrong: dict[str, str], said: str) -> None:
    page = sign_up(Client(), **wrong)
    assert page.status_code == 400
    assert said in text_of(page)
    assert "We print lamps." in text_of(page) or "reason" in wrong
    assert not User.objects.exists()


def test_sign_up__email_that_is_here__looks_the_same(cast: Cast) -> None:
    known, new = Client(), Client()
    sent = sign_up(known, email=cast.booker.email)
    assert sent.headers["Location"] == sign_up(new).headers["Location"]
    pages = [
        text_of(each.get("/account/confirm-email/")).replace(email, "")
        for each, email in ((known, cast.booker.email), (new, NIA))
    ]
    assert pages[0] == pages[1]
    subject = Letter.objects.get(to=cast.booker.email).subject
    assert subject == "You have an account already"
    assert not JoinRequest.objects.filter(user=cast.booker).exists()


def test_sign_up__by_somebody_else__their_password_dies_with_the_owners_code() -> None:
    sign_up(Client(), password1=PASSWORD)
    owner = Client()
    owner.post("/account/login/code/", {"email": NIA})
    owner.post("/account/login/code/confirm/", {"code": code_for(NIA)})
    assert "_auth_user_id" in owner.session
    assert EmailAddress.objects.get().verified
    assert not User.objects.get(email=NIA).has_usable_password()


def test_sign_up__domain_of_an_organisation__is_in_at_once(cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.host.pk).update(email_domain="firefly.example")
    client = Client()
    sign_up(client, organisation=cast.host.slug)
    page = confirm(client)
    assert page.redirect_chain[-1][0] == "/find/"
    assert User.objects.get(email=NIA).roles == {cast.host.pk: "booker"}


def test_sign_up__script_and_rtl__are_shown_as_written(cast: Cast) -> None:
    client = Client()
    rtl = "شركة الضوء"
    sign_up(client, name=EVIL, new_name=rtl, reason=EVIL)
    confirm(client)
    page = signed_in(cast.staff).get("/hub/organisations/").content.decode()
    assert EVIL not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert rtl in page


# By invitation


def invited(cast: Cast, email: str = NIA) -> Invitation:
    return invitation_send(actor=cast.manager, slug=cast.host.slug, email=email)


@pytest.fixture
def link(transactional_db: None, cast: Cast) -> str:
    return f"/invitations/{invited(cast).secret}/"


def test_invitation__newcomer__signs_up_confirms_and_joins(
    cast: Cast, link: str
) -> None:
    client = Client()
    page = client.get(link)
    assert "I am new here" in text_of(page)
    assert client.post(link).headers["Location"].startswith("/sign-in/")
    form = client.get(f"/sign-up/?next={link}")
    assert "You are invited to" in text_of(form)
    assert NIA in form.content.decode()
    assert 'name="reason"' not in form.content.decode()
    sent = {"name": "Nia", "email": NIA, "password1": "", "next": link}
    to = client.post("/sign-up/", sent).headers["Location"]
    # Whoever was sent the mail may have sent it on: the link confirms nothing.
    assert to == "/account/confirm-email/"
    assert "_auth_user_id" not in client.session
    assert not EmailAddress.objects.get(email=NIA).verified
    assert confirm(client).redirect_chain[-1][0] == link
    assert "Join as Nia" in text_of(client.get(link))
    done = client.post(link, follow=True)
    assert "Welcome to" in text_of(done)
    assert User.objects.get(email=NIA).roles == {cast.host.pk: "booker"}
    assert not JoinRequest.objects.exists()
    used = Client().get(link)
    assert used.status_code == 409
    assert "used already" in text_of(used)


def test_invitation__another_email__still_has_to_be_confirmed(
    cast: Cast, link: str
) -> None:
    client = Client()
    client.get(link)
    sent = {"name": "Nia", "email": "other@firefly.example", "password1": ""}
    to = client.post("/sign-up/", sent).headers["Location"]
    assert to == "/account/confirm-email/"


@pytest.mark.parametrize("email", [NIA, "other@firefly.example"])
def test_invitation__who_has_an_account__signs_in_and_joins_if_it_is_theirs(
    cast: Cast, link: str, email: str
) -> None:
    person, is_theirs = factories.person(email=email), email == NIA
    client = Client()
    client.get(link)
    sent = {"login": email, "password": PASSWORD, "next": link}
    assert client.post("/sign-in/", sent).headers["Location"] == link
    page = text_of(client.get(link))
    assert ("Join as" in page) == is_theirs
    assert (f"for {NIA}, and you are signed in as {email}" in page) != is_theirs
    assert client.post(link).status_code == (302 if is_theirs else 409)
    assert cast.host.members.filter(pk=person.pk).exists() == is_theirs


def test_invitation__member_already__is_told(cast: Cast, link: str) -> None:
    page = signed_in(cast.manager).post(link)
    assert page.status_code == 409
    assert "member already" in text_of(page)


def test_invitation__forged__is_nothing(db: None) -> None:
    assert Client().get("/invitations/forged/").status_code == 404


def test_join__from_within__asks(transactional_db: None, cast: Cast) -> None:
    alone = signed_in(factories.person())
    assert "Ask to join" in text_of(alone.get("/my-organisations/"))
    fields = {"organisation": cast.host.slug, "reason": "We film."}
    page = alone.post("/join/", fields, follow=True)
    assert "Your request is sent." in text_of(page)
    again = alone.post("/join/", fields)
    assert again.status_code == 409
    assert "We film." in text_of(again)
    assert re.search("You have asked already", text_of(again))
    alone.post("/join/withdraw/")
    assert alone.post("/join/", fields).status_code == 302


def test_invitation__withdrawn_while_one_signs_up__is_an_ordinary_sign_up(
    cast: Cast, link: str
) -> None:
    client = Client()
    client.get(link)
    Invitation.objects.update(withdrawn_at="2026-01-01T00:00Z")
    page = client.post("/sign-up/", {"name": "Nia", "email": NIA, "password1": ""})
    assert page.status_code == 400
    assert not User.objects.filter(email=NIA).exists()


def test_sign_up__organisation_leaves_meanwhile__leaves_nothing(
    transactional_db: None, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaves_then_add(**asked: Any) -> JoinRequest:
        Organisation.objects.filter(pk=cast.host.pk).update(is_active=False)
        return join_request_add(**asked)

    monkeypatch.setattr(entrance, "join_request_add", leaves_then_add)
    assert sign_up(Client(), organisation=cast.host.slug).status_code == 400
    assert not User.objects.filter(email=NIA).exists()
    assert not EmailAddress.objects.filter(email=NIA).exists()


@pytest.mark.parametrize(
    ("confirmed", "joins"), [(NIA, True), ("other@firefly.example", False)]
)
def test_signed_up__another_email_is_confirmed__does_not_let_in(
    cast: Cast, confirmed: str, joins: bool
) -> None:
    Organisation.objects.filter(pk=cast.host.pk).update(email_domain="firefly.example")
    nia = factories.person(email=NIA)
    EmailAddress.objects.create(user=nia, email=confirmed, verified=True)
    user_signed_up.send(User, request=None, user=nia)
    assert nia.memberships.exists() == joins
