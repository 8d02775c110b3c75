"""What the API reads beside the body: If-Match, Idempotency-Key, preview."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from booking.services.reservation_import import IMPORT_PREFIX
from booking.services.reservations import Idempotency
from config.errors import Invalid

KEY_LIMIT = 255


def version_of(request: Request) -> int | None:
    """Return the version that If-Match names; None without one or for `*`."""
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"?(\d{1,9})"?', given)
    if found is None:
        text = _("If-Match takes the ETag of a reservation.")
        raise Invalid({"If-Match": [text]}, code="bad_if_match")
    return int(found[1])


def idempotency_of(request: Request) -> Idempotency | None:
    """Return the key and the hash of the body, whatever the order of its fields."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    shape = key.strip() and len(key) <= KEY_LIMIT and key.isprintable()
    # The import's keys are its own: taken by somebody they would make it skip a row.
    if not shape or key.startswith(IMPORT_PREFIX):
        text = _("Use 1 to 255 printable characters, not beginning with “import:”.")
        raise Invalid({"Idempotency-Key": [text]}, code="bad_idempotency_key")
    body = json.dumps(request.data, sort_keys=True, ensure_ascii=False, default=str)
    return Idempotency(key, hashlib.sha256(body.encode()).hexdigest())


def is_preview(request: Request) -> bool:
    return request.query_params.get("preview") in {"1", "true"}


def validated(serializer: Any) -> dict[str, Any]:
    """Return the checked input; raises 400 with every field that is wrong."""
    serializer.is_valid(raise_exception=True)
    given: dict[str, Any] = serializer.validated_data
    return given
