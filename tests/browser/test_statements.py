"""What each page costs: SQL statements as noted in statements.json, and its weight.

`make baselines` notes them anew.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from labs.models import User
from tests.browser.hub import Hub
from tests.browser.pages import cases
from tests.statements import assert_flat, statements

FILE = Path(__file__).parent / "statements.json"
MOST_STATEMENTS = 15
MOST_BYTES = 50_000


def test_pages__cost__what_is_noted(hub: Hub) -> None:
    noted: dict[str, dict[str, int]] = json.loads(FILE.read_text())
    found: dict[str, dict[str, int]] = {}
    faults = []
    for page, who in cases():
        response, taken = statements(hub.client(who), page.path())
        found.setdefault(page.name, {})[who] = len(taken)
        weight = len(gzip.compress(response.content))
        if len(taken) > MOST_STATEMENTS:
            said = "\n  ".join(taken)
            faults.append(f"{page.name} as {who}: {len(taken)} statements\n  {said}")
        if weight > MOST_BYTES:
            faults.append(f"{page.name} as {who}: {weight} bytes")
    if os.environ.get("BASELINES") == "write":
        FILE.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
        noted = found
    assert not faults, "\n".join(faults)
    assert found == noted, "if that is meant: make baselines"


class Growing(Client):
    """A page that looks for each of its rows anew."""

    rows = 1

    def get(self, *args: Any, **options: Any) -> Any:
        for _ in range(self.rows):
            User.objects.count()


def test_assert_flat__a_statement_for_each_row__is_told(hub: Hub) -> None:
    client = Growing()

    def grow() -> None:
        client.rows = 50

    with pytest.raises(AssertionError, match="takes more for more rows"):
        assert_flat(client, "/", few=list, many=grow)
