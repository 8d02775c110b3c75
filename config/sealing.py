"""Secrets that must be readable again, such as those that sign what we send.

Sealed with a key made of SECRET_KEY, so that who has a copy of the database alone has
none of them; SECRET_KEY_FALLBACKS still open what was sealed before the key changed.
"""

from __future__ import annotations

import base64
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotOpen(Exception):
    """It was sealed with a key that is known no more."""


def seal(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed; raise CannotOpen."""
    try:
        return _keys().decrypt(sealed).decode()
    except InvalidToken as error:
        raise CannotOpen from error


def _keys() -> MultiFernet:
    known: list[Any] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(each)) for each in known])


def _key(secret_key: str) -> bytes:
    # Its own purpose, so that nothing signed by Django is ever a key of ours.
    derive = HKDF(SHA256(), length=32, salt=None, info=b"atrium sealing")
    return base64.urlsafe_b64encode(derive.derive(secret_key.encode()))
