from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking.exceptions import IdempotencyKeyReused
from booking.ics.events import calendar_of
from booking.models import Kit, Reservation
from booking.models.reservation import MOVABLE
from booking.permissions import can_hand_over
from booking.selectors.facts import Wish
from booking.selectors.finding import broken_rules
from booking.selectors.kits import Piece, kit_parts, pieces_free, together_near
from booking.selectors.questions import with_questions
from booking.services.kits import MOST, kit_cancel, kit_move, kit_reserve
from booking.web.asking import askings_of
from booking.web.drafts import draft_take, login_required_keeping
from booking.web.forms.asking import Asking
from booking.web.forms.base import PageForm
from booking.web.forms.finding import FindForm
from booking.web.forms.kits import (
    KitCancelForm,
    KitForm,
    KitMoveForm,
    quantities_in,
)
from booking.web.forms.reserving import form_key, organisations_for
from booking.web.links import when_values
from booking.web.requests import actor_of
from config import clock
from config.errors import DomainError, Forbidden, Missing
from labs.models import Resource, User
from labs.selectors.resources import has_words, with_tag_text

NEW, PAGE = "booking/kit_new.html", "booking/kit.html"
#: What a search for another resource shows.
MOST_FOUND = 8
NOT_KEPT = {"csrfmiddlewaretoken", "add", "drop", "look", "key", "quantity"}


@login_required_keeping("kit-new")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Put several resources together and ask for all of them at once."""
    actor = actor_of(request)
    if request.method != "POST":
        composing = Composing(actor, draft_take(request) or request.GET)
        return render(request, NEW, composing.opened())
    if "send" not in request.POST:
        return redirect(f"{reverse('kit-new')}?{_changed(request)}", permanent=False)
    composing = Composing(actor, request.POST)
    form = composing.form(composing.taken_in(request))
    if form.is_valid() and (made := composing.reserved(form)):
        messages.success(request, _("Sent. Each host decides its part."))
        return redirect("kit", made.reference)
    return render(request, NEW, composing.refused(form), status=form.status)


def _changed(request: HttpRequest) -> str:
    """Return what was typed as a query, with one resource more or fewer."""
    typed = request.POST
    parts = typed.getlist("part") or request.GET.getlist("part")
    kept = [(name, text) for name, text in typed.items() if name not in NOT_KEPT]
    values = {name: text for name, text in kept if name != "part"}
    if "quantity" in typed and len(parts) == 1:
        values[f"quantity-{parts[0]}"] = typed["quantity"]
    if "add" in typed:
        parts = [*parts, typed["add"]]
        values.pop("q", None)
    chosen = [slug for slug in dict.fromkeys(parts) if slug != typed.get("drop")]
    return urlencode([*(("part", slug) for slug in chosen), *values.items()])


@dataclass
class Composing:
    """A kit that is being put together, as the address or the form says it."""

    actor: User
    typed: QueryDict

    @cached_property
    def resources(self) -> list[Resource]:
        slugs = list(dict.fromkeys(self.typed.getlist("part")))[:MOST]
        rows = Resource.objects.visible_to(self.actor).filter(slug__in=slugs)
        joined = rows.select_related("site", "organisation", "effective_policy")
        found = {each.slug: each for each in with_questions(joined)}
        if not found:
            raise Missing
        return [found[slug] for slug in slugs if slug in found]

    @cached_property
    def quantities(self) -> dict[str, int]:
        return quantities_in(self.typed, [each.slug for each in self.resources])

    @cached_property
    def askings(self) -> dict[str, Asking]:
        return askings_of(self.actor, self.resources)

    def taken_in(self, request: HttpRequest) -> QueryDict:
        """Return what was sent, with the files among the answers taken in."""
        for asking in self.askings.values():
            self.typed = asking.sent(self.actor, request, self.typed)
        return self.typed

    def form(self, *args: Any, **options: Any) -> KitForm:
        return KitForm(
            *args,
            actor=self.actor,
            parts=self.resources,
            organisations=organisations_for(self.actor),
            askings=self.askings,
            **options,
        )

    def reserved(self, form: KitForm) -> Kit | None:
        """Return what was made, or None: the form then says why not."""
        key = form_key(self.typed.get("key", ""))
        try:
            return kit_reserve(
                actor=self.actor,
                organisation_slug=form.organisation_slug(),
                parts=form.part_wishes(self.quantities),
                wish=form.wish(),
                purpose=form.cleaned_data["purpose"],
                idempotency=form.idempotency(key, self.quantities),
                guest=form.cleaned_data.get("for", ""),
            )
        except (Missing, Forbidden):
            raise
        except DomainError as refusal:
            form.refuse(refusal)
        return None

    def opened(self) -> dict[str, Any]:
        usual = FindForm.usual(clock.now())
        typed = {name: str(text) for name, text in self.typed.items() if text}
        initial = {name: usual[name] for name in ("day", "from", "hours")} | typed
        form = self.form(initial=initial)
        asked = self.form(
            initial | {"people": typed.get("people", "1"), "purpose": "-"}
        )
        return self._context(form, asked)

    def refused(self, form: KitForm) -> dict[str, Any]:
        return self._context(form, form)

    def _context(self, form: KitForm, asked: KitForm) -> dict[str, Any]:
        asked.is_valid()
        when = asked.cleaned_data
        known = "starts_at" in when and "people" in when
        pieces = _pieces(self.resources, self.quantities, asked.wish()) if known else []
        free = pieces_free(pieces)
        broken = {
            piece.resource.pk: broken_rules(piece.resource, piece.wish, clock.now())
            for piece in pieces
        }
        is_whole = all(piece.resource.pk in free for piece in pieces)
        near = [] if is_whole or len(pieces) < 2 else together_near(pieces)
        reused = isinstance(form.refusal, IdempotencyKeyReused)
        return {
            "form": form,
            "zone": form.zone,
            "wish": asked.wish() if known else None,
            "key": form_key("" if reused else self.typed.get("key", "")),
            "parts": [
                {
                    "resource": each,
                    "quantity": self.quantities[each.slug],
                    "is_free": each.pk in free,
                    "broken": broken.get(each.pk, []),
                }
                for each in self.resources
            ],
            "can_add": len(self.resources) < MOST,
            "can_send": len(self.resources) > 1 and bool(form.organisations),
            "query": self.typed.get("q", ""),
            "found": self._found(),
            "choices": [self._choice(row, form) for row in near],
        }

    def _found(self) -> list[Resource]:
        text = self.typed.get("q", "").strip()
        if not text:
            return []
        rows = with_tag_text(Resource.objects.published()).filter(has_words(text))
        others = rows.exclude(pk__in=[each.pk for each in self.resources])
        return list(others.select_related("organisation", "site")[:MOST_FOUND])

    def _choice(self, row: dict[str, Any], form: KitForm) -> dict[str, Any]:
        """Return a time when all are free, with the address of this page for it."""
        kept = {
            name: text
            for name, text in self.typed.items()
            if text and name not in NOT_KEPT | {"part", "send"}
        }
        kept |= when_values(row["starts_at"], row["ends_at"], form.zone)
        parts = [("part", each.slug) for each in self.resources]
        query = urlencode([*parts, *kept.items()])
        return row | {"url": f"{reverse('kit-new')}?{query}"}


def _pieces(
    resources: Iterable[Resource], quantities: Mapping[str, int], wish: Wish
) -> list[Piece]:
    return [Piece.of(each, wish, quantities[each.slug]) for each in resources]


@login_required
@require_safe
def kit(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the parts that this person may see, and what can be done with all."""
    viewer = actor_of(request)
    return render(request, PAGE, _context(viewer, kit_parts(viewer, reference)))


