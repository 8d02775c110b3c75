"""What the environment says; every variable that Atrium reads is named here."""

from __future__ import annotations

import os
import secrets
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from config import embedded

env = environ.Env()

HOME = embedded.home()
DEBUG = env.bool("DEBUG", default=False)
PORT = env.int("PORT", default=8000)
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
HOST = urlsplit(BASE_URL).hostname or "localhost"
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[HOST] if HTTPS else [HOST, "localhost", "127.0.0.1"]
)
DATABASE_URL = env.str("DATABASE_URL", default="") or embedded.database_url(HOME)
DATABASE_POOL = env.int("DATABASE_POOL", default=8)
DATABASE_PREPARE = env.bool("DATABASE_PREPARE", default=True)
REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url(HOME)
EMAIL = env.email_url("EMAIL_URL", default="smtp://localhost:25")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Atrium <atrium@{HOST}>")
BOUNCE_SECRET = env.str("BOUNCE_SECRET", default="")
API_RATE = env.str("API_RATE", default="1200/min")
SIGN_IN_RATE = env.str("SIGN_IN_RATE", default="10/min")
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=True)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
OUTBOUND_ALLOW = env.list("OUTBOUND_ALLOW", default=[])
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
HUB_TIME_ZONE = env.str("HUB_TIME_ZONE", default="Europe/Sofia")


def database() -> dict[str, Any]:
    """Return Django's settings for DATABASE_URL, which is any libpq address."""
    given = conninfo_to_dict(DATABASE_URL)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password"}
    settings = {ours: given.pop(theirs, "") for ours, theirs in names.items()}
    settings |= {"HOST": given.pop("host", ""), "PORT": str(given.pop("port", ""))}
    pool = {"pool": {"min_size": 1, "max_size": DATABASE_POOL}} if DATABASE_POOL else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **settings,
        # At once, as only what is worth it is run so: see config.prepared.
        "OPTIONS": {
            **given,
            **pool,
            "prepare_threshold": 0 if DATABASE_PREPARE else None,
        },
        # PgBouncer in transaction mode keeps no cursor between transactions.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def broker_url() -> str:
    """Return REDIS_URL as Celery spells it."""
    return REDIS_URL.replace("unix://", "redis+socket://", 1)


def sign_in_limits() -> dict[str, str] | bool:
    """Return SIGN_IN_RATE, such as 10/min, as allauth spells it; False for no limits.

    `login_failed` is per e-mail and address (see labs.web.adapter), for second factors
    too: in an hour five times the rate, or six digits could be tried all day. `login`
    is per address alone: a company has one for all its people.
    """
    if not SIGN_IN_RATE:
        return False
    number, _slash, period = SIGN_IN_RATE.partition("/")
    unit = period[0]
    return {
        "login_failed": f"{number}/{unit}/key,{5 * int(number)}/h/key",
        "login": f"{10 * int(number)}/{unit}/ip",
    }


def oidc_providers() -> dict[str, Any]:
    """Return the organisation's own sign-in by OpenID Connect, where one is named."""
    if not OIDC_SERVER_URL:
        return {}
    app = {
        "provider_id": "oidc",
        "name": env.str("OIDC_NAME", default="OpenID Connect"),
        "client_id": env.str("OIDC_CLIENT_ID"),
        "secret": env.str("OIDC_CLIENT_SECRET"),
        "settings": {"server_url": OIDC_SERVER_URL},
    }
    # The operator chose it, so its word about an e-mail is good.
    return {"openid_connect": {"APPS": [app], "EMAIL_AUTHENTICATION": True}}


def oidc_origin() -> list[str]:
    """Return where the browser is sent to sign in elsewhere, for the policy."""
    parts = urlsplit(OIDC_SERVER_URL)
    return [f"{parts.scheme}://{parts.netloc}"] if OIDC_SERVER_URL else []


def secret_key() -> str:
    """Return SECRET_KEY, or on a single machine one made once and kept in var/."""
    if given := env.str("SECRET_KEY", default=""):
        return str(given)
    if HTTPS:
        raise ImproperlyConfigured("SECRET_KEY must be set where BASE_URL is https.")
    HOME.mkdir(parents=True, exist_ok=True)
    path = HOME / "secret_key"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := secrets.token_urlsafe(50))
    return key
