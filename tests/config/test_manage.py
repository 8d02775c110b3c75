from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.config.conftest import processes_of

REPOSITORY = Path(__file__).parents[2]

# The ones of the tests are in the environment.
SETTINGS = {"DJANGO_SETTINGS_MODULE": "config.settings"}


def manage(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **SETTINGS, "ATRIUM_VAR": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_manage__needs_data__runs_with_servers(home: Path) -> None:
    done = manage(home, "shell", "-v0", "-c", ASK)
    assert (done.returncode, done.stdout.strip()) == (0, "18 True")
    assert not processes_of(home)


ASK = """
from django.core.cache import cache
from django.db import connection
cache.set("a", 1)
print(connection.pg_version // 10000, cache.get("a") == 1)
"""


def test_manage__needs_no_data__starts_nothing(home: Path) -> None:
    done = manage(home, "check")
    assert done.returncode == 0, done.stderr
    assert not (home / "log").exists()


def test_manage__servers_cannot_start__one_line_and_status_1(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.mkdir()
    (home / "log").write_text("a file where a folder is needed")
    done = manage(home, "migrate", "--check")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"{home}/log" in done.stderr
