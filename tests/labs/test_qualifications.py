from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from config import clock
from config.errors import Conflict, DomainError, Forbidden, Invalid, Missing
from labs.models import Qualification, QualificationType, User
from labs.selectors.qualifications import (
    expiring_soon,
    held_types,
    qualification_list,
    qualifications_of_types,
)
from labs.services.qualifications import (
    last_day,
    qualification_grant,
    qualification_revoke,
    qualification_type_create,
    qualification_type_update,
)
from tests.labs.conftest import Hub
from tests.labs.images import picture

DAY = dt.timedelta(days=1)
PDF = b"%PDF-1.7\nwhat a training centre prints"


@pytest.fixture
def laser(hub: Hub) -> QualificationType:
    """The host's, good for a year."""
    return qualification_type_create(
        actor=hub.manager,
        organisation_slug=hub.host.slug,
        name="Laser safety",
        validity_months=12,
    )


@pytest.fixture
def first_aid(hub: Hub) -> QualificationType:
    """The hub's, good for ever."""
    return qualification_type_create(actor=hub.staff, name="First aid")


def grant(hub: Hub, of: QualificationType, **given: object) -> Qualification:
    fields = {"actor": hub.staff, "type_slug": of.slug, "email": hub.booker.email}
    return qualification_grant(**fields | given)  # type: ignore[arg-type]


