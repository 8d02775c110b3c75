"""How a receiver knows that it was us, and that it is not an old letter sent again."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

#: Lets people and secret scanners see at a glance what leaked.
PREFIX = "atr_whs_"
SECRET_BYTES = 32


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def signature(body: bytes, known: Iterable[str], timestamp: int) -> str:
    """Return such as `t=1790000000,v1=5257a8…`, with one v1 for each secret.

    HMAC-SHA256 in hexadecimal over the timestamp, a full stop and the body.
    """
    signed = f"{timestamp}.".encode() + body
    made = (hmac.new(each.encode(), signed, hashlib.sha256) for each in known)
    return ",".join([f"t={timestamp}", *(f"v1={each.hexdigest()}" for each in made)])
