from __future__ import annotations

import pytest
from django.test import Client

from labs.models import Membership, Resource, User
from labs.services.tokens import token_issue
from tests import factories
from tests.labs.conftest import Hub

PAGES = ("organisation", "user", "site", "resource", "apitoken")


@pytest.fixture
def root(hub: Hub) -> Client:
    client = Client()
    superuser = factories.staff(email="root@example.com", is_superuser=True)
    client.force_login(superuser)
    return client


def test_admin__hub_staff__not_let_in(hub: Hub) -> None:
    client = Client()
    client.force_login(hub.staff)

    assert client.get("/admin/labs/resource/").status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_admin__lists_and_pages__open(hub: Hub, root: Client, page: str) -> None:
    lab = hub.lab()
    token, _secret = token_issue(email="booker@example.com", name="script")
    pks = {
        "organisation": hub.host.pk,
        "user": hub.booker.pk,
        "site": hub.site.pk,
        "resource": lab.pk,
        "apitoken": token.pk,
    }

    assert root.get(f"/admin/labs/{page}/?q=a").status_code == 200
    shown = root.get(f"/admin/labs/{page}/{pks[page]}/change/")
    assert shown.status_code == 200
    assert token.hash not in shown.content.decode()


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("organisation", 200),
        ("user", 200),
        ("site", 200),
        ("resource", 403),
        ("apitoken", 403),
    ],
)
def test_admin__add(root: Client, page: str, status: int) -> None:
    assert root.get(f"/admin/labs/{page}/add/").status_code == status


def test_admin__add_person_and_change_password__can_sign_in(root: Client) -> None:
    password = {"password1": "long and good 1", "password2": "long and good 1"}
    given = {"email": "New@Example.com", "name": "New", "language": "bg"}

    added = root.post(
        "/admin/labs/user/add/", {**given, **password, "usable_password": "true"}
    )

    assert added.status_code == 302
    person = User.objects.get(email="new@example.com")
    assert Client().login(username="new@example.com", password="long and good 1")
    changed = root.post(
        f"/admin/labs/user/{person.pk}/password/",
        {"password1": "another one 2", "password2": "another one 2"},
    )
    assert changed.status_code == 302
    assert Client().login(username="NEW@example.com", password="another one 2")
    assert not Client().login(username="new@example.com", password="long and good 1")


def test_admin__email_of_another__refused_in_any_case(hub: Hub, root: Client) -> None:
    given = {"email": "BOOKER@example.com", "name": "New", "language": "bg"}
    password = {"password1": "long and good 1", "password2": "long and good 1"}

    response = root.post(
        "/admin/labs/user/add/", {**given, **password, "usable_password": "true"}
    )

    assert "Somebody with this e-mail is here already." in response.content.decode()


def test_admin__organisation_with_members__saved(hub: Hub, root: Client) -> None:
    response = root.post(
        "/admin/labs/organisation/add/",
        {
            "slug": "new",
            "name": "New",
            "kind": "startup",
            "is_active": "on",
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 0,
            "memberships-0-user": hub.stranger.pk,
            "memberships-0-role": "manager",
        },
    )

    assert response.status_code == 302
    membership = Membership.objects.get(user=hub.stranger)
    assert (membership.organisation.slug, membership.role) == ("new", "manager")


def test_admin__resource__words_change_and_units_do_not(hub: Hub, root: Client) -> None:
    lab = hub.lab()
    given = {"name": "New", "kind": "premises", "people": 3, "tags": "xr,vr"}
    sly = {"slug": "sly", "units": "", "listing": "archived", "is_pool": "on"}

    response = root.post(f"/admin/labs/resource/{lab.pk}/change/", {**given, **sly})

    assert response.status_code == 302
    lab.refresh_from_db()
    assert (lab.name, lab.tags, lab.slug) == ("New", ["xr", "vr"], "xr-lab")
    assert (lab.listing, lab.is_pool, lab.units.count()) == ("published", False, 1)


def test_admin__actions__go_through_the_services(hub: Hub, root: Client) -> None:
    empty, whole = hub.draft("Empty"), hub.draft("Whole")
    empty.coverage.all().delete()

    response = root.post(
        "/admin/labs/resource/",
        {"action": "publish", "_selected_action": [empty.pk, whole.pk]},
        follow=True,
    )

    assert "Empty: There is nothing to reserve: no units." in response.content.decode()
    listings = dict(Resource.objects.values_list("name", "listing"))
    assert listings == {"Empty": "draft", "Whole": "published"}