def again(user: User) -> User:
    """As of a new request: what a person may is remembered for one."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        ("2027-03-01", 12, "2028-02-29"),
        ("2027-01-31", 1, "2027-02-28"),
        ("2027-12-15", 1, "2028-01-14"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_last_day__of_months__is_the_day_before(
    first: str, months: int, last: str
) -> None:
    found = last_day(dt.date.fromisoformat(first), months)
    assert found == dt.date.fromisoformat(last)
    assert last_day(dt.date.fromisoformat(first), None) is None


def test_type__by_whom__of_whom(hub: Hub, laser: QualificationType) -> None:
    assert (laser.slug, laser.organisation) == ("laser-safety", hub.host)
    for actor, slug in (
        (hub.booker, "startup"),
        (hub.manager, "startup"),
        (hub.manager, ""),
        (hub.stranger, "host"),
    ):
        with pytest.raises(Forbidden):
            qualification_type_create(actor=actor, organisation_slug=slug, name="X")
    with pytest.raises(Invalid) as refused:
        qualification_type_create(actor=hub.staff, organisation_slug="nobody", name="X")
    assert set(refused.value.extra["fields"]) == {"organisation"}
    assert QualificationType.objects.get() == laser


def test_type_update__by_its_manager__by_nobody_else(
    hub: Hub, laser: QualificationType, first_aid: QualificationType
) -> None:
    changed = qualification_type_update(
        actor=hub.manager, slug=laser.slug, validity_months=24
    )
    assert (changed.validity_months, changed.name) == (24, "Laser safety")
    with pytest.raises(Invalid):
        qualification_type_update(actor=hub.manager, slug=laser.slug, validity_months=0)
    for actor, slug in ((hub.manager, first_aid.slug), (hub.colleague, laser.slug)):
        with pytest.raises(Forbidden):
            qualification_type_update(actor=actor, slug=slug, name="Mine")
    with pytest.raises(Missing):
        qualification_type_update(actor=hub.staff, slug="none", name="X")


def test_grant__by_manager_of_the_owner__dates_from_the_type(
    hub: Hub, laser: QualificationType
) -> None:
    made = grant(
        hub,
        laser,
        actor=hub.manager,
        email="BOOKER@example.com ",
        valid_from=dt.date(2027, 3, 1),
        note="Passed",
    )
    made.refresh_from_db()
    assert (made.person, made.granted_by) == (hub.booker, hub.manager)
    assert made.valid_until == dt.date(2028, 2, 29)
    told = grant(hub, laser, valid_until=dt.date(2099, 1, 1))
    assert told.valid_from == clock.today()
    assert told.valid_until == dt.date(2099, 1, 1)


def test_grant__of_the_hubs__by_staff_alone(
    hub: Hub, first_aid: QualificationType
) -> None:
    assert grant(hub, first_aid).valid_until is None
    with pytest.raises(Forbidden):
        grant(hub, first_aid, actor=hub.manager)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "nobody@example.com"}, "email"),
        ({"valid_until": dt.date(2020, 1, 1)}, "valid_until"),
        ({"valid_from": dt.date(9999, 12, 1)}, "valid_from"),
        ({"note": "x" * 501}, "note"),
        ({"proof": io.BytesIO(b"MZ a program"), "proof_size": 12}, "proof"),
        ({"proof": io.BytesIO(PDF), "proof_size": 9_000_000}, "proof"),
    ],
)
def test_grant__wrong__says_where_and_writes_nothing(
    hub: Hub, laser: QualificationType, given: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        grant(hub, laser, **given)
    assert set(refused.value.extra["fields"]) == {field}
    assert not Qualification.objects.exists()


def test_proof__pdf_and_picture__kept_by_what_is_in_it(
    hub: Hub, laser: QualificationType
) -> None:
    paper = grant(hub, laser, proof=io.BytesIO(PDF), proof_size=len(PDF))
    drawn = picture("JPEG")
    shot = grant(hub, laser, proof=io.BytesIO(drawn), proof_size=len(drawn))
    assert str(paper.proof.name).endswith(".pdf")
    with default_storage.open(str(paper.proof.name)) as file:
        assert file.read() == PDF
    assert str(shot.proof.name).startswith("proofs/")
    with default_storage.open(str(shot.proof.name)) as file:
        assert file.read(4) == b"RIFF"


def test_revoke__with_a_reason__once(hub: Hub, laser: QualificationType) -> None:
    made = grant(hub, laser)
    deed = {"actor": hub.manager, "qualification_id": made.pk}
    with pytest.raises(Invalid):
        qualification_revoke(**deed, reason=" ")  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        qualification_revoke(**deed, reason="x" * 501)  # type: ignore[arg-type]
    revoked = qualification_revoke(**deed, reason="Broke it")  # type: ignore[arg-type]
    assert (revoked.revoked_by, revoked.status) == (hub.manager, "revoked")
    with pytest.raises(Conflict) as again_:
        qualification_revoke(**deed, reason="Twice")  # type: ignore[arg-type]
    assert again_.value.code == "revoked_already"


def test_revoke__by_others__refused(hub: Hub, laser: QualificationType) -> None:
    made = grant(hub, laser)
    refusals: list[tuple[User, type[DomainError]]] = [
        (hub.booker, Forbidden),
        (hub.colleague, Missing),
        (hub.stranger, Missing),
    ]
    for actor, refusal in refusals:
        with pytest.raises(refusal):
            qualification_revoke(
                actor=actor, qualification_id=made.pk, reason="Because"
            )
    with pytest.raises(Missing):
        qualification_revoke(actor=hub.staff, qualification_id=0, reason="None")
    made.refresh_from_db()
    assert made.revoked_at is None


def test_visible__own_granters_staff__nobody_else(
    hub: Hub, laser: QualificationType, first_aid: QualificationType
) -> None:
    made, other = grant(hub, laser), grant(hub, first_aid, email=hub.stranger.email)
    seen = {
        name: set(qualification_list(user=getattr(hub, name)))
        for name in ("booker", "manager", "staff", "stranger", "colleague")
    }
    assert seen == {
        "booker": {made},
        "manager": {made},
        "staff": {made, other},
        "stranger": {other},
        "colleague": set(),
    }


def test_database__revoked_without_reason_or_ending_before__refused(
    hub: Hub, laser: QualificationType
) -> None:
    made = grant(hub, laser)
    rows = Qualification.objects.filter(pk=made.pk)
    for wrong in (
        {"revoked_at": clock.now()},
        {"revoked_reason": "Why"},
        {"valid_until": made.valid_from - DAY},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_held__one_after_the_other__holds_together(
    hub: Hub, laser: QualificationType
) -> None:
    first = dt.date(2027, 3, 1)
    grant(hub, laser, valid_from=first, valid_until=first + 4 * DAY)
    grant(hub, laser, valid_from=first + 5 * DAY, valid_until=first + 9 * DAY)

    def held(user: User, start: dt.date, end: dt.date) -> bool:
        rows = QualificationType.objects.filter(pk__in=held_types(user, start, end))
        return list(rows) == [laser]

    assert held(hub.booker, first, first + 9 * DAY)
    assert not held(hub.booker, first, first + 10 * DAY)
    assert not held(hub.booker, first - DAY, first)
    assert not held(hub.stranger, first, first)


def test_expiring__soon_and_not_renewed__soonest_first(
    hub: Hub, laser: QualificationType, first_aid: QualificationType
) -> None:
    today = clock.today()
    for email, days in (
        (hub.booker.email, 20),
        (hub.colleague.email, 9),
        (hub.stranger.email, 5),
        (hub.staff.email, 31),
    ):
        grant(hub, laser, email=email, valid_until=today + days * DAY)
    grant(hub, laser, email=hub.stranger.email)  # renewed
    grant(hub, first_aid, valid_until=today)
    of_host = qualifications_of_types(hub.manager, hub.host)
    assert [each.person for each in expiring_soon(of_host)] == [
        hub.colleague,
        hub.booker,
    ]
    of_all = qualifications_of_types(hub.staff, None)
    assert len(expiring_soon(of_all)) == 3


def test_api__grant_list_revoke__as_who_may(hub: Hub, laser: QualificationType) -> None:
    manager, booker = hub.api(hub.manager), hub.api(hub.booker)
    body = {"type": laser.slug, "email": hub.booker.email}
    made = manager.post("/api/v1/qualifications/", body, format="json")
    assert made.status_code == 201, made.json()
    assert made.json()["status"] == "valid"
    pk = made.json()["id"]
    assert (
        booker.post("/api/v1/qualifications/", body, format="json").status_code == 403
    )
    assert [
        row["id"] for row in booker.get("/api/v1/qualifications/").json()["results"]
    ] == [pk]
    stranger = hub.api(hub.stranger)
    assert stranger.get("/api/v1/qualifications/").json()["results"] == []
    assert stranger.get(f"/api/v1/qualifications/{pk}/").status_code == 404
    deed = f"/api/v1/qualifications/{pk}/revoke/"
    assert booker.post(deed, {"reason": "Mine"}, format="json").status_code == 403
    assert stranger.post(deed, {"reason": "Hers"}, format="json").status_code == 404
    assert manager.post(deed, {}, format="json").status_code == 400
    revoked = manager.post(deed, {"reason": "Broke it"}, format="json").json()
    assert (revoked["status"], revoked["revoked_reason"]) == ("revoked", "Broke it")
    assert manager.post(deed, {"reason": "x"}, format="json").status_code == 409


def test_api__grant_with_proof__as_multipart(
    hub: Hub, laser: QualificationType
) -> None:
    body = {
        "type": laser.slug,
        "email": hub.booker.email,
        "proof": SimpleUploadedFile("paper.png", PDF),
    }
    made = hub.api(hub.manager).post(
        "/api/v1/qualifications/", body, format="multipart"
    )
    assert made.status_code == 201, made.json()
    assert made.json()["has_proof"] is True


def test_api__types__created_changed_listed(hub: Hub, laser: QualificationType) -> None:
    manager = hub.api(hub.manager)
    body = {"name": "Forklift", "organisation": "host", "validity_months": None}
    made = manager.post("/api/v1/qualification-types/", body, format="json")
    assert made.status_code == 201, made.json()
    path = "/api/v1/qualification-types/forklift/"
    changed = manager.patch(path, {"validity_months": 6}, format="json")
    assert changed.json()["validity_months"] == 6
    assert (
        hub.api(hub.booker).patch(path, {"name": "x"}, format="json").status_code == 403
    )
    body = {"name": "Hub-wide"}
    assert (
        manager.post("/api/v1/qualification-types/", body, format="json").status_code
        == 403
    )
    listed = manager.get("/api/v1/qualification-types/?organisation=host").json()
    assert [row["slug"] for row in listed["results"]] == ["forklift", "laser-safety"]


def test_api__resource_requires__known_types_alone(
    hub: Hub, laser: QualificationType
) -> None:
    lab = hub.lab()
    other = qualification_type_create(
        actor=hub.staff, organisation_slug=hub.startup.slug, name="Startup’s own"
    )
    manager, path = hub.api(hub.manager), f"/api/v1/resources/{lab.slug}/"
    body = {"qualifications": [laser.slug]}
    assert manager.patch(path, body, format="json").json()["qualifications"] == [
        laser.slug
    ]
    wrong = manager.patch(path, {"qualifications": [other.slug]}, format="json")
    assert wrong.status_code == 400
    assert set(wrong.json()["fields"]) == {"qualifications"}
    assert manager.patch(path, {"people": 2}, format="json").json()[
        "qualifications"
    ] == [laser.slug]
    assert (
        manager.patch(path, {"qualifications": []}, format="json").json()[
            "qualifications"
        ]
        == []
    )
