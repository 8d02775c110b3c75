from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import embedded
from config.embedded.place import Place
from config.embedded.processes import lock
from tests.config.conftest import processes_of, query, queue, remove, wait_until

REPOSITORY = Path(embedded.__file__).parents[2]

# Starts the servers, says so, waits for a line, stops them.
HOLD = """
import sys
from pathlib import Path
from config import embedded
with embedded.servers(Path(sys.argv[1]), fast=True):
    print("ready", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(scope="module")
def old_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with data, for those who would start from it: making it takes a second."""
    folder = tmp_path_factory.mktemp("old") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("REDIS_URL", raising=False)
        with embedded.servers(folder, fast=True):
            query(folder, "CREATE TABLE kept AS SELECT 7 AS n")
            queue(folder).set("kept", "7")
    yield folder
    remove(folder)


def hold(home: Path) -> subprocess.Popen[str]:
    """Return another process in which the servers are up."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def is_free(base: Path) -> bool:
    """Tell whether a new PostgreSQL may be started."""
    held = lock(base, "pg")
    if held:
        held.close()
    return held is not None


def test_servers__restarted__keep_their_data(old_home: Path) -> None:
    assert not processes_of(old_home)
    with embedded.servers(old_home, fast=True):
        assert query(old_home, "SELECT n FROM kept") == 7
        assert queue(old_home).get("kept") == b"7"


def test_servers__running__are_ours_alone(old_home: Path) -> None:
    with embedded.servers(old_home, fast=True):
        assert (
            query(old_home, "SELECT current_user || current_database()") == "atrium" * 2
        )
        assert query(old_home, "SHOW listen_addresses") == ""
        assert query(old_home, "SHOW timezone") == "UTC"
        assert query(old_home, "SHOW fsync") == "off"
        assert queue(old_home).config_get("port") == {"port": "0"}
        assert queue(old_home).config_get("maxmemory-policy") == {
            "maxmemory-policy": "noeviction"
        }
        assert Place.of(old_home).sockets.stat().st_mode & 0o777 == 0o700


def test_servers__lasting_data__is_flushed_to_disk(old_home: Path) -> None:
    with embedded.servers(old_home):
        assert query(old_home, "SHOW fsync") == "on"
        assert query(old_home, "SHOW synchronous_commit") == "on"
        assert queue(old_home).config_get("appendonly") == {"appendonly": "yes"}


def test_servers__run_by_another_process__are_shared(old_home: Path) -> None:
    with embedded.servers(old_home, fast=True):
        began = query(old_home, "SELECT pg_postmaster_start_time()")
        other = hold(old_home)
        other.communicate("stop\n", timeout=10)
        assert other.returncode == 0
        assert query(old_home, "SELECT pg_postmaster_start_time()") == began
        assert queue(old_home).ping()


def test_servers__starter_killed__end_and_recover(old_home: Path) -> None:
    starter = hold(old_home)
    query(old_home, "CREATE TABLE fresh AS SELECT 8 AS n")
    assert processes_of(old_home)
    starter.kill()
    starter.communicate()
    # At once: the old servers may still be ending, the new ones wait for that.
    with embedded.servers(old_home, fast=True):
        assert query(old_home, "SELECT n FROM fresh") == 8
    assert wait_until(lambda: not processes_of(old_home))


def test_servers__starter_killed__nothing_lives_on(old_home: Path) -> None:
    starter = hold(old_home)
    starter.kill()
    starter.communicate()
    assert wait_until(lambda: not processes_of(old_home)), processes_of(old_home)


def test_servers__starter_killed__locked_until_the_last_process_ends(
    old_home: Path,
) -> None:
    starter = hold(old_home)
    base = Place.of(old_home).base
    pid = int((base / "pg" / "postmaster.pid").read_text().split("\n")[0])
    os.kill(pid, signal.SIGSTOP)
    try:
        starter.kill()
        starter.communicate()
        assert not is_free(base)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert wait_until(lambda: is_free(base))
    assert wait_until(lambda: not processes_of(old_home))


def test_servers__pid_given_to_another_process__start(old_home: Path) -> None:
    with embedded.servers(old_home, fast=True):
        place = Place.of(old_home)
    # As after a power cut: the pid file is left, its number is another process's.
    with subprocess.Popen(["sleep", "60"], cwd="/", **place.credentials()) as other:
        for file in (
            place.base / "pg" / "postmaster.pid",
            place.sockets / ".s.PGSQL.5432.lock",
        ):
            file.write_text(f"{other.pid}\n{place.base / 'pg'}\n")
        try:
            with embedded.servers(old_home, fast=True):
                assert query(old_home, "SELECT 1") == 1
        finally:
            other.kill()


def test_servers__one_dies__is_named(old_home: Path) -> None:
    with embedded.servers(old_home, fast=True) as running:
        assert running.ended() is None
        os.kill(int(queue(old_home).info("server")["process_id"]), signal.SIGKILL)
        assert wait_until(lambda: running.ended() == "valkey")


def test_servers__path_too_long_for_a_socket__start(home: Path) -> None:
    long = home / ("long" * 40)
    with embedded.servers(long, fast=True):
        assert query(long, "SELECT 1") == 1
        assert queue(long).ping()
        assert len(str(Place.of(long).sockets)) < 107 - len("/.s.PGSQL.5432")
    remove(long)


def test_servers__comma_in_the_path__start(home: Path) -> None:
    odd = home.parent / "one, two ü?%"
    with embedded.servers(odd, fast=True):
        assert query(odd, "SELECT 1") == 1
        assert queue(odd).ping()
    remove(odd)


def test_servers__addresses_given__none_is_started(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/atrium")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with embedded.servers(home):
        assert not home.exists()


def test_servers__one_address_given__only_the_other_is_started(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/atrium")
    with embedded.servers(home, fast=True):
        assert queue(home).ping()
        with pytest.raises(psycopg.OperationalError):
            query(home, "SELECT 1")


def test_servers__home_removed__begin_anew(home: Path) -> None:
    with embedded.servers(home, fast=True):
        query(home, "CREATE TABLE kept AS SELECT 7 AS n")
    base = Place.of(home).base
    shutil.rmtree(home)
    with embedded.servers(home, fast=True):
        assert query(home, "SELECT to_regclass('kept')") is None
    assert (base / "pg.old").exists() == (base != home)


def test_servers__data_of_another_version__cannot_start(home: Path) -> None:
    with embedded.servers(home, fast=True):
        version = Place.of(home).base / "pg" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(embedded.CannotStart, match="made by PostgreSQL 17, this is 18"):
        embedded.Servers(home).start()
    assert not processes_of(home)


def test_servers__broken_data__cannot_start_and_say_where_to_look(home: Path) -> None:
    with embedded.servers(home, fast=True):
        control = Place.of(home).base / "pg" / "global" / "pg_control"
    control.unlink()
    with pytest.raises(embedded.CannotStart, match=r"^PostgreSQL did not start: .*log"):
        embedded.Servers(home).start()
    assert not processes_of(home)


def test_redis_url__any_home__fits_a_socket(home: Path) -> None:
    path = embedded.redis_url(home).removeprefix("unix://")
    with socket.socket(socket.AF_UNIX) as probe, pytest.raises(FileNotFoundError):
        probe.connect(path)
