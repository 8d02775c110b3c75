"""Terms of use on the form that reserves, and at the host's desk."""

from __future__ import annotations

from booking.models import Reservation, Terms
from booking.services.terms import terms_publish
from tests.booking.web.browser import ask_for, hidden, signed_in, text_of
from tests.cast import Cast

NASTY = "<script>alert(1)</script>"


def publish(cast: Cast, text: str = "Wear shoes.") -> Terms:
    return terms_publish(actor=cast.manager, of=cast.lab, text=text)


def test_reserve__terms__are_shown_accepted_and_read_again(cast: Cast) -> None:
    terms = publish(cast, f"Wear shoes. {NASTY}")
    client = signed_in(cast.booker)
    opened = client.get(f"/reserve/{cast.lab.slug}/")
    assert "I accept version 1 of the terms of use of Motion lab" in text_of(opened)
    assert "Wear shoes." in text_of(opened)
    assert NASTY not in opened.content.decode()
    refused = ask_for(client, cast.lab, terms=terms.pk)
    assert refused.status_code == 422
    assert "Accept version 1 of its terms of use." in text_of(refused)
    assert not Reservation.objects.sent().exists()
    done = ask_for(client, cast.lab, terms=terms.pk, accept_terms="on")
    made = Reservation.objects.sent().get()
    assert (done.status_code, made.terms) == (302, terms)
    assert "Wear shoes." in text_of(client.get(f"/reservations/{made.reference}/"))
    again = text_of(client.get(f"/reserve/{cast.lab.slug}/"))
    assert "You accepted them" in again
    assert "I accept version" not in again


def test_reserve__a_newer_version_while_reading__is_asked_for(cast: Cast) -> None:
    publish(cast)
    client = signed_in(cast.booker)
    read = hidden(client.get(f"/reserve/{cast.lab.slug}/"), "terms")
    newer = publish(cast, "Wear soft shoes.")
    page = ask_for(client, cast.lab, terms=read, accept_terms="on")
    assert page.status_code == 422
    assert "Accept version 2 of its terms of use." in text_of(page)
    assert hidden(page, "terms") == str(newer.pk)
    assert 'name="accept_terms" checked' not in page.content.decode()


def test_desk__next_version__is_published_and_all_are_listed(cast: Cast) -> None:
    client, url = signed_in(cast.manager), f"/desk/{cast.lab.slug}/terms/"
    assert "Nobody is asked to accept anything now." in text_of(client.get(url))
    said = {"text": "Wear shoes.", "text_bg": "Носете обувки."}
    assert client.post(url, said).status_code == 302
    assert client.post(url, said | {"text": "Wear soft shoes."}).status_code == 302
    page = text_of(client.get(url))
    assert "Version 2 of its own terms holds." in page
    assert "Version 1, by Hristo Host" in page
    same = client.post(url, said | {"text": "Wear soft shoes."})
    assert same.status_code == 400
    assert "That is what holds already." in text_of(same)


def test_desk__terms_of_a_host__hold_for_all_and_are_its_managers(cast: Cast) -> None:
    url = f"/desk/terms/{cast.host.slug}/"
    client = signed_in(cast.manager)
    assert client.get(url).status_code == 200
    assert client.post(url, {"text": "House rules."}).status_code == 302
    own = text_of(client.get(f"/desk/{cast.studio.slug}/terms/"))
    assert f"Version 1 of the terms of {cast.host.name} holds." in own
    for other in (cast.colleague, cast.stranger):
        assert signed_in(other).get(url).status_code == 403
        assert signed_in(other).get(f"/desk/{cast.lab.slug}/terms/").status_code == 403
