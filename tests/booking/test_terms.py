"""Terms of use: versions that never change, accepted by whoever reserves."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from booking.exceptions import RuleViolation
from booking.models import Terms, TermsAcceptance
from booking.selectors.terms import terms_for
from booking.services.holds import reservation_hold
from booking.services.reservations import reservation_move
from booking.services.terms import terms_publish
from config.errors import Forbidden, Invalid
from tests import factories
from tests.cast import Cast
from tests.factories import HOUR, tomorrow_at


def publish(cast: Cast, of: Any = None, text: str = "Wear shoes.") -> Terms:
    return terms_publish(actor=cast.manager, of=of or cast.lab, text=text)


def test_reserve__terms_accepted__are_recorded_with_it_and_not_asked_again(
    cast: Cast,
) -> None:
    terms = publish(cast)
    made = factories.reserve(
        cast.lab, cast.booker, factories.wish(10, accepts=terms.pk)
    )
    assert made.terms_id == terms.pk
    kept = TermsAcceptance.objects.get()
    assert (kept.person, kept.terms, kept.accepted_at) == (
        cast.booker,
        terms,
        made.created_at,
    )
    again = factories.reserve(cast.lab, cast.booker, factories.wish(12))
    assert again.terms_id == terms.pk
    assert TermsAcceptance.objects.count() == 1


def test_reserve__not_accepted_or_an_older_version__is_refused(cast: Cast) -> None:
    first = publish(cast)
    factories.reserve(cast.lab, cast.booker, factories.wish(10, accepts=first.pk))
    second = publish(cast, text="Wear soft shoes.")
    for accepts in (None, first.pk):
        wanted = factories.wish(12, accepts=accepts)
        with pytest.raises(RuleViolation) as refused:
            factories.reserve(cast.lab, cast.booker, wanted)
        (violation,) = refused.value.violations
        assert (violation.code, violation.overridable) == ("terms_not_accepted", False)
        assert violation.needed == {"terms": second.pk, "version": 2}
    assert TermsAcceptance.objects.count() == 1
    # What one person accepted, a colleague did not.
    with pytest.raises(RuleViolation):
        factories.reserve(cast.lab, cast.colleague)


def test_reserve__refused_for_another_reason__keeps_no_acceptance(cast: Cast) -> None:
    terms = publish(cast)
    wanted = factories.wish(10, accepts=terms.pk, people=99)
    with pytest.raises(RuleViolation):
        factories.reserve(cast.lab, cast.booker, wanted)
    assert not TermsAcceptance.objects.exists()


def test_hold_and_move__new_terms__are_not_asked_for(cast: Cast) -> None:
    made = factories.reserve(cast.lab, cast.booker)
    publish(cast)
    starts_at = tomorrow_at(14)
    moved = reservation_move(
        actor=cast.booker,
        reference=made.reference,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
    )
    assert (moved.starts_at, moved.terms_id) == (starts_at, None)
    reservation_hold(
        actor=cast.booker,
        resource_slug=cast.lab.slug,
        organisation_slug="",
        wish=factories.wish(16),
        key="7d1f0f5e-52a9-4f0e-9d4c-0d8c4ad1a001",
    )


def test_terms__own_before_the_hosts__and_an_empty_version_ends_them(
    cast: Cast,
) -> None:
    assert terms_for(cast.lab) is None
    of_host = publish(cast, cast.host, "House rules.")
    assert terms_for(cast.lab) == terms_for(cast.studio) == of_host
    own = publish(cast)
    assert (terms_for(cast.lab), terms_for(cast.studio)) == (own, of_host)
    publish(cast, text="")
    assert terms_for(cast.lab) == of_host
    publish(cast, cast.host, "")
    assert terms_for(cast.lab) is None
    factories.reserve(cast.lab, cast.booker)


def test_publish__the_same_or_bulgarian_alone__is_refused(cast: Cast) -> None:
    publish(cast)
    with pytest.raises(Invalid):
        publish(cast)
    with pytest.raises(Invalid):
        terms_publish(actor=cast.manager, of=cast.studio, text="", text_bg="Обувки.")
    with pytest.raises(Invalid):
        publish(cast, cast.studio, "")
    assert Terms.objects.count() == 1


@pytest.mark.parametrize("who", ["booker", "colleague", "stranger"])
def test_publish__by_others__is_forbidden(cast: Cast, who: str) -> None:
    for of in (cast.lab, cast.host):
        with pytest.raises(Forbidden):
            terms_publish(actor=getattr(cast, who), of=of, text="Mine.")
    assert not Terms.objects.exists()


def test_version__once_published__cannot_be_changed_or_deleted(cast: Cast) -> None:
    terms = publish(cast)
    factories.reserve(cast.lab, cast.booker, factories.wish(accepts=terms.pk))
    for change in (
        "UPDATE booking_terms SET text = 'Bare feet.'",
        "DELETE FROM booking_terms",
        "UPDATE booking_termsacceptance SET accepted_at = now()",
        "DELETE FROM booking_termsacceptance",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.cursor().execute(change)
    assert Terms.objects.get().text == "Wear shoes."


def test_api__terms__are_read_and_accepted_by_their_id(cast: Cast) -> None:
    client = cast.api(cast.booker)
    url = f"/api/v1/resources/{cast.lab.slug}/terms/"
    assert client.get(url).json() == {"terms": None, "accepted_at": None}
    terms = publish(cast)
    found = client.get(url).json()
    assert (found["terms"]["id"], found["terms"]["text"]) == (terms.pk, "Wear shoes.")
    body = {
        "resource": cast.lab.slug,
        "starts_at": tomorrow_at(10).isoformat(),
        "ends_at": tomorrow_at(11).isoformat(),
        "purpose": "Recording a pilot",
    }
    refused = client.post("/api/v1/reservations/", body)
    assert refused.status_code == 422
    assert refused.json()["violations"][0]["code"] == "terms_not_accepted"
    accepting = body | {"accept_terms": terms.pk}
    check = client.post("/api/v1/reservations/check/", accepting).json()
    assert check["feasible"]
    assert not TermsAcceptance.objects.exists()
    answer = client.post("/api/v1/reservations/", accepting)
    assert (answer.status_code, answer.json()["terms"]) == (201, terms.pk)
    assert client.get(url).json()["accepted_at"]
