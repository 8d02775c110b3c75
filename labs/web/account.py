"""A person's own page: who they are, how they sign in, their tokens."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from config import clock
from config.errors import DomainError
from config.forms import PageForm
from labs.models import User
from labs.services.people import person_update
from labs.services.tokens import token_issue, token_revoke
from labs.web.forms.account import PersonForm, TokenForm
from labs.web.requests import actor_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show it, and change what one says of oneself."""
    actor = actor_of(request)
    form = PersonForm.of(actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person_update(actor=actor, **form.cleaned_data)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("account")
    return _page(request, person=form)


@login_required
@require_POST
@never_cache
def token_new(request: HttpRequest) -> HttpResponse:
    """Issue a token and show it, this once."""
    form, secret = TokenForm(request.POST), ""
    if form.is_valid():
        try:
            email = actor_of(request).email
            _token, secret = token_issue(email=email, **form.values())
        except DomainError as refusal:
            form.refuse(refusal)
    if secret:
        return _page(request, secret=secret)
    return _page(request, token=form)


@login_required
@require_POST
def token_end(request: HttpRequest, token: int) -> HttpResponse:
    token_revoke(actor=actor_of(request), token_id=token)
    messages.success(request, _("The token is ended; no program can use it any more."))
    return redirect("account")


def _page(request: HttpRequest, secret: str = "", **sent: PageForm) -> HttpResponse:
    actor = actor_of(request)
    # As it is kept: a name that was refused must not show in the menu.
    kept = User.objects.get(pk=actor.pk)
    for field in PersonForm.base_fields:
        setattr(actor, field, getattr(kept, field))
    forms: dict[str, PageForm] = {
        "person": PersonForm.of(kept),
        "token": TokenForm(),
        **sent,
    }
    context: dict[str, Any] = {
        "forms": forms,
        "failed": next((form for form in sent.values() if form.errors), None),
        "secret": secret,
        "tokens": actor.tokens.order_by("created_at", "pk"),
        "now": clock.now(),
        "factors": set(
            Authenticator.objects.filter(user=actor).values_list("type", flat=True)
        ),
        "staff_without": _staff_without(actor),
        "has_providers": bool(settings.SOCIALACCOUNT_PROVIDERS),
    }
    status = max(form.status for form in forms.values())
    return render(request, "labs/account.html", context, status=status)


def _staff_without(actor: User) -> bool:
    """Whether this is hub staff who would need a second factor elsewhere."""
    return actor.is_hub_staff and not settings.STAFF_SECOND_FACTOR
