"""Every link that a page offers leads somewhere, whoever follows it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import Resolver404, resolve

from tests.browser.hub import Hub
from tests.browser.pages import PARTS, cases

ORIGIN = "http://testserver"
#: Of each pattern with the same names in its query; a calendar has no last page.
MOST_ALIKE = 6
ATTRIBUTES = {"href", "src", "hx-get"}
#: Served by WhiteNoise in front of Django, and listened for in the browser's tests.
STATIC = f"/{settings.STATIC_URL.strip('/')}/"
#: Django's own, where links lead everywhere: entered, but not walked through.
ADMIN = "/admin/"


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ATTRIBUTES and value]


class Crawl:
    """Follows links from page to page; `faults` are those that lead nowhere."""

    def __init__(self, client: Client, start: str) -> None:
        self.client = client
        self.faults: list[str] = []
        self.seen = {start}
        self._ways = deque([(start, "the start")])
        self._alike: Counter[tuple[str, ...]] = Counter()

    def run(self) -> None:
        while self._ways:
            path, origin = self._ways.popleft()
            response: Any = self.client.get(path)
            if response.status_code >= 400:
                self.faults.append(f"{response.status_code}: {path} from {origin}")
            elif response.status_code in {301, 302}:
                self._add(response.url, path)
            elif _has_links(path, response):
                for link in Links(response.content.decode()).found:
                    self._add(link, path)
            response.close()

    def _add(self, link: str, origin: str) -> None:
        url = urlsplit(urljoin(ORIGIN + origin, link))
        path = url._replace(scheme="", netloc="", fragment="").geturl()
        is_ours = f"{url.scheme}://{url.netloc}" == ORIGIN
        if not is_ours or url.path.startswith(STATIC) or path in self.seen:
            return
        kind = _kind(url.path, url.query)
        self._alike[kind] += 1
        if self._alike[kind] <= MOST_ALIKE:
            self.seen.add(path)
            self._ways.append((path, origin))


def _has_links(path: str, response: Any) -> bool:
    is_page = response.headers["Content-Type"].startswith("text/html")
    return is_page and not path.startswith(ADMIN)


def _kind(path: str, query: str) -> tuple[str, ...]:
    """What addresses of the same sort have in common."""
    return (_name(path), *sorted({name for name, _value in parse_qsl(query)}))


def _name(path: str) -> str:
    """The name of the pattern behind a path; where there is none, the path."""
    try:
        return resolve(path).view_name or path
    except Resolver404:
        return path


@pytest.mark.parametrize("who", PARTS)
def test_links__as_somebody__lead_somewhere_nobody_else_gets(
    hub: Hub, who: str
) -> None:
    crawl = Crawl(hub.client(who), "/")
    crawl.run()
    assert not crawl.faults, "\n".join(crawl.faults)
    reached = {_name(urlsplit(path).path) for path in crawl.seen}
    shown = [page for page, sees in cases() if sees == who and page.status == 200]
    listed = {page.url for page in shown if page.is_linked(who)}
    assert listed - reached == set(), "no link leads there"
    require_closed(hub.client(), crawl.seen)


def require_closed(nobody: Client, paths: Iterable[str]) -> None:
    """What is not for everybody asks whoever comes to sign in."""
    for path in paths:
        response: Any = nobody.get(path)
        if response.status_code != 200:
            assert response.status_code == 302, path
            assert response.url.startswith(resolve_url(settings.LOGIN_URL)), path
        response.close()


def test_links__as_nobody__lead_somewhere(hub: Hub) -> None:
    crawl = Crawl(hub.client(), "/")
    crawl.run()
    assert not crawl.faults, "\n".join(crawl.faults)
    assert resolve_url(settings.LOGIN_URL) in {urlsplit(at).path for at in crawl.seen}
