"""Refusals that a person or a program can act on; both doors show them alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class DomainError(Exception):
    """A refusal with a stable `code`, an HTTP `status` and a translated `detail`."""

    code = "refused"
    status = 409
    title: StrOrPromise = _("Refused")

    def __init__(
        self,
        detail: StrOrPromise,
        *,
        code: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.extra = dict(extra or {})


class Invalid(DomainError):
    """400: the shape is wrong; `fields` maps each field to its texts."""

    code = "invalid"
    status = 400
    title = _("Please check the input")

    def __init__(
        self,
        fields: Mapping[str, Sequence[StrOrPromise]],
        *,
        detail: StrOrPromise = _("Some of the values cannot be used."),
        code: str | None = None,
    ) -> None:
        super().__init__(detail, code=code, extra={"fields": dict(fields)})


class Forbidden(DomainError):
    """403: you may see it, but not do this."""

    code = "permission_denied"
    status = 403
    title = _("Not allowed")


class Missing(DomainError):
    """404: it does not exist, or not for you."""

    code = "not_found"
    status = 404
    title = _("Not found")

    def __init__(self, detail: StrOrPromise = _("There is nothing here.")) -> None:
        super().__init__(detail)


class Conflict(DomainError):
    """409: right in itself, but not as things are now."""

    code = "conflict"
    title = _("Not possible now")


class TooMany(DomainError):
    """429: enough of it for a while."""

    code = "too_many"
    status = 429
    title = _("Not so many")


def from_integrity_error(error: IntegrityError) -> DomainError | None:
    """Return the refusal for a database constraint of ours, found by its name.

    A constraint says its own code and text (`violation_error_code`, `…_message`).
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name and constraint.violation_error_code:
                return Conflict(
                    constraint.violation_error_message or "",
                    code=constraint.violation_error_code,
                )
    return None
