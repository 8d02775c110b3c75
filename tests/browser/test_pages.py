from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver, get_resolver

from tests.browser.hub import NOBODY, Hub
from tests.browser.pages import NO_PAGES, PAGES, PARTS, Page, case_id, cases

OURS = ("labs.", "booking.", "notifications.", "config.", "allauth.")


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every pattern that is neither the API's nor the admin's."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            if each.namespace not in {"api", "admin"}:
                yield from patterns(each)
        elif isinstance(each, URLPattern):
            yield each


def is_ours(pattern: URLPattern) -> bool:
    view: Any = pattern.callback
    module = getattr(view, "view_class", view).__module__
    return pattern.name is not None and module.startswith(OURS)


def test_patterns__of_ours__are_listed_or_have_a_reason() -> None:
    ours = {each.name for each in patterns(get_resolver()) if is_ours(each)}
    listed = {page.url for page in PAGES if not page.url.startswith("/")}
    assert ours - listed - NO_PAGES.keys() == set(), (
        "add them to tests/browser/pages.py"
    )
    assert (listed | NO_PAGES.keys()) - ours == set(), "these are no more"
    assert listed & NO_PAGES.keys() == set()


def test_pages__names__are_given_once() -> None:
    names = [page.name for page in PAGES]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("page", "who"), cases(), ids=case_id)
def test_page__who_may_see_it__does(hub: Hub, page: Page, who: str) -> None:
    assert hub.client(who).get(page.path()).status_code == page.status


@pytest.mark.parametrize("page", PAGES, ids=case_id)
def test_page__anybody_else__is_refused(hub: Hub, page: Page) -> None:
    path = page.path()
    for who in {NOBODY, *PARTS} - {*page.who}:
        response: Any = hub.client(who).get(path)
        if NOBODY in page.who:
            # What is only for nobody sends others where they are at home.
            assert response.status_code == 302, who
        elif who == NOBODY:
            assert response.status_code == 302
            assert response.url.startswith(resolve_url(settings.LOGIN_URL))
        elif page.status == 200 and not page.query:
            assert response.status_code in {403, 404}, who
