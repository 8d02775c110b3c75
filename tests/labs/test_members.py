from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from config.errors import (
    Conflict,
    DomainError,
    Invalid,
    TooMany,
    from_integrity_error,
)
from labs.models import Invitation, Letter, Membership, Organisation
from labs.services import invitations
from labs.services.invitations import (
    invitation_accept,
    invitation_of,
    invitation_send,
    invitation_withdraw,
)
from labs.services.memberships import membership_remove, membership_set_role
from labs.services.organisations import (
    organisation_create,
    organisation_set_active,
    organisation_update,
)
from tests import factories
from tests.cast import Cast
from tests.notifications.conftest import time as clock_to_set

pytestmark = pytest.mark.django_db(transaction=True)
time = clock_to_set
Role = Membership.Role


def outcome(act: Callable[[], Any]) -> str:
    try:
        act()
    except DomainError as error:
        return type(error).__name__
    return "done"


MANAGE = {
    "manager": "done",
    "staff": "done",
    "colleague": "Forbidden",
    "stranger": "Forbidden",
}
STAFF_ONLY = MANAGE | {"manager": "Forbidden"}


@pytest.mark.parametrize("who", MANAGE)
def test_members__permissions(cast: Cast, who: str) -> None:
    actor, slug = getattr(cast, who), cast.host.slug
    fellow = factories.person(cast.host)
    other = factories.person(cast.host)
    acts: dict[Callable[[], Any], dict[str, str]] = {
        lambda: membership_set_role(
            actor=actor, slug=slug, user_id=fellow.pk, role=Role.MANAGER
        ): MANAGE,
        lambda: membership_remove(actor=actor, slug=slug, user_id=other.pk): MANAGE,
        lambda: invitation_send(actor=actor, slug=slug, email="new@x.example"): MANAGE,
        lambda: organisation_update(actor=actor, slug=slug, name="Renamed"): MANAGE,
        lambda: organisation_update(
            actor=actor, slug=slug, email_domain="x.example"
        ): STAFF_ONLY,
        lambda: organisation_set_active(
            actor=actor, slug=slug, is_active=True
        ): STAFF_ONLY,
        lambda: organisation_create(
            actor=actor, name="New", kind="startup"
        ): STAFF_ONLY,
    }
    for number, (act, expected) in enumerate(acts.items()):
        assert outcome(act) == expected[who], number


def test_organisation_that_left__is_missing_but_for_staff(cast: Cast) -> None:
    organisation_set_active(actor=cast.staff, slug=cast.host.slug, is_active=False)
    assert (
        outcome(
            lambda: organisation_update(
                actor=cast.manager, slug=cast.host.slug, name="x"
            )
        )
        == "Missing"
    )
    organisation_set_active(actor=cast.staff, slug=cast.host.slug, is_active=True)


@pytest.mark.parametrize(
    "domain", ["gmail.com", "Example.com", "nodot", "a b.com", "@x.com", "x..com"]
)
def test_update__domain__that_is_none_or_everybodys__is_refused(
    cast: Cast, domain: str
) -> None:
    with pytest.raises(Invalid) as refused:
        organisation_update(actor=cast.staff, slug=cast.host.slug, email_domain=domain)
    assert "email_domain" in refused.value.extra["fields"]


def test_update__domain_of_another__is_a_conflict(cast: Cast) -> None:
    organisation_update(actor=cast.staff, slug=cast.host.slug, email_domain="x.example")
    with pytest.raises(IntegrityError) as refused:
        organisation_update(
            actor=cast.staff, slug=cast.startup.slug, email_domain="x.example"
        )
    known = from_integrity_error(refused.value)
    assert known is not None
    assert known.code == "domain_taken"


def test_last_manager__neither_leaves_nor_steps_down(cast: Cast) -> None:
    slug, last = cast.host.slug, cast.manager
    acts: list[Callable[[], Any]] = [
        lambda: membership_remove(actor=last, slug=slug, user_id=last.pk),
        lambda: membership_remove(actor=cast.staff, slug=slug, user_id=last.pk),
        lambda: membership_set_role(
            actor=last, slug=slug, user_id=last.pk, role=Role.BOOKER
        ),
    ]
    for act in acts:
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "last_manager"
    other = factories.person(cast.host, Role.MANAGER)
    membership_remove(actor=last, slug=slug, user_id=last.pk)
    assert list(cast.host.members.all()) == [other]


WAYS: dict[str, Callable[[Cast], object]] = {
    "delete": lambda cast: cast.manager.memberships.all().delete(),
    "demote": lambda cast: cast.manager.memberships.update(role=Role.BOOKER),
    "delete the person": lambda cast: cast.manager.delete(),
}


@pytest.mark.parametrize("way", WAYS)
def test_last_manager__by_another_door__the_database_says_no(
    cast: Cast, way: str
) -> None:
    rows = Membership.objects.filter(user=cast.manager.pk)
    with pytest.raises(IntegrityError) as refused:
        WAYS[way](cast)
    known = from_integrity_error(refused.value)
    assert known is not None
    assert known.code == "last_manager"
    assert rows.get().role == Role.MANAGER


def test_organisation__deleted_with_its_people__goes(db: None) -> None:
    organisation = factories.organisation()
    factories.person(organisation, Role.MANAGER)
    organisation.delete()
    assert not Organisation.objects.exists()


def test_remove__oneself_as_a_booker__may(cast: Cast) -> None:
    membership_remove(actor=cast.booker, slug=cast.startup.slug, user_id=cast.booker.pk)
    assert not cast.booker.memberships.exists()


