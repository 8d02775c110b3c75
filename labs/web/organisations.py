"""One's organisations: their people, their invitations, what they say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from config.errors import DomainError, Forbidden, Missing
from config.forms import PageForm
from labs.models import Membership, Organisation, User
from labs.permissions import can_manage_organisation
from labs.selectors.organisations import (
    invitations_open,
    join_request_of,
    join_requests_pending,
    members_of,
    membership_list,
    organisation_list,
)
from labs.services.invitations import invitation_send, invitation_withdraw
from labs.services.joining import join_request_make, join_request_withdraw
from labs.services.memberships import membership_remove, membership_set_role
from labs.services.organisations import organisation_update
from labs.web.forms.joining import DeclineForm, InviteForm, JoinForm
from labs.web.forms.organisations import ProfileForm
from labs.web.requests import actor_of


@login_required
@require_safe
def my_organisations(request: HttpRequest) -> HttpResponse:
    """List where one is a member, and what one waits for."""
    actor = actor_of(request)
    context = {
        "memberships": membership_list(user=actor),
        "asked": join_request_of(actor),
    }
    return render(request, "labs/my_organisations.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Ask to join an organisation, or to bring a new one."""
    form = JoinForm(request.POST or None)
    if request.method == "POST" and attempt(
        form, lambda: join_request_make(actor=actor_of(request), **form.whither())
    ):
        messages.success(
            request, _("Your request is sent. We write when it is answered.")
        )
        return redirect("my-organisations")
    return render(request, "labs/join.html", {"form": form}, status=form.status)


@login_required
@require_POST
def join_withdraw(request: HttpRequest) -> HttpResponse:
    join_request_withdraw(actor=actor_of(request))
    messages.success(request, _("Your request is taken back."))
    return redirect("my-organisations")


@login_required
@require_safe
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all that a manager sees to."""
    return organisation_page(request, managed(request, slug))


@login_required
@require_POST
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    """Change what the organisation says of itself."""
    shown, actor = managed(request, slug), actor_of(request)
    form = ProfileForm.of(shown, actor, request.POST)
    if attempt(
        form,
        lambda: organisation_update(actor=actor, slug=slug, **form.cleaned_data),
    ):
        messages.success(request, _("Saved."))
        return redirect("my-organisation", slug)
    return organisation_page(request, managed(request, slug), profile=form)


@login_required
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    shown, form = managed(request, slug), InviteForm(request.POST)
    if attempt(
        form,
        lambda: invitation_send(
            actor=actor_of(request), slug=slug, **form.cleaned_data
        ),
    ):
        email = form.cleaned_data["email"]
        text = _("An invitation is on its way to %(email)s.") % {"email": email}
        messages.success(request, text)
        return redirect("my-organisation", slug)
    return organisation_page(request, shown, invite=form)


@login_required
@require_POST
def invitation_end(request: HttpRequest, slug: str, invitation: int) -> HttpResponse:
    invitation_withdraw(actor=actor_of(request), slug=slug, invitation_id=invitation)
    messages.success(request, _("The invitation is taken back; its link is dead."))
    return redirect("my-organisation", slug)


@login_required
@require_POST
def role(request: HttpRequest, slug: str, person: int) -> HttpResponse:
    """Make a member a manager or a booker."""
    changed = membership_set_role(
        actor=actor_of(request),
        slug=slug,
        user_id=person,
        role=request.POST.get("role", ""),
    )
    values = {"name": changed.user.name, "role": changed.get_role_display()}
    messages.success(request, _("%(name)s: %(role)s from now on.") % values)
    return back_to(request, slug)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, person: int) -> HttpResponse:
    """End somebody's membership, or one's own."""
    ended = membership_remove(actor=actor_of(request), slug=slug, user_id=person)
    values = {"name": ended.user.name}
    messages.success(request, _("%(name)s is no member any more.") % values)
    return back_to(request, slug)


def back_to(request: HttpRequest, slug: str) -> HttpResponse:
    """Return to the organisation's page, if one may still see it."""
    # Read anew: what was just changed may be one's own role.
    actor = User.objects.get(pk=actor_of(request).pk)
    found = organisation_list(user=actor).filter(slug=slug).first()
    if found is not None and can_manage_organisation(actor, found.pk):
        return redirect("my-organisation", slug)
    return redirect("my-organisations")


def attempt(form: PageForm, write: Callable[[], Any]) -> bool:
    """Tell whether the form was in order and the service took it; it says why not."""
    if not form.is_valid():
        return False
    try:
        write()
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    return True


def managed(request: HttpRequest, slug: str) -> Organisation:
    """Return what this person manages; raise Missing (404), Forbidden (403)."""
    actor = actor_of(request)
    found = organisation_list(user=actor).filter(slug=slug).first()
    if found is None:
        raise Missing
    if not can_manage_organisation(actor, found.pk):
        raise Forbidden(_("Only this organisation’s managers and hub staff may do so."))
    return found


def organisation_page(
    request: HttpRequest, shown: Organisation, **sent: PageForm
) -> HttpResponse:
    """Show the page, the form that was sent as it was sent."""
    actor = actor_of(request)
    forms: dict[str, PageForm] = {
        "profile": ProfileForm.of(shown, actor),
        "invite": InviteForm(),
        **sent,
    }
    waiting = join_requests_pending(user=actor).filter(organisation=shown)
    context = {
        "organisation": shown,
        "forms": forms,
        "failed": next((form for form in sent.values() if form.errors), None),
        "members": members_of(shown),
        "invitations": invitations_open(shown),
        "waiting": waiting,
        "decline": DeclineForm(),
        "roles": Membership.Role.choices,
    }
    status = max(form.status for form in forms.values())
    return render(request, "labs/organisation.html", context, status=status)
