from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DataError, connection, transaction

from config.prepared import prepared
from labs.models import User


@pytest.fixture(autouse=True)
def _fresh(transactional_db: None) -> Iterator[None]:
    """A session without plans, as what other tests asked is in the shared one."""
    connection.close()
    yield
    connection.close()


def kept() -> list[str]:
    """Return the statements whose plan the database keeps for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY name")
        return [statement for (statement,) in cursor.fetchall()]


def half(number: int) -> int:
    with prepared(), connection.cursor() as cursor:
        cursor.execute("SELECT 10 / %(number)s", {"number": number})
        return int(cursor.fetchone()[0])


def test_prepared__asked_twice__is_planned_once_for_all_values() -> None:
    assert (half(2), half(5)) == (5, 2)
    assert kept() == ["SELECT 10 / $1"]


def test_prepared__query_of_djangos__is_kept_too() -> None:
    with prepared():
        assert list(User.objects.filter(email="nobody@example.com")) == []
    [statement] = kept()
    assert '"labs_user"."email" = $1' in statement


def test_not_prepared__before_and_after__nothing_is_kept() -> None:
    half(2)
    list(User.objects.filter(email="nobody@example.com"))
    assert len(kept()) == 1


def test_prepared__statement_fails__what_follows_is_as_usual() -> None:
    with pytest.raises(DataError):
        half(0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s; SELECT 2", [1])  # not a thing the server would bind
    assert half(2) == 5


def test_prepared__transaction_rolled_back__is_prepared_again() -> None:
    with transaction.atomic():
        half(2)
        transaction.set_rollback(True)
    assert half(5) == 2


def test_prepared__older_pgbouncer__nothing_is_kept() -> None:
    connection.ensure_connection()
    connection.connection.prepare_threshold = None  # as DATABASE_PREPARE=0 makes it
    assert half(5) == 2
    assert kept() == []
