from __future__ import annotations

from dataclasses import dataclass

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from labs.models import Membership, Organisation, Resource, Site, User
from labs.services.resources import resource_create, resource_publish
from tests import factories


@dataclass
class Hub:
    """Two organisations, a site, and those who may and may not."""

    host: Organisation
    startup: Organisation
    site: Site
    manager: User
    booker: User
    colleague: User
    staff: User
    stranger: User

    def lab(self, name: str = "XR lab", **given: object) -> Resource:
        """A published lab of the host, made by its manager as in life."""
        made = self.draft(name, **given)
        return resource_publish(actor=self.manager, slug=made.slug)

    def draft(self, name: str = "XR lab", **given: object) -> Resource:
        fields = {
            "organisation_slug": self.host.slug,
            "site_slug": self.site.slug,
            "kind": "laboratory",
            "name": name,
        }
        return resource_create(actor=self.manager, **fields | given)  # type: ignore[arg-type]

    def api(self, user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            # As of a new request: what a person may is remembered for one.
            client.force_authenticate(User.objects.get(pk=user.pk))
        return client


@pytest.fixture(autouse=True)
def _labs_alone(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.labs.urls"


@pytest.fixture
def hub(db: None) -> Hub:
    # In bulk: nearly every test here has it made.
    host, startup = Organisation.objects.bulk_create(
        Organisation(slug=slug, name=slug.title(), kind=kind)
        for slug, kind in (("host", "company"), ("startup", "startup"))
    )
    names = ("manager", "booker", "colleague", "staff", "stranger")
    manager, booker, colleague, staff, stranger = User.objects.bulk_create(
        User(
            email=f"{name}@example.com",
            name=name.title(),
            password="!",
            is_hub_staff=name == "staff",
        )
        for name in names
    )
    Membership.objects.bulk_create(
        Membership(user=user, organisation=organisation, role=role)
        for user, organisation, role in (
            (manager, host, Membership.Role.MANAGER),
            (colleague, host, Membership.Role.BOOKER),
            (booker, startup, Membership.Role.BOOKER),
        )
    )
    site = factories.site(slug="mill", name="The Mill", access_notes="Ring twice.")
    people = (manager, booker, colleague, staff, stranger)
    return Hub(host, startup, site, *people)
