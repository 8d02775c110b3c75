"""What a person reads of a timeline."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.test import Client

from booking.weekly import DAYS, WeeklyHours
from labs.models import Resource
from tests.factories import SOFIA, tomorrow_at

WORKDAY = (WeeklyHours(DAYS, 9 * 60, 18 * 60),)


def tomorrow() -> str:
    return tomorrow_at(12).astimezone(SOFIA).date().isoformat()


def words(response: Any, lab: Resource) -> list[str]:
    html = response.content.decode()
    row = html.split(f'<tr data-lane="{lab.slug}"')[1].split("</tr>")[0]
    return [
        " ".join(unescape(re.sub(r"<[^>]*>", " ", part)).split())
        for part in re.findall(r"<td.*?</td>", row, re.DOTALL)
    ]


def day(client: Client, **query: Any) -> Any:
    response = client.get("/timeline/", {"date": tomorrow()} | query)
    assert response.status_code == 200
    return response


def links(response: Any, lab: Resource) -> list[dict[str, str]]:
    """What the free times of a resource lead to."""
    pattern = rf'href="(/reserve/{lab.slug}/\?[^"]*)"'
    found = re.findall(pattern, response.content.decode())
    return [dict(parse_qsl(urlsplit(unescape(each)).query)) for each in found]
