"""Drawing a site's floors: a row a room, and what it looks like at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.web.drawing import Drawing, drawing_of
from booking.web.forms.plan import PlanForm, RoomForm, places_of, rooms_form
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden, Missing
from config.pages import render_part
from labs.models import FloorPlan, Resource, Room, Site, User
from labs.services.plans import (
    Floor,
    plan_faults,
    plan_remove,
    plan_save,
    rooms_of_others,
    site_to_draw,
)

#: What a new floor is until somebody has measured it.
FIRST_METRES = (Decimal(40), Decimal(20))


@dataclass
class Draft:
    """A floor on the drawing board."""

    actor: User
    site: Site
    plan: FloorPlan
    form: PlanForm
    rooms: BaseFormSet[RoomForm]
    others: list[Room]
    resources: QuerySet[Resource]

    def is_valid(self) -> bool:
        return self.form.is_valid() and self.rooms.is_valid()

    @property
    def floor(self) -> Floor:
        given: Any = self.form.cleaned_data
        floor: Floor = given
        return floor

    def save(self) -> bool:
        """Save it, or say in the form why not."""
        try:
            plan_save(
                actor=self.actor,
                site_slug=self.site.slug,
                plan_id=self.plan.pk,
                floor=self.floor,
                rooms=places_of(self.rooms),
            )
        except (Missing, Forbidden):
            raise
        except DomainError as refusal:
            self.form.refuse(refusal)
            return False
        return True

    def drawing(self) -> tuple[Drawing | None, list[str]]:
        """Return it as it is typed, and what is wrong with where the rooms lie."""
        if not self.form.is_bound:
            return drawing_of(self.plan, self._as_saved(), {}), []
        if not (self.form.is_valid() or self.form.refusal) or not self.rooms.is_valid():
            return None, []
        plan = FloorPlan(pk=self.plan.pk, site=self.site, **self.floor)
        by_slug = {each.slug: each for each in self.resources}
        drawn = [
            Room(plan=plan, resource=by_slug[slug], **place._asdict())
            for slug, place in places_of(self.rooms).items()
        ]
        rooms = [*self.others, *drawn]
        faults = plan_faults(plan, rooms).get("rooms", [])
        return drawing_of(plan, _largest_first(rooms), {}), faults

    def _as_saved(self) -> list[Room]:
        if not self.plan.pk:
            return []
        mine = Resource.objects.manageable_by(self.actor)
        own = self.plan.rooms.filter(resource__in=mine).select_related("resource")
        return _largest_first([*self.others, *own])


def _largest_first(rooms: list[Room]) -> list[Room]:
    return sorted(rooms, key=lambda room: room.width * room.height, reverse=True)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Draw a floor of the site: see it, save it or take it away."""
    actor = actor_of(request)
    site = site_to_draw(actor, slug)
    draft = _draft(request, actor, site)
    do = request.POST.get("do")
    if do == "remove" and draft.plan.pk:
        plan_remove(actor=actor, site_slug=slug, plan_id=draft.plan.pk)
        messages.success(request, _("The floor plan is removed."))
        return redirect("site", slug)
    if do == "save" and draft.is_valid() and draft.save():
        messages.success(request, _("Saved."))
        return redirect("site", slug)
    return _shown(request, draft, is_refused=do == "save")


def _draft(request: HttpRequest, actor: User, site: Site) -> Draft:
    plan = _chosen(request, site)
    resources = Resource.objects.manageable_by(actor).filter(site=site)
    resources = resources.exclude(listing=Resource.Listing.ARCHIVED)
    posted = request.POST if request.method == "POST" else None
    own: list[Room] = []
    if plan.pk:
        rows = plan.rooms.filter(resource__in=resources)
        own = list(rows.select_related("resource"))
    return Draft(
        actor,
        site,
        plan,
        PlanForm.of(plan, posted),
        rooms_form(own, resources, posted),
        rooms_of_others(actor, plan),
        resources,
    )


def _chosen(request: HttpRequest, site: Site) -> FloorPlan:
    """Return the floor that the address names: the lowest, or a new one."""
    floors = list(site.plans.all())
    wanted = request.GET.get("floor", "")
    found = [each for each in floors if str(each.pk) == wanted]
    if not found and not wanted:
        found = floors
    if not found and wanted not in {"", "new"}:
        raise Missing
    width, height = FIRST_METRES
    return found[0] if found else FloorPlan(site=site, width=width, height=height)


def _shown(request: HttpRequest, draft: Draft, *, is_refused: bool) -> HttpResponse:
    drawing, faults = draft.drawing()
    rows = [(form, list(form.errors.values())) for form in draft.rooms.forms]
    is_wrong = is_refused and bool(draft.form.errors or not draft.rooms.is_valid())
    context = {
        "site": draft.site,
        "floors": draft.site.plans.all(),
        "plan": draft.plan,
        "form": draft.form,
        "rooms": draft.rooms,
        "rows": rows,
        "others": draft.others,
        "drawing": drawing,
        "faults": [] if draft.form.refusal else faults,
    }
    status = (draft.form.status if draft.form.refusal else 400) if is_wrong else 200
    return render_part(
        request, "booking/site_plan.html", "drawing", context, status=status
    )
