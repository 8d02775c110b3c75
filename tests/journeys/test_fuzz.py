"""A fuzzer reads the schema and tries to make the real server fall over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from labs.services.tokens import token_issue
from tests.cast import make_cast
from tests.serving import serve

#: Of each operation; more find nothing new in the time that they take.
EXAMPLES = 12


def try_out(operation: Any, secret: str, faults: list[str]) -> None:
    """Send made-up requests of one operation; note those that are answered by 500."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        headers = {**(case.headers or {}), "Authorization": f"Bearer {secret}"}
        answer = case.call(headers=headers)
        # 503 is Busy: a clear refusal.
        if answer.status_code >= 500 and answer.status_code != 503:
            faults.append(f"{operation.label} {case.query} {case.body}")

    attempt()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.django_db(transaction=True)
def test_api__fuzzed_as_staff__never_answers_500(tmp_path: Path) -> None:
    cast = make_cast()
    _token, secret = token_issue(email=cast.staff.email, name="fuzz")
    faults: list[str] = []
    with serve(tmp_path / "web.log") as address:
        schema = schemathesis.openapi.from_url(f"{address}/api/v1/schema/?format=json")
        operations: list[Any] = list(schema.get_all_operations())
        for operation in operations:
            try_out(operation.ok(), secret, faults)
    assert len(operations) > 30
    assert faults == []