@login_required
@require_safe
def calendar_file(request: HttpRequest, reference: str) -> HttpResponse:
    """Download all parts for a calendar."""
    parts = kit_parts(actor_of(request), reference)
    response = HttpResponse(
        calendar_of(parts, clock.now()), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{reference}.ics"'
    return response


@login_required
def act(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Move or cancel the whole; whoever comes without a form sees its page."""
    actor = actor_of(request)
    if verb not in {"move", "cancel"}:
        raise Http404
    if request.method != "POST":
        return redirect("kit", reference)
    parts = kit_parts(actor, reference)
    form = _forms(parts, request.POST)[verb]
    if form.is_valid() and _done(actor, reference, verb, form):
        done = (
            _("Moved.") if verb == "move" else _("Cancelled. The time is free again.")
        )
        messages.success(request, done)
        return redirect("kit", reference)
    context = _context(actor, kit_parts(actor, reference), (verb, form))
    return render(request, PAGE, context, status=form.status)


def _done(actor: User, reference: str, verb: str, form: PageForm) -> bool:
    given = form.cleaned_data
    try:
        if verb == "move":
            times = {name: given[name] for name in ("starts_at", "ends_at")}
            kit_move(actor=actor, reference=reference, **times)
        else:
            kit_cancel(actor=actor, reference=reference, reason=given["reason"])
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    return True


def _forms(
    parts: list[Reservation], data: QueryDict | None = None
) -> dict[str, PageForm]:
    first = parts[0]
    zone = first.resource.site.zone
    now = when_values(first.starts_at, first.ends_at, zone)
    return {
        "move": KitMoveForm(data, initial=now, zone=zone, auto_id="move-%s"),
        "cancel": KitCancelForm(data, auto_id="cancel-%s"),
    }


def _context(
    viewer: User,
    parts: list[Reservation],
    failed: tuple[str, PageForm] | None = None,
) -> dict[str, Any]:
    now = clock.now()
    ahead = [each for each in parts if each.status in MOVABLE and each.ends_at > now]
    total = parts[0].parts  # type: ignore[attr-defined]
    may = len(parts) == total and all(can_hand_over(viewer, each) for each in parts)
    forms = _forms(parts) | (dict([failed]) if failed else {})
    first = parts[0]
    return {
        "kit": first.kit,
        "first": first,
        "zone": first.resource.site.zone,
        "is_together": len({(each.starts_at, each.ends_at) for each in parts}) == 1,
        "rows": [
            {"reservation": each, "zone": each.resource.site.zone} for each in parts
        ],
        "total": total,
        "hidden": total - len(parts),
        "is_ahead": any(each.occupies and each.ends_at > now for each in parts),
        "forms": forms if ahead and may else {},
        "failed": failed[1] if failed else None,
        "failed_verb": failed[0] if failed else "",
    }
