"""The host's desk: rules that approve requests at once, tried before they hold."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from booking.selectors.approving import Trial, rules_of, terms_of
from booking.services.approval_rules import (
    approval_rule_add,
    approval_rule_remove,
    approval_rule_try,
)
from booking.web.deciding_words import rule_text
from booking.web.desk_page import desk_context, managed
from booking.web.forms.approval_rules import ApprovalRuleForm
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden, Missing
from labs.models import Resource, User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the rules, try a new one on the last 90 days, and add it."""
    shown, actor = managed(request, slug), actor_of(request)
    sent = request.POST if request.method == "POST" else None
    form, trial = ApprovalRuleForm(sent), None
    if form.is_valid():
        trial = _taken(actor, shown, form, add=request.POST.get("do") == "add")
        if trial is None and form.is_valid():
            messages.success(request, _("The rule holds from now on."))
            return redirect("desk-approval", slug)
    context = desk_context(shown) | {
        "form": form,
        "failed": form,
        "trial": trial,
        "rows": _rows(shown),
    }
    return render(request, "booking/desk_approval.html", context, status=form.status)


@login_required
@require_POST
def rule_remove(request: HttpRequest, slug: str, rule: int) -> HttpResponse:
    """Drop a rule; what it approved stays approved."""
    approval_rule_remove(actor=actor_of(request), resource_slug=slug, rule_id=rule)
    messages.success(request, _("Removed. What it approved stays approved."))
    return redirect("desk-approval", slug)


def _taken(
    actor: User, shown: Resource, form: ApprovalRuleForm, *, add: bool
) -> Trial | None:
    """Add the rule or try it; or let the form say why not."""
    given: dict[str, Any] = {"actor": actor, "resource_slug": shown.slug}
    given |= form.values()
    try:
        if add:
            approval_rule_add(**given)
            return None
        return approval_rule_try(**given)
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return None


def _rows(shown: Resource) -> list[dict[str, Any]]:
    return [
        {
            "rule": rule,
            "text": rule_text(
                terms_of(rule).as_dict(),
                {each.pk: each.local_name for each in rule.organisations.all()},
            ),
        }
        for rule in rules_of(shown)
    ]
