"""What one is qualified for, and what hosts and hub staff grant to whom."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from config.errors import DomainError, Forbidden, Missing
from config.forms import PageForm
from config.pages import attachment
from labs.models import Organisation, QualificationType
from labs.selectors.qualifications import (
    expiring_soon,
    grantable_by,
    proof_open,
    qualification_get,
    qualification_list,
    qualifications_of_types,
)
from labs.services.proofs import TYPES
from labs.services.qualifications import (
    qualification_grant,
    qualification_revoke,
    qualification_type_create,
    qualification_type_update,
)
from labs.web.forms.qualifications import GrantForm, TypeForm
from labs.web.organisations import attempt, managed
from labs.web.requests import actor_of, page_of, way_back

#: So many are named ahead of the whole list.
MOST_EXPIRING = 20


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List what one has, and had."""
    actor = actor_of(request)
    rows = qualification_list(user=actor).filter(person=actor)
    context = {"page": page_of(request, rows)}
    return render(request, "labs/my_qualifications.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def host(request: HttpRequest, slug: str) -> HttpResponse:
    """Show whom a host granted its own types, and grant more."""
    return _granting(request, managed(request, slug))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hub(request: HttpRequest) -> HttpResponse:
    """Show every type of the hub and of its hosts to hub staff."""
    if not actor_of(request).is_hub_staff:
        raise Forbidden(_("Only hub staff may do so."))
    return _granting(request, None)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one back with a reason; a refusal is told where one comes from."""
    actor, back = actor_of(request), way_back(request, "next", reverse("account"))
    reason = request.POST.get("reason", "").replace("\x00", "")
    try:
        qualification_revoke(actor=actor, qualification_id=pk, reason=reason)
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        fields = refusal.extra.get("fields", {})
        texts = [str(text) for each in fields.values() for text in each]
        messages.error(request, " ".join(texts) or str(refusal.detail))
    else:
        name = qualification_get(actor, pk).person.name
        messages.success(request, _("Revoked: %(name)s.") % {"name": name})
    return redirect(back)


@login_required
@require_safe
def proof(request: HttpRequest, pk: int) -> FileResponse:
    """Send the proof to who may see it, to be kept rather than shown."""
    found, file = proof_open(actor_of(request), pk)
    suffix = PurePath(str(found.proof.name)).suffix
    name = f"{found.type.slug}-{found.pk}{suffix}"
    return attachment(file, name, TYPES[suffix.removeprefix(".")])


def _granting(request: HttpRequest, of: Organisation | None) -> HttpResponse:
    """Show the page of a host, or of the hub, and do what was sent from it."""
    actor = actor_of(request)
    granted = grantable_by(actor)
    types = list(granted if of is None else granted.filter(organisation=of))
    sent = request.POST.get("deed", "") if request.method == "POST" else ""
    grant = GrantForm.of(types)
    new = TypeForm.of(None)
    edits = {each.slug: TypeForm.of(each) for each in types}
    failed: PageForm | None = None
    if sent == "grant":
        failed = grant = GrantForm.of(types, request.POST, request.FILES)
        done = attempt(
            grant, lambda: qualification_grant(actor=actor, **grant.values())
        )
        told = _("Granted.")
    elif sent == "new":
        failed = new = TypeForm.of(None, request.POST)
        owner = of.slug if of else ""
        done = attempt(
            new,
            lambda: qualification_type_create(
                actor=actor, organisation_slug=owner, **new.cleaned_data
            ),
        )
        told = _("Created. Now it can be granted, and resources can require it.")
    elif request.method == "POST":
        shown = _among(types, request.POST.get("type", ""))
        failed = edit = edits[shown.slug] = TypeForm.of(shown, request.POST)
        done = attempt(
            edit,
            lambda: qualification_type_update(
                actor=actor, slug=shown.slug, **edit.cleaned_data
            ),
        )
        told = _("Saved.")
    else:
        done, told = False, ""
    if done:
        messages.success(request, told)
        return redirect(request.path)
    rows = qualifications_of_types(actor, of)
    context: dict[str, Any] = {
        "organisation": of,
        "page": page_of(request, rows),
        "expiring": expiring_soon(rows)[:MOST_EXPIRING],
        "types": [(each, edits[each.slug]) for each in types],
        "grant": grant,
        "new": new,
        "failed": failed,
    }
    status = failed.status if failed else 200
    return render(request, "labs/qualifications.html", context, status=status)


def _among(types: list[QualificationType], slug: str) -> QualificationType:
    for each in types:
        if each.slug == slug:
            return each
    raise Missing
