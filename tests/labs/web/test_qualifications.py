from __future__ import annotations

import io

import pytest

from labs.models import Qualification, QualificationType
from labs.services.qualifications import qualification_grant
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
PDF = b"%PDF-1.7\nwhat a training centre prints"


@pytest.fixture
def laser(cast: Cast) -> QualificationType:
    return QualificationType.objects.create(
        slug="laser-safety", name="Laser safety", organisation=cast.host
    )


def page_of(cast: Cast) -> str:
    return f"/my-organisations/{cast.host.slug}/qualifications/"


def grant(cast: Cast, of: QualificationType) -> Qualification:
    return qualification_grant(
        actor=cast.manager,
        type_slug=of.slug,
        email=cast.booker.email,
        proof=io.BytesIO(PDF),
        proof_size=len(PDF),
    )


@pytest.mark.parametrize(
    ("who", "host", "hub"),
    [
        ("manager", 200, 403),
        ("staff", 200, 200),
        ("colleague", 403, 403),
        ("booker", 403, 403),
    ],
)
def test_pages__who_may_see_them(cast: Cast, who: str, host: int, hub: int) -> None:
    client = signed_in(getattr(cast, who))
    assert client.get(page_of(cast)).status_code == host
    assert client.get("/hub/qualifications/").status_code == hub
    assert client.get("/account/qualifications/").status_code == 200


def test_host__makes_a_type_and_grants_it(cast: Cast) -> None:
    client = signed_in(cast.manager)
    new = {"deed": "new", "name": "Forklift", "validity_months": "6"}
    page = client.post(page_of(cast), new, follow=True)
    assert "Now it can be granted" in text_of(page)
    sent = {"deed": "grant", "type": "forklift", "email": "nobody@example.com"}
    wrong = client.post(page_of(cast), sent)
    assert wrong.status_code == 400
    assert "There is nobody with this e-mail." in text_of(wrong)
    sent |= {"email": cast.booker.email, "note": "Passed"}
    page = client.post(page_of(cast), sent, follow=True)
    assert cast.booker.name in text_of(page)
    assert Qualification.objects.get().person == cast.booker
    edit = {"deed": "edit", "type": "forklift", "name": "Lift truck"}
    assert "Lift truck" in text_of(client.post(page_of(cast), edit, follow=True))
    other = {"deed": "edit", "type": "none", "name": "X"}
    assert client.post(page_of(cast), other).status_code == 404


def test_host__grants_what_is_not_theirs__nothing_is_written(cast: Cast) -> None:
    QualificationType.objects.create(slug="induction", name="Induction")
    sent = {"deed": "grant", "type": "induction", "email": cast.booker.email}
    assert signed_in(cast.manager).post(page_of(cast), sent).status_code == 400
    assert not Qualification.objects.exists()
    page = signed_in(cast.staff).post("/hub/qualifications/", sent, follow=True)
    assert page.status_code == 200
    assert Qualification.objects.exists()


def test_revoke__with_a_reason__seen_by_the_person(
    cast: Cast, laser: QualificationType
) -> None:
    made = grant(cast, laser)
    deed = f"/qualifications/{made.pk}/revoke/"
    sent = {"reason": "Broke it", "next": page_of(cast)}
    assert signed_in(cast.stranger).post(deed, sent).status_code == 404
    assert signed_in(cast.booker).post(deed, sent).status_code == 403
    client = signed_in(cast.manager)
    page = client.post(deed, sent | {"reason": ""}, follow=True)
    assert "Say why." in text_of(page)
    page = client.post(deed, sent, follow=True)
    assert f"Revoked: {cast.booker.name}." in text_of(page)
    mine = text_of(signed_in(cast.booker).get("/account/qualifications/"))
    assert "Broke it" in mine


def test_proof__to_its_person_and_granters_alone(
    cast: Cast, laser: QualificationType
) -> None:
    made = grant(cast, laser)
    path = f"/qualifications/{made.pk}/proof/"
    for who in (cast.booker, cast.manager, cast.staff):
        response = signed_in(who).get(path)
        assert response.status_code == 200
        assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["Content-Type"] == "application/pdf"
        assert response["Cache-Control"] == "private, no-store"
    for who in (cast.stranger, cast.colleague):
        assert signed_in(who).get(path).status_code == 404
    name = str(made.proof.name).rpartition("/")[2]
    assert signed_in(cast.staff).get(f"/photos/proofs/{name}").status_code == 404
    made.proof = ""
    made.save()
    assert signed_in(cast.booker).get(path).status_code == 404


def test_resource__says_what_it_needs_and_whether_one_has_it(
    cast: Cast, laser: QualificationType
) -> None:
    cast.lab.required_qualifications.add(laser)
    path = f"/resources/{cast.lab.slug}/"
    client = signed_in(cast.booker)
    assert "You do not have it" in text_of(client.get(path))
    assert "needs Laser safety: you do not have it" in text_of(client.get("/find/"))
    only = text_of(client.get("/find/?qualified=on"))
    assert cast.lab.name not in only
    assert cast.studio.name in only
    grant(cast, laser)
    assert "You have it" in text_of(client.get(path))
    assert cast.lab.name in text_of(client.get("/find/?qualified=on"))


def test_desk__requires_it__and_no_more(cast: Cast, laser: QualificationType) -> None:
    client, path = signed_in(cast.manager), f"/desk/{cast.lab.slug}/details/"
    sent = {
        "name": cast.lab.name,
        "kind": cast.lab.kind,
        "site": cast.lab.site.slug,
        "people": "8",
        "shape": "single",
    }
    page = client.post(path, sent | {"qualifications": laser.slug})
    assert page.status_code == 302, text_of(page)
    assert list(cast.lab.required_qualifications.all()) == [laser]
    assert client.post(path, sent).status_code == 302
    assert not cast.lab.required_qualifications.exists()
    wrong = client.post(path, sent | {"qualifications": "none"})
    assert wrong.status_code == 400


def test_api_free__qualified__leaves_out_what_one_lacks(
    cast: Cast, laser: QualificationType
) -> None:
    cast.lab.required_qualifications.add(laser)
    api = cast.api(cast.booker)
    window = {
        "starts_at": factories.tomorrow_at(10).isoformat(),
        "ends_at": factories.tomorrow_at(11).isoformat(),
    }

    def found(**more: str) -> set[str]:
        rows = api.get("/api/v1/free/", window | more).json()
        return {row["resource"] for row in rows}

    assert found() == {cast.lab.slug, cast.studio.slug}
    assert found(qualified="1") == {cast.studio.slug}
    grant(cast, laser)
    assert found(qualified="1") == {cast.lab.slug, cast.studio.slug}
