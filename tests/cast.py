"""The cast of every test: one asks, one hosts, one runs the hub, one sees nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from rest_framework.test import APIClient

from labs.models import Membership, Organisation, Resource, User
from tests import factories


@dataclass
class Cast:
    startup: Organisation
    booker: User
    colleague: User
    host: Organisation
    manager: User
    staff: User
    stranger: User
    lab: Resource
    studio: Resource

    def api(self, user: User | None) -> APIClient:
        """A client signed in as that person."""
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client


@pytest.fixture
def cast(db: None) -> Cast:
    """`lab` reserves at once, `studio` needs approval; both are always open."""
    return make_cast()


def make_cast() -> Cast:
    startup, host = factories.organisation(name="Startup"), factories.organisation()
    lab = factories.open_lab(organisation=host, name="Motion lab")
    studio = factories.open_lab(
        organisation=host,
        site=lab.site,
        name="Sound studio",
        policy={"needs_approval": True},
    )
    return Cast(
        startup=startup,
        booker=factories.person(startup, name="Boyana Booker"),
        colleague=factories.person(startup, Membership.Role.MANAGER),
        host=host,
        manager=factories.person(host, Membership.Role.MANAGER, name="Hristo Host"),
        staff=factories.staff(name="Stella Staff"),
        stranger=factories.person(factories.organisation(name="Elsewhere")),
        lab=lab,
        studio=studio,
    )
