"""Where a home's servers keep their things, as whom they run, how to reach them."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config.embedded.errors import CannotStart
from config.embedded.processes import lock

REPOSITORY = Path(__file__).resolve().parents[2]
STATE = Path("/var/lib/atrium")
# 108 bytes on Linux and 104 on macOS, with the closing zero byte.
SOCKET_FOLDER_BYTES = 103 - len("/.s.PGSQL.5432")


def home() -> Path:
    """Return the folder for everything that is not source: ATRIUM_VAR or `var/`."""
    return Path(os.environ.get("ATRIUM_VAR") or REPOSITORY / "var").resolve()


def database_url(home: Path) -> str:
    """Return libpq's address of the database, whether or not it runs."""
    sockets = quote(str(Place.of(home).sockets), safe="")
    # The port too: otherwise PGPORT in somebody's environment would change it.
    return f"postgresql://atrium@/atrium?host={sockets}&port=5432"


def redis_url(home: Path) -> str:
    """Return Valkey's address, whether or not it runs."""
    return f"unix://{quote(str(Place.of(home).sockets / 'valkey.sock'))}"


@dataclass(frozen=True)
class Place:
    """Where the servers of one home keep their things, and as whom they run."""

    home: Path
    base: Path
    sockets: Path
    user: tuple[int, int] | None  # uid and gid; None: whoever we are

    @classmethod
    def of(cls, home: Path) -> Place:
        """Return the place for `home`: the same in every process of its life."""
        home = home.resolve()
        name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        if os.geteuid() != 0:
            # Safe although everybody may write to /tmp: see _trusted.
            short = Path(f"/tmp/atrium-{os.geteuid()}-{name}")  # noqa: S108
            return cls(home, home, _fitting(home / "s", short), None)
        # Made now, with a mode of ours: under a strict umask the answer below would
        # be another one once the folder exists.
        with suppress(OSError):  # the start will say so
            _folder(home, 0o755)
        base = _base(home, STATE / name)
        sockets = _fitting(base / "s", STATE / name / "s")
        return cls(home, base, sockets, _server_user(base))

    def credentials(self) -> dict[str, Any]:
        """Return the arguments by which subprocess starts a program as the user."""
        if self.user is None:
            return {}
        return {"user": self.user[0], "group": self.user[1], "extra_groups": []}

    def folder(self, path: Path) -> None:
        """Make a folder that only the servers' user may enter, if it is missing."""
        _folder(path, 0o700, self.user)

    def make(self) -> None:
        """Make the folders; raise CannotStart where one is somebody else's."""
        self.home.mkdir(parents=True, exist_ok=True)
        if STATE in self.sockets.parents:
            _trusted(STATE, 0o711)
            _trusted(self.sockets.parent, 0o711)
        elif self.home not in self.sockets.parents:
            _trusted(self.sockets, 0o700)
        self.folder(self.sockets)
        if self.base != self.home:
            _set_aside_leftovers(self.home / "elsewhere", self.base)


def _fitting(folder: Path, short: Path) -> Path:
    """Return `folder`, or `short` where libpq could not use it for a socket."""
    # A list of hosts is separated by commas.
    usable = len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES and "," not in str(folder)
    return folder if usable else short


def _base(home: Path, other: Path) -> Path:
    """Return where data is, or for a new home where it can be: a choice that stays."""
    link = home / "elsewhere"
    if (home / "pg").exists():
        return home
    if link.is_symlink() and link.readlink().parent == STATE:
        return link.readlink()
    return home if reachable(home, _server_user(home)) else other


def _server_user(base: Path) -> tuple[int, int]:
    """Return uid and gid to run under instead of root: the data's owner stays it."""
    with suppress(FileNotFoundError):
        owner = (base / "pg").stat()
        if owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise CannotStart(
        "PostgreSQL does not run as root, and there is no user postgres or nobody: "
        "start as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def reachable(path: Path, user: tuple[int, int]) -> bool:
    """Tell whether `user` may pass every folder down to `path`, and run or enter it."""
    uid, gid = user
    path = path.resolve()
    for step in (path, *path.parents):
        with suppress(FileNotFoundError):
            found = step.stat()
            shift = 6 if found.st_uid == uid else 3 if found.st_gid == gid else 0
            if not found.st_mode >> shift & 0o1:
                return False
    return True


def _folder(path: Path, mode: int, user: tuple[int, int] | None = None) -> None:
    """Make `path` if it is missing, with this mode whatever the umask says."""
    with suppress(FileExistsError):
        path.mkdir()
        path.chmod(mode)
        if user:
            os.chown(path, *user, follow_symlinks=False)


def _trusted(path: Path, mode: int) -> None:
    """Make `path`, or refuse one that somebody else may have laid out beforehand."""
    _folder(path, mode)
    found = path.lstat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o170022 != 0o040000:
        raise CannotStart(f"{path} is not a folder of ours alone: remove it.")


def _set_aside_leftovers(link: Path, base: Path) -> None:
    """Bind `base` to its home; data of a home removed since is kept once, as *.old."""
    if link.is_symlink():
        return
    for data in (base / "pg", base / "valkey"):
        held = lock(base, data.name)
        if held and data.exists():
            shutil.rmtree(f"{data}.old", ignore_errors=True)
            data.rename(f"{data}.old")
        if held:
            held.close()
    with suppress(FileExistsError):
        link.symlink_to(base)
