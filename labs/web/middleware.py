from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from config.errors import Forbidden
from config.problems import problem_response

Handler = Callable[[HttpRequest], HttpResponse]

#: What one needs to set a second factor up, or to leave. `mfa_…` are all open.
OPEN = frozenset(
    {
        "sign-out",
        "account_logout",
        "account_reauthenticate",
        "account_email",
        "account_email_verification_sent",
        "account_set_password",
        "account_change_password",
        "language",
        "live",
        "ready",
    }
)


class SecondFactorMiddleware:
    """Leads hub staff to set up a second factor before they can use anything else.

    `settings.STAFF_SECOND_FACTOR` says whether. A program's token is a factor that was
    handed out to somebody who had signed in; it does not come by here.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, *_args: object, **_options: object
    ) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        name = (match and match.url_name) or ""
        if (
            not settings.STAFF_SECOND_FACTOR
            or not user.is_authenticated
            or not (user.is_hub_staff or user.is_superuser)
            or name.startswith("mfa_")
            or name in OPEN
            or is_mfa_enabled(user)
        ):
            return None
        text = _("Hub staff sign in with a second factor. Set one up to go on.")
        if request.path.startswith("/api/"):
            return problem_response(Forbidden(text, code="second_factor_required"))
        messages.warning(request, text)
        return redirect("mfa_index")
