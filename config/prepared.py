"""Long statements whose plan the database keeps, as planning them takes half the time.

By the protocol, not by SQL, so that PgBouncer from 1.21 on can follow in any mode; with
an older one DATABASE_PREPARE=0 has each statement planned anew.

A kept plan knows no values. Look at it with EXPLAIN (GENERIC_PLAN) before a statement
is run so: where it depends on the hour what is meant, it may read a whole table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor


@contextmanager
def prepared() -> Iterator[None]:
    """Within, what is executed is bound by the server and its plan kept.

    Django itself writes the values into the text, of which no plan can be kept.
    """
    connection.ensure_connection()
    psycopg = connection.connection
    usual, psycopg.cursor_factory = psycopg.cursor_factory, ServerBindingCursor
    try:
        yield
    finally:
        psycopg.cursor_factory = usual
