"""Hub staff's page of what messages say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from csp.constants import NONE
from csp.decorators import csp_replace
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from booking.permissions import require
from config.errors import DomainError, Missing
from config.forms import PageForm
from config.mail import mail_html
from config.pages import render_part
from labs.models import User
from labs.web.requests import actor_of
from notifications.models import Kind, Wording
from notifications.ours import ours
from notifications.samples import samples
from notifications.services.wordings import (
    ReworkedMeanwhile,
    wording_check,
    wording_reset,
    wording_save,
)
from notifications.variables import ASKED, NAMES, VALUES, asked_of, values_of

PAGE = "notifications/wording.html"
#: A mail brings its style along, and nothing else.
alone: Callable[..., Any] = csp_replace(
    {"default-src": [NONE], "style-src": ["'unsafe-inline'"]}
)
#: As many of those before are listed.
VERSIONS = 20


class WordingForm(PageForm):
    subject = forms.CharField(label=gettext_lazy("Subject"))
    text = forms.CharField(
        label=gettext_lazy("Text"), widget=forms.Textarea(attrs={"rows": 8})
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    @property
    def version_read(self) -> int:
        """The one that whoever writes has seen; none where a program sends none."""
        self.is_valid()
        return int(self.cleaned_data.get("version", -1))

    def read(self, version: int) -> None:
        """Let what is sent again be about that one, which is shown now."""
        self.data = {**self.data, "version": str(version)}


@login_required
@require_safe
def wordings(request: HttpRequest) -> HttpResponse:
    """List the kinds of messages, and whose words each has."""
    require(actor_of(request).is_hub_staff)
    last = Wording.objects.order_by("kind", "language", "-version")
    rows = last.distinct("kind", "language").select_related("changed_by")
    found = {(row.kind, row.language): row for row in rows}
    kinds = [
        (kind, [(code, found.get((kind, code))) for code, _name in settings.LANGUAGES])
        for kind in NAMES
    ]
    return render(request, "notifications/wordings.html", {"kinds": kinds})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wording(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """Edit what a kind says in a language: preview, save, or go back to ours."""
    of, do = _asked(request, kind, language), request.POST.get("do", "")
    sent = request.POST if request.method == "POST" else None
    form = WordingForm(sent, initial=_initial(of, language))
    done = form.is_bound and _done(request, form, of, language, do)
    if done and do in {"save", "reset"}:
        return redirect("hub-text", kind, language)
    context = _context(of, language, form, actor_of(request))
    status = 200 if do == "preview" else form.status
    return render_part(request, PAGE, "preview", context, status=status)


def _done(
    request: HttpRequest, form: WordingForm, kind: Kind, language: str, do: str
) -> bool:
    """Do what the button says, and tell whether it is done; the form says why not."""
    actor, about = actor_of(request), {"kind": kind, "language": language}
    try:
        if do == "reset":
            wording_reset(actor=actor, version=form.version_read, **about)
            messages.success(request, _("It says again what we wrote."))
            return True
        if not form.is_valid():
            return False
        words = {name: form.cleaned_data[name] for name in ("subject", "text")}
        wording_check(kind=kind, **words)
        if do == "save":
            wording_save(actor=actor, version=form.version_read, **words, **about)
            messages.success(request, _("Saved: so it reads from now on."))
    except ReworkedMeanwhile as refusal:
        form.refuse(refusal)
        form.read(_initial(kind, language)["version"])
    except DomainError as refusal:
        form.refuse(refusal)
    return not form.errors


@alone
@login_required
@require_POST
def wording_mail(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """Show the mail as it looks: on a page of its own, since nothing of it is ours."""
    of, form = _asked(request, kind, language), WordingForm(request.POST)
    if not _done(request, form, of, language, "mail"):
        return render(
            request,
            PAGE,
            _context(of, language, form, actor_of(request)),
            status=form.status,
        )
    words = form.cleaned_data
    text = samples(of, language, words, actor_of(request))[0]
    html = mail_html(subject=text.subject, language=language, blocks=text.blocks)
    return HttpResponse(html)


def _asked(request: HttpRequest, kind: str, language: str) -> Kind:
    require(actor_of(request).is_hub_staff)
    if kind not in NAMES or language not in dict(settings.LANGUAGES):
        raise Missing
    return Kind(kind)


def _initial(kind: Kind, language: str) -> dict[str, Any]:
    last = _versions(kind, language).first()
    if last is not None and last.text:
        words = last.subject, last.text
    else:
        words = ours(kind, language)
    names = ("subject", "text", "version")
    return dict(zip(names, (*words, last.version if last else 0), strict=True))


def _versions(kind: Kind, language: str) -> QuerySet[Wording]:
    rows = Wording.objects.filter(kind=kind, language=language).order_by("-version")
    return rows.select_related("changed_by")


def _context(
    kind: Kind, language: str, form: WordingForm, reader: User
) -> dict[str, Any]:
    words = form.initial
    if form.is_bound:
        words = {} if form.errors else form.cleaned_data
    shown = samples(kind, language, words, reader) if words else []
    subject, text = ours(kind, language)
    return {
        "kind": kind,
        "written_in": language,
        "form": form,
        "samples": shown,
        "values": [(name, VALUES[name]) for name in values_of(kind)],
        "asked": [(name, ASKED[name]) for name in asked_of(kind)],
        "ours": {"subject": subject, "text": text},
        "versions": list(_versions(kind, language)[:VERSIONS]),
        "languages": settings.LANGUAGES,
        "zone": ZoneInfo(settings.TIME_ZONE),
    }
