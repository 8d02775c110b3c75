"""Settings of the tests: servers and data of their own below var/test."""

from __future__ import annotations

import os
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent / "var" / "test"
os.environ.setdefault("ATRIUM_VAR", str(HOME))
# Fifty threads want fifty connections, and each test closes its own.
os.environ.setdefault("DATABASE_POOL", "0")
os.environ.setdefault("API_RATE", "")
os.environ.setdefault("SIGN_IN_RATE", "1000/min")
os.environ.setdefault("STAFF_SECOND_FACTOR", "off")

from config.settings import *  # noqa: E402, F403 - everything, but for what follows

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_HOST = "127.0.0.1"
# WhiteNoise warns where there is no such folder, and warnings are errors.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 - of the settings above
