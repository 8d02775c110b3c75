"""How many SQL statements a page takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def statements(client: Client, url: str) -> tuple[Any, list[str]]:
    """Return the answer and the statements that it took, once caches are warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    # What Django cannot write out, such as an empty range, it leaves empty.
    return response, [str(query["sql"]) for query in captured.captured_queries]


def assert_flat(
    client: Client,
    url: str,
    few: Callable[[], object],
    many: Callable[[], object],
) -> None:
    """Fail if the page takes more statements when `many` has added rows to `few`'s."""
    few()
    _, with_few = statements(client, url)
    many()
    _, with_many = statements(client, url)
    more = "\n".join(sql for sql in with_many if sql not in with_few)
    assert len(with_many) == len(with_few), f"{url} takes more for more rows:\n{more}"
