"""What the database and the models hold by themselves, whichever door it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import translation

from labs.models import Coverage, Membership, Organisation, Resource, Site, Unit, User
from tests import factories
from tests.labs.conftest import Hub


def refused(constraint: str, make: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def test_constraints__twice__refused(hub: Hub) -> None:
    lab = hub.lab()
    unit = lab.units.get()
    member = Membership.objects.filter(user=hub.booker).get()

    refused("labs_organisation_slug", lambda: factories.organisation(slug="host"))
    refused("labs_site_slug", lambda: factories.site(slug="mill"))
    refused("labs_resource_slug", lambda: factories.resource(slug="xr-lab"))
    refused(
        "labs_coverage_once", lambda: Coverage.objects.create(resource=lab, unit=unit)
    )
    member.pk = None
    refused("labs_membership_once", member.save)
    refused("labs_user_email", lambda: factories.person(email="BOOKER@example.com"))


def test_constraints__values__refused(hub: Hub) -> None:
    hub.lab()

    refused("labs_resource_people", lambda: Resource.objects.update(people=0))
    refused(
        "email_lower",
        lambda: User.objects.filter(pk=hub.booker.pk).update(email="A@B.c"),
    )


@pytest.mark.parametrize("model", [Organisation, Site])
def test_what_has_resources__cannot_be_deleted(hub: Hub, model: Any) -> None:
    hub.lab()

    with pytest.raises(models.ProtectedError):
        model.objects.filter(slug__in=["host", "mill"]).delete()
    assert Unit.objects.count() == 1


def test_site__zone__changes_only_while_it_is_empty(hub: Hub) -> None:
    hub.site.time_zone = "Europe/Lisbon"
    hub.site.full_clean()
    hub.site.refresh_from_db()
    hub.draft()
    hub.site.full_clean()

    hub.site.time_zone = "Europe/Lisbon"
    with pytest.raises(ValidationError) as error:
        hub.site.full_clean()

    assert error.value.error_dict["time_zone"][0].code == "site_in_use"


def test_person__login_in_any_case(hub: Hub) -> None:
    assert User.objects.get_by_natural_key(" Booker@EXAMPLE.com ") == hub.booker


def test_local_name__bulgarian_where_there_is_one(hub: Hub) -> None:
    lab = Resource(name="Lab", name_bg="Студио", description="D")

    with translation.override("bg"):
        assert (str(lab), lab.local_description) == ("Студио", "D")
    with translation.override("en"):
        assert str(lab) == "Lab"


def test_person__roles__of_active_organisations_only(hub: Hub) -> None:
    left = factories.organisation(is_active=False)
    Membership.objects.create(user=hub.manager, organisation=left, role="manager")

    assert hub.manager.roles == {hub.host.pk: "manager"}
    assert hub.manager.managed_ids == {hub.host.pk}
    assert hub.colleague.managed_ids == set()
