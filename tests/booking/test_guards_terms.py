"""What the database itself refuses of terms of use and of who accepted them."""

from __future__ import annotations

from typing import Any

import pytest

from booking.models import Terms, TermsAcceptance
from config import clock
from tests.booking.test_guards import assert_refused_by
from tests.cast import Cast


def some_terms(cast: Cast, **fields: Any) -> Terms:
    """Write a version past every service: the first of the lab unless told."""
    given: dict[str, Any] = {
        "resource": cast.lab,
        "version": 1,
        "text": "Wear shoes.",
        "published_at": clock.now(),
        "published_by": cast.manager,
    }
    return Terms.objects.create(**given | fields)


def test_terms__of_nothing_or_of_two_owners__are_refused(cast: Cast) -> None:
    for owners in ({"resource": None}, {"organisation": cast.host}):
        with assert_refused_by("booking_terms_one_owner"):
            some_terms(cast, **owners)
    assert some_terms(cast, resource=None, organisation=cast.host).pk


def test_terms__same_version_of_one_resource__is_refused(cast: Cast) -> None:
    some_terms(cast)
    some_terms(cast, version=2)
    some_terms(cast, resource=cast.studio)
    with assert_refused_by("booking_terms_of_resource"):
        some_terms(cast)


def test_terms__same_version_of_one_host__is_refused(cast: Cast) -> None:
    of_host = {"resource": None, "organisation": cast.host}
    some_terms(cast, **of_host)
    some_terms(cast, **of_host, version=2)
    some_terms(cast, resource=None, organisation=cast.startup)
    with assert_refused_by("booking_terms_of_host"):
        some_terms(cast, **of_host)


@pytest.mark.parametrize("text", ["", "Wear shoes."])
def test_terms__in_bulgarian__need_the_english(cast: Cast, text: str) -> None:
    # A version without either is how terms end.
    some_terms(cast, text=text)
    with assert_refused_by("booking_terms_english_first"):
        some_terms(cast, version=2, text="", text_bg="Носете обувки.")
    assert some_terms(cast, version=2, text_bg="Носете обувки.").pk


def test_acceptance__twice_by_one_person__is_refused(cast: Cast) -> None:
    terms = some_terms(cast)
    now = clock.now()
    for person in (cast.booker, cast.colleague):
        TermsAcceptance.objects.create(terms=terms, person=person, accepted_at=now)
    with assert_refused_by("booking_terms_accepted_once"):
        TermsAcceptance.objects.create(terms=terms, person=cast.booker, accepted_at=now)
