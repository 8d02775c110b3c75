from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

pytest_plugins = ["tests.cast", "tests.answering"]


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    """Real PostgreSQL and Valkey for the whole run, unless given by address."""
    from config import embedded

    with embedded.servers(embedded.home(), fast=True):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None) -> None:
    """The servers must run before the test database is made."""


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure: nobody reads the skips."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
