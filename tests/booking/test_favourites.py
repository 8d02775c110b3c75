from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet

from booking.models import Favourite
from booking.selectors.favourites import with_favourites
from booking.services.favourites import favourite_set
from config.errors import Missing
from labs.models import Resource, User
from tests.cast import Cast


def stars(of: User) -> list[str]:
    rows: QuerySet[Any] = with_favourites(Resource.objects.all(), of)
    return [resource.name for resource in rows if resource.is_favourite]


def test_favourite__kept_twice_and_let_go_twice__does_no_harm(cast: Cast) -> None:
    for _time in range(2):
        kept = favourite_set(actor=cast.booker, resource_slug=cast.lab.slug, kept=True)
        assert kept.is_favourite  # type: ignore[attr-defined]
        assert stars(cast.booker) == ["Motion lab"]
    assert Favourite.objects.count() == 1
    for _time in range(2):
        favourite_set(actor=cast.booker, resource_slug=cast.lab.slug, kept=False)
        assert stars(cast.booker) == []


def test_favourite__is_ones_own(cast: Cast) -> None:
    favourite_set(actor=cast.booker, resource_slug=cast.lab.slug, kept=True)
    assert stars(cast.colleague) == []
    favourite_set(actor=cast.colleague, resource_slug=cast.lab.slug, kept=False)
    assert stars(cast.booker) == ["Motion lab"]


def test_favourite__unseen__is_not_there(cast: Cast) -> None:
    cast.lab.listing = Resource.Listing.DRAFT
    cast.lab.save()
    favourite_set(actor=cast.manager, resource_slug=cast.lab.slug, kept=True)
    for slug in (cast.lab.slug, "no-such-thing"):
        with pytest.raises(Missing):
            favourite_set(actor=cast.booker, resource_slug=slug, kept=True)
    assert stars(cast.booker) == []
