from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from labs.models import ApiToken, User
from labs.selectors.tokens import token_bearer

if TYPE_CHECKING:
    # DRF's views import this module by the settings.
    from rest_framework.views import APIView


def signed_in(request: Request) -> User:
    """Return the person behind a request that the permissions let in."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer SECRET`; one query."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken.Scope] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        secret = words[1].decode("latin-1") if len(words) == 2 else ""
        found = token_bearer(secret)
        if found is None:
            raise AuthenticationFailed(
                _("This token is not known, or it has expired."), code="bad_token"
            )
        return found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Atrium"'


class TokenScopeAllows(BasePermission):
    """A read-only token reads."""

    message = _("This token is for reading only.")
    code = "read_only_token"

    def has_permission(self, request: Request, view: APIView) -> bool:
        reads_only = request.auth == ApiToken.Scope.READ
        return request.method in SAFE_METHODS or not reads_only
