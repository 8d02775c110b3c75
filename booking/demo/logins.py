"""Hands out the sign-ins of the example hub's four people, in a file of the owner's."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import TypedDict

from django.db.models import Q

from booking.demo import data
from config import clock
from labs.models import ApiToken, User
from labs.services.tokens import token_issue

TOKEN_NAME = "demo"  # noqa: S105 - a name, not a secret
#: Letters and digits that are not mistaken for one another when typed from a screen.
ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
#: 12 of 30 characters: 59 bits, in blocks that the eye can hold.
BLOCKS, BLOCK_LENGTH = 3, 4


class Login(TypedDict):
    email: str
    name: str
    password: str
    token: str


Logins = dict[str, Login]


def demo_people() -> dict[str, User]:
    """Return the four people by the part they play; none, if this is another hub."""
    emails = data.demo_emails()
    found = User.objects.filter(email__in=emails.values())
    users = {user.email: user for user in found}
    if len(users) < len(emails):
        return {}
    return {part: users[email] for part, email in emails.items()}


def logins_update(path: Path, address: str) -> bool:
    """Write address and sign-ins; return whether there are any: not in another hub.

    Secrets that still work are kept; else everybody gets a new password and token.
    """
    people = demo_people()
    logins = logins_read(path)
    if people and not logins_work(logins, people):
        logins = {part: _login(user) for part, user in people.items()}
    _write_privately(path, {"address": address, "users": logins if people else {}})
    return bool(people)


def logins_read(path: Path) -> Logins:
    """Return the sign-ins in the file; none, where it is missing or not ours."""
    try:
        users = json.loads(path.read_text("utf-8"))["users"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}
    complete = isinstance(users, dict) and all(
        isinstance(login, dict) and login.keys() == Login.__annotations__.keys()
        for login in users.values()
    )
    return users if complete else {}


def logins_work(logins: Logins, people: dict[str, User]) -> bool:
    """Tell whether each token is still its person's; one query."""
    hashes = {
        part: ApiToken.hash_of(str(login["token"])) for part, login in logins.items()
    }
    unexpired = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    known = ApiToken.objects.filter(unexpired, hash__in=hashes.values())
    owners = dict(known.values_list("hash", "user_id"))
    return logins.keys() == people.keys() and all(
        owners.get(hashes[part]) == user.pk for part, user in people.items()
    )


def _login(user: User) -> Login:
    password = _password()
    user.set_password(password)
    user.save(update_fields=["password"])
    user.tokens.filter(name=TOKEN_NAME).delete()
    _token, secret = token_issue(email=user.email, name=TOKEN_NAME)
    return Login(email=user.email, name=user.name, password=password, token=secret)


def _password() -> str:
    blocks = (
        "".join(secrets.choice(ALPHABET) for _ in range(BLOCK_LENGTH))
        for _ in range(BLOCKS)
    )
    return "-".join(blocks)


def _write_privately(path: Path, content: dict[str, object]) -> None:
    """Replace the file at once, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(fresh, flags, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
        file.write("\n")
    fresh.replace(path)
