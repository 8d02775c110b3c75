"""Fixtures of the tests in a real browser; see the README, "Working on it".

`visit` opens pages of the example hub as somebody; whatever is written there is gone
when the test ends. `hub` is the same hub without a browser, only to be read.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from tests.browser.chromium import MISSING, chromium, launched
from tests.browser.hub import Hub, example_hub
from tests.browser.visits import Visits


@pytest.fixture(scope="package")
def loaded(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Hub]:
    with django_db_blocker.unblock(), example_hub() as hub:
        yield hub


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Not for the whole session: beside its event loop, others could not run theirs.
    path = chromium()
    if path is None:
        pytest.skip(MISSING)  # which fails the run in CI: see tests/conftest.py
    with launched(path) as browser:
        yield browser


@pytest.fixture(scope="package")
def address(loaded: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the example hub is served, by the production server."""
    log = tmp_path_factory.mktemp("browser") / "web.log"
    with loaded.served(log) as address:
        yield address


@pytest.fixture
def hub(loaded: Hub, django_db_blocker: DjangoDbBlocker) -> Iterator[Hub]:
    """The example hub, in which the ORM works while the test runs."""
    with django_db_blocker.unblock(), loaded.entered():
        yield loaded


@pytest.fixture
def visit(browser: Browser, address: str, hub: Hub) -> Iterator[Visits]:
    """Open pages as somebody; the test fails if one of them complains."""
    visits = Visits(browser, address, hub)
    yield visits
    try:
        visits.close()
    finally:
        hub.renew()
