from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from labs.models import Membership, Organisation, User
from labs.services.csv_rows import Fault, Report, Row, refuse_repeated
from labs.services.hub_csv.columns import PEOPLE
from labs.services.hub_csv.plan import Plan, filled


def people_plan(
    rows: Sequence[Row], organisations: Plan[Organisation], report: Report
) -> tuple[Plan[User], Plan[Membership]]:
    """Return what the rows make of people and their memberships.

    A person with several memberships has a row for each; the rows must agree.
    """
    people, memberships = _known(rows)
    first: dict[str, Row] = {}
    rows = refuse_repeated(
        rows, lambda row: (email_of(row), row.cells["organisation"]), "email", report
    )
    for row in rows:
        email, faults = email_of(row), list[Fault]()
        before = people.known.get(email)
        person, found = filled(
            before or User(password=make_password(None)), row, FIELDS
        )
        faults += found
        person.email = email
        if email in first:
            faults += _disagreement(row, first[email])
        membership = _membership(row, organisations, memberships, faults)
        if faults:
            people.refuse(email, faults, report)
            continue
        if first.setdefault(email, row) is row:
            people.accept(email, before, person)
        if membership is not None:
            membership.user = people.known[email]
            key = (email, row.cells["organisation"])
            memberships.accept(key, memberships.known.get(key), membership)
    return people, memberships


FIELDS = PEOPLE.fields


def email_of(row: Row) -> str:
    """Return the login that a row is about; people write theirs with capitals."""
    return row.cells["email"].lower()


def _known(rows: Sequence[Row]) -> tuple[Plan[User], Plan[Membership]]:
    emails = {email_of(row) for row in rows}
    people = {user.email: user for user in User.objects.filter(email__in=emails)}
    rows_of = Membership.objects.filter(user__email__in=emails)
    memberships = {
        (each.user.email, each.organisation.slug): each
        for each in rows_of.select_related("user", "organisation")
    }
    return Plan("people", people), Plan("memberships", memberships)


def _disagreement(row: Row, first: Row) -> list[Fault]:
    text = _("On line %(line)s this person has something else here.")
    return [
        row.fault(column, text % {"line": first.line})
        for column in FIELDS
        if column != "email" and row.cells.get(column) != first.cells.get(column)
    ]


def _membership(
    row: Row,
    organisations: Plan[Organisation],
    memberships: Plan[Membership],
    faults: list[Fault],
) -> Membership | None:
    """Return the membership of a row, if it names one; add what is wrong to faults."""
    if not row.cells["organisation"]:
        if row.cells["role"]:
            faults.append(row.fault("role", _("There is no organisation to it.")))
        return None
    organisation = organisations.find(row, "organisation", faults)
    key = (email_of(row), row.cells["organisation"])
    blank = Membership(role="")
    membership, found = filled(memberships.known.get(key) or blank, row, ROLE)
    if not row.cells["role"]:
        found = [row.fault("role", _("Write manager or booker."))]
    faults += found
    if organisation is not None:
        membership.organisation = organisation
    return membership


ROLE = {"role": "role"}
