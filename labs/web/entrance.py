"""Signing in, up and out: allauth's views, with our answers."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, LogoutView, SignupView
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from config.errors import Missing
from labs.models import Invitation
from labs.services.invitations import invitation_of

#: Where the link of an invitation is kept while its holder signs up.
INVITATION = "invitation"


def invitation_at_hand(request: HttpRequest) -> Invitation | None:
    """Return the invitation by which this browser came, while it has its force."""
    try:
        invitation = invitation_of(request.session.get(INVITATION, ""))
    except Missing:
        return None
    return invitation if invitation.is_open else None


class SignIn(LoginView):  # type: ignore[misc]
    def get_context_data(self, **options: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**options)
        return context | {"second_factor_required": settings.STAFF_SECOND_FACTOR}

    def form_invalid(self, form: Any) -> HttpResponse:
        errors = form.non_field_errors().as_data()
        limited = any(error.code == "too_many_login_attempts" for error in errors)
        context = self.get_context_data(form=form)
        status = 429 if limited else 400
        response: HttpResponse = self.render_to_response(context, status=status)
        return response


class SignUp(SignupView):  # type: ignore[misc]
    def get_form_kwargs(self) -> dict[str, Any]:
        invitation = invitation_at_hand(self.request)
        options: dict[str, Any] = super().get_form_kwargs()
        options["invitation"] = invitation
        if invitation is not None:
            options["initial"].setdefault("email", invitation.email)
        return options

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        invitation = invitation_at_hand(self.request)
        context: dict[str, Any] = super().get_context_data(**options)
        return context | {"invitation": invitation}

    def form_invalid(self, form: Any) -> HttpResponse:
        context = self.get_context_data(form=form)
        response: HttpResponse = self.render_to_response(context, status=400)
        return response


class SignOut(LogoutView):  # type: ignore[misc]
    """By POST, as it changes something; a plain visit goes to the sign-in page."""

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        return redirect("sign-in")
