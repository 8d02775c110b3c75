"""Writes the terms of use of the example hub, each version after the other."""

from __future__ import annotations

from booking.demo import data
from booking.demo.places import Hub
from booking.services.terms import terms_publish
from labs.models import Resource


def terms_make(hub: Hub) -> None:
    """Publish them through the service, once the weeks are filled."""
    for row in data.read("terms")["terms"]:
        texts = {name: row[name].strip() for name in ("text", "text_bg")}
        of = Resource.objects.get(slug=row["resource"])
        terms_publish(actor=hub.staff[0], of=of, **texts)
