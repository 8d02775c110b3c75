"""RFC 9457 problem details: the one error body of the API."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler as drf_exception_handler

from config.errors import DomainError, Invalid, Missing, from_integrity_error

CONTENT_TYPE = "application/problem+json"
#: DRF's codes that have a plainer name here.
CODES = {"error": "invalid", "parse_error": "malformed"}
#: Where DRF's own title would be a text with gaps to fill in.
TITLES = {405: gettext_lazy("Not possible here"), 415: gettext_lazy("Unknown format")}


def problem(error: DomainError) -> dict[str, Any]:
    """Return the body for a refusal: type, title, status, detail, code and extras."""
    return {
        **error.extra,
        "type": f"urn:atrium:problem:{error.code}",
        "title": str(error.title),
        "status": error.status,
        "detail": str(error.detail),
        "code": error.code,
    }


def problem_response(error: DomainError) -> JsonResponse:
    """Return the body as a plain Django response, for errors outside of DRF."""
    response = JsonResponse(problem(error), status=error.status)
    response["Content-Type"] = CONTENT_TYPE
    return response


def _flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Return DRF's nested error detail as {"weekly.0.from": ["…"]}."""
    if isinstance(detail, dict):
        pairs: list[tuple[Any, Any]] = list(detail.items())
    elif isinstance(detail, list) and any(isinstance(d, dict | list) for d in detail):
        pairs = list(enumerate(detail))
    else:
        texts = detail if isinstance(detail, list) else [detail]
        return {prefix or "non_field_errors": [str(text) for text in texts]}
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        if value:
            inside = prefix and key != api_settings.NON_FIELD_ERRORS_KEY
            path = f"{prefix}.{key}" if inside else prefix or str(key)
            found |= _flatten(value, path)
    return found


def _from_api_exception(error: exceptions.APIException) -> DomainError:
    if isinstance(error, exceptions.ValidationError):
        return Invalid(_flatten(error.detail))
    code = error.get_codes()
    known = DomainError(
        str(error.detail), code=CODES.get(str(code), str(code)) if code else None
    )
    known.status = error.status_code
    known.title = TITLES.get(error.status_code, str(error.default_detail))
    return known


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn whatever a view raised into a problem; None lets a true fault be a 500."""
    known: DomainError | None = None
    headers: dict[str, str] = {}
    if isinstance(error, DomainError):
        known = error
    elif isinstance(error, IntegrityError):
        known = from_integrity_error(error)
    elif isinstance(error, Http404):
        known = Missing()
    elif isinstance(error, SuspiciousOperation):
        known = Invalid({}, detail=_("This request has too many parts."))
    elif isinstance(error, PermissionDenied):
        return exception_handler(exceptions.PermissionDenied(), context)
    elif isinstance(error, exceptions.APIException):
        known = _from_api_exception(error)
        given = drf_exception_handler(error, context)
        headers = {
            name: given.headers[name]
            for name in ("WWW-Authenticate", "Retry-After")
            if given is not None and name in given.headers
        }
    if known is None:
        return None
    if known.status == 503:
        headers["Retry-After"] = "1"
    return Response(
        problem(known), known.status, headers=headers, content_type=CONTENT_TYPE
    )


def server_error(request: HttpRequest) -> JsonResponse:
    """Answer a fault of ours; what happened is in the log, not in the body."""
    fault = DomainError(
        _("Something went wrong here. Nothing was changed."), code="server_error"
    )
    fault.status, fault.title = 500, _("Server error")
    return problem_response(fault)
