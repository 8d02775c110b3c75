"""The second step of staff who may go against a rule: what it would override."""

from __future__ import annotations

from typing import Any

from booking.exceptions import RuleViolation
from booking.rules import BY_CODE, Rule, Violation
from booking.web.forms.base import PageForm
from labs.models import User


def overridable(actor: User, form: PageForm) -> list[Violation] | list[Rule]:
    """Return what the form that was refused may be sent against, each by its code.

    Nothing where one of the rules is firm: overriding the others would not help.
    """
    if not actor.is_hub_staff:
        return []
    if isinstance(form.refusal, RuleViolation):
        failed = form.refusal.violations
        return failed if all(each.overridable for each in failed) else []
    if form.refusal is not None and "override_reason" in form.refusal.extra.get(
        "fields", {}
    ):
        return [BY_CODE[code] for code in overriding(form)["overrides"]]
    return []


def overriding(form: PageForm) -> dict[str, Any]:
    """Return what the service takes where the second step was sent, else nothing."""
    if "nevertheless" not in form.data:
        return {}
    data: Any = form.data
    return {
        "overrides": data.getlist("overrides"),
        "override_reason": data.get("override_reason", "")[:500],
    }
