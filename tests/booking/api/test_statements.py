"""How many statements the five questions take: as many for fifty rows as for one.

Asked with a token, as a program does: the first statement is about it.
"""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from booking.questions import Asked
from booking.services.questions import questions_set
from booking.services.restricting import restricted_hours_add
from booking.services.terms import terms_publish
from booking.weekly import DAYS
from labs.services.tokens import token_issue
from tests import factories
from tests.cast import Cast
from tests.factories import SOFIA, reserve, tomorrow_at, wish

# token; the answer
ONE_ANSWER = 2
# token; the resource, what is open and taken, what is free
MONTH = 4
# token; resource, organisation; begin, lock's patience, lock; facts, what is taken; the
# reservation, its unit, its history; commit. Within a test begin and commit are others.
CREATE = 12


@pytest.mark.parametrize("number", [1, 50])
def test_each_question__any_number_of_rows__takes_as_many_statements(
    db: None, number: int, django_assert_num_queries: Any
) -> None:
    owner, site = factories.organisation(), factories.site()
    booker = factories.person(owner)
    labs = [
        factories.open_lab(organisation=owner, site=site, units=1 + n % 3)
        for n in range(number)
    ]
    for n, lab in enumerate(labs):
        reserve(lab, booker, wish(8 + n % 8, 1))
    _token, secret = token_issue(email=booker.email, name="program")
    client = APIClient(headers={"authorization": f"Bearer {secret}"})
    times = [tomorrow_at(hour).isoformat() for hour in (17, 18)]
    window = dict(zip(("starts_at", "ends_at"), times, strict=True))

    def ask(path: str, query: Any, statements: int) -> Any:
        with django_assert_num_queries(statements):
            answer = client.get(f"/api/v1/{path}/", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    day = tomorrow_at(12).astimezone(SOFIA).date()
    rows = ask("timeline", {"date": str(day)}, ONE_ANSWER)["resources"]
    assert [len(row["taken"]) for row in rows] == [1] * number
    assert len(ask("free", window, ONE_ANSWER)) == number
    assert len(ask("first-free", {"minutes": 60}, ONE_ANSWER)) == number
    month = {"from": times[0], "to": tomorrow_at(18, days=31).isoformat()}
    assert ask(f"resources/{labs[0].slug}/availability", month, MONTH)["free"]
    body = {"resource": labs[0].slug, "purpose": "Recording a pilot", **window}
    with django_assert_num_queries(CREATE):
        answer = client.post("/api/v1/reservations/", body)
    assert answer.status_code == 201, answer.content


def test_create__with_terms__takes_one_statement_more(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    terms = terms_publish(actor=cast.manager, of=cast.lab, text="Wear shoes.")
    _token, secret = token_issue(email=cast.booker.email, name="program")
    client = APIClient(headers={"authorization": f"Bearer {secret}"})
    body = {
        "resource": cast.lab.slug,
        "purpose": "Recording a pilot",
        "starts_at": tomorrow_at(10).isoformat(),
        "ends_at": tomorrow_at(11).isoformat(),
        "accept_terms": terms.pk,
    }
    # CREATE, and that they are accepted.
    with django_assert_num_queries(CREATE + 1):
        answer = client.post("/api/v1/reservations/", body)
    assert answer.status_code == 201, answer.content


def test_create__with_questions_and_hours_for_some__takes_no_statement_more(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    asked = [Asked("", "text", "Which chemicals?", is_required=True)]
    questions_set(actor=cast.manager, resource=cast.lab, questions=asked)
    restricted_hours_add(
        actor=cast.manager,
        resource=cast.lab,
        days=DAYS,
        starts=0,
        ends=1440,
        organisations=[cast.startup],
    )
    _token, secret = token_issue(email=cast.booker.email, name="program")
    client = APIClient(headers={"authorization": f"Bearer {secret}"})
    body = {
        "resource": cast.lab.slug,
        "purpose": "Recording a pilot",
        "starts_at": tomorrow_at(10).isoformat(),
        "ends_at": tomorrow_at(11).isoformat(),
        "answers": {"which-chemicals": "None"},
    }
    with django_assert_num_queries(CREATE):
        answer = client.post("/api/v1/reservations/", body)
    assert answer.status_code == 201, answer.content
