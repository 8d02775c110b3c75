"""Somebody is let in twice, or let in and put out, at the same moment."""

from __future__ import annotations

from functools import partial

import pytest
from django.core.cache import cache
from django.test import Client

from labs.models import Departure, Membership, Organisation, User
from labs.services.invitations import invitation_accept, invitation_send
from labs.services.joining import (
    email_confirmed,
    join_request_approve,
    join_request_make,
)
from labs.services.memberships import membership_remove
from labs.services.organisations import organisation_set_active
from tests import factories
from tests.cast import Cast
from tests.labs.web.test_sign_up import FORM, NIA
from tests.races.threads import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def test_let_in_by_two_ways_at_once__is_a_member_once(cast: Cast) -> None:
    for number in range(ROUNDS):
        nia = factories.person(email=f"nia-{number}@x.example")
        slug = cast.host.slug
        asked = join_request_make(actor=nia, reason="Film", organisation=slug)
        link = invitation_send(actor=cast.manager, slug=slug, email=nia.email).secret
        approve = partial(join_request_approve, actor=cast.manager, request_id=asked.pk)
        accept = partial(invitation_accept, actor=nia, secret=link)
        found = outcomes(race([approve, approve, accept, accept]))
        assert found["done"] in {1, 2}
        assert nia.memberships.count() == 1


def test_put_out_while_one_confirms_the_email__stays_out(cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.host.pk).update(email_domain="x.example")
    for number in range(ROUNDS):
        nia = factories.person(cast.host, email=f"nia-{number}@x.example")
        remove = partial(
            membership_remove,
            actor=cast.manager,
            slug=cast.host.slug,
            user_id=nia.pk,
        )
        confirm = partial(email_confirmed, user=nia)
        assert outcomes(race([confirm, remove, confirm]))["done"] == 3
        assert Departure.objects.filter(user=nia).exists()
        assert not Membership.objects.filter(user=nia).exists()


def test_organisation_leaves_while_one_is_let_in__either_comes_first(
    cast: Cast,
) -> None:
    host = cast.host
    for number in range(ROUNDS):
        Organisation.objects.filter(pk=host.pk).update(is_active=True)
        nia = factories.person(email=f"nia-{number}@x.example")
        asked = join_request_make(actor=nia, reason="Film", organisation=host.slug)
        leave = partial(
            organisation_set_active, actor=cast.staff, slug=host.slug, is_active=False
        )
        approve = partial(join_request_approve, actor=cast.staff, request_id=asked.pk)
        left, approved = race([leave, approve])
        assert not isinstance(left, Exception)
        is_member = nia.memberships.exists()
        assert is_member == (outcomes([approved])["done"] == 1)


def test_sign_up_sent_twice_at_once__is_one_person_and_no_fault(cast: Cast) -> None:
    cache.clear()

    def sign_up() -> int:
        sent = FORM | {"organisation": cast.host.slug}
        return Client().post("/sign-up/", sent).status_code

    statuses = race([sign_up] * 4)
    # 429: a code is on its way already.
    assert set(statuses) <= {302, 429}
    assert User.objects.filter(email=NIA).count() == 1