def test_set_role__none_such_or_no_member__is_told(cast: Cast) -> None:
    options: dict[str, Any] = {"actor": cast.manager, "slug": cast.host.slug}
    with pytest.raises(Invalid):
        membership_set_role(**options, user_id=cast.manager.pk, role="owner")
    assert (
        outcome(
            lambda: membership_set_role(
                **options, user_id=cast.booker.pk, role=Role.MANAGER
            )
        )
        == "Missing"
    )


# Invitations


def invite(cast: Cast, email: str = "Nia@New.example", **fields: Any) -> Invitation:
    return invitation_send(
        actor=cast.manager, slug=cast.host.slug, email=email, **fields
    )


def test_invitation__accepted__once(cast: Cast) -> None:
    invitation = invite(cast, role=Role.MANAGER)
    letter = Letter.objects.get(to="nia@new.example")
    assert f"/invitations/{invitation.secret}/" in letter.body
    nia = factories.person(email="nia@new.example")
    membership = invitation_accept(actor=nia, secret=invitation.secret)
    assert (membership.organisation, membership.role) == (cast.host, Role.MANAGER)
    factories.person(cast.host, Role.MANAGER)
    membership_remove(actor=nia, slug=cast.host.slug, user_id=nia.pk)
    with pytest.raises(Conflict, match="used already") as refused:
        invitation_accept(actor=nia, secret=invitation.secret)
    assert refused.value.code == "invitation_over"
    assert not nia.memberships.exists()


def test_invitation__forwarded__is_of_no_use_to_another(cast: Cast) -> None:
    invitation = invite(cast, role=Role.MANAGER)
    with pytest.raises(Conflict, match=r"for nia@new\.example") as refused:
        invitation_accept(actor=cast.stranger, secret=invitation.secret)
    assert refused.value.code == "invitation_for_another"
    assert not cast.host.members.filter(pk=cast.stranger.pk).exists()
    invitation.refresh_from_db()
    assert invitation.is_open


def test_invitation__from_before_one_was_removed__has_no_force(cast: Cast) -> None:
    nia = factories.person(email="nia@new.example")
    invitation = invite(cast)
    Membership.objects.create(user=nia, organisation=cast.host)
    membership_remove(actor=cast.manager, slug=cast.host.slug, user_id=nia.pk)
    with pytest.raises(Conflict, match="taken back"):
        invitation_accept(actor=nia, secret=invitation.secret)
    anew = invite(cast)
    invitation_accept(actor=nia, secret=anew.secret)
    assert nia.memberships.exists()


def test_invitation__by_who_was_removed__has_no_force(cast: Cast) -> None:
    ousted = factories.person(cast.host, Role.MANAGER)
    theirs, other = (
        invitation_send(actor=actor, slug=cast.host.slug, email=email, role="manager")
        for actor, email in ((ousted, "own@x.example"), (cast.manager, "b@x.example"))
    )
    membership_remove(actor=cast.manager, slug=cast.host.slug, user_id=ousted.pk)
    with pytest.raises(Conflict, match="taken back"):
        invitation_accept(
            actor=factories.person(email="own@x.example"), secret=theirs.secret
        )
    invitation_accept(actor=factories.person(email="b@x.example"), secret=other.secret)


def test_invite__many_in_a_day__waits_until_tomorrow(
    cast: Cast, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MOST_A_DAY", 5)
    for _again in range(invitations.MOST_TO_ONE_A_DAY):
        invite(cast)
    with pytest.raises(TooMany, match="This person") as to_one:
        invite(cast)
    assert Letter.objects.filter(to="nia@new.example").count() == 3
    for name in "ab":
        invite(cast, f"{name}@new.example")
    with pytest.raises(TooMany, match="enough invitations") as to_all:
        invite(cast, "c@new.example")
    codes = {to_one.value.code, to_all.value.code}
    assert codes == {"too_many_invitations"}
    assert not Letter.objects.filter(to="c@new.example").exists()
    invitation_send(actor=cast.staff, slug=cast.startup.slug, email="c@new.example")
    time.forward(days=1)
    invite(cast)


def test_invitation__expired_withdrawn_or_replaced__has_no_force(
    cast: Cast, time: Any
) -> None:
    first = invite(cast)
    second = invite(cast)
    assert not invitation_of(first.secret).is_open
    with pytest.raises(Conflict, match="taken back"):
        invitation_accept(actor=cast.stranger, secret=first.secret)
    invitation_withdraw(
        actor=cast.manager, slug=cast.host.slug, invitation_id=second.pk
    )
    with pytest.raises(Conflict, match="taken back"):
        invitation_accept(actor=cast.stranger, secret=second.secret)
    third = invite(cast)
    time.forward(days=15)
    with pytest.raises(Conflict, match="expired"):
        invitation_accept(actor=cast.stranger, secret=third.secret)
    assert not cast.stranger.memberships.filter(organisation=cast.host).exists()


def test_invitation__member_already__is_told_and_keeps_the_link(cast: Cast) -> None:
    with pytest.raises(Conflict) as refused:
        invite(cast, cast.manager.email)
    assert refused.value.code == "member_already"
    invitation = invite(cast)
    assert (
        outcome(lambda: invitation_accept(actor=cast.manager, secret=invitation.secret))
        == "Conflict"
    )
    invitation.refresh_from_db()
    assert invitation.is_open


@pytest.mark.parametrize("secret", ["", "x", "MQ:forged", "1"])
def test_invitation__forged__is_missing(cast: Cast, secret: str) -> None:
    invite(cast)
    assert (
        outcome(lambda: invitation_accept(actor=cast.stranger, secret=secret))
        == "Missing"
    )


def test_invite__no_email_or_role__is_invalid(cast: Cast) -> None:
    for fields in ({"email": "x"}, {"email": "a@b.example", "role": "owner"}):
        with pytest.raises(Invalid):
            invite(cast, **fields)
