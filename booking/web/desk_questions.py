"""The host's desk: what is asked of whoever reserves a resource."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.questions import Asked
from booking.selectors.questions import questions_of
from booking.services.questions import questions_set
from booking.web.desk_page import desk_context, managed
from booking.web.forms.questions import QuestionForm
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden, Missing


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is asked, and change it: one question at a time."""
    shown = managed(request, slug)
    desk = Questions(questions_of(shown.pk), request)
    if request.method == "POST" and desk.is_taken():
        try:
            questions_set(
                actor=actor_of(request), resource=shown, questions=desk.wanted
            )
        except (Missing, Forbidden):
            raise
        except DomainError as refusal:
            desk.failed.refuse(refusal)
        else:
            messages.success(
                request, _("Saved. What was answered stays as it was asked.")
            )
            return redirect("desk-questions", slug)
    form = desk.failed if desk.failed.is_bound else None
    context = desk_context(shown) | {
        "rows": [(each, desk.forms[each.key]) for each in desk.asked],
        "new": desk.new,
        "failed": form,
    }
    status = form.status if form else 200
    return render(request, "booking/desk_questions.html", context, status=status)


class Questions:
    """What is asked, with the form of each, and what it is to become."""

    def __init__(self, asked: list[Asked], request: HttpRequest) -> None:
        self.asked, self.wanted = asked, list(asked)
        self.forms = {each.key: QuestionForm.of(each) for each in asked}
        self.new = self.failed = QuestionForm.of(None)
        self.sent: Any = request.POST

    def is_taken(self) -> bool:
        """Make of what was sent what is wanted; False where a form says why not."""
        deed, key = self.sent.get("deed", ""), self.sent.get("question", "")
        if deed == "add":
            self.new = self.failed = QuestionForm.of(None, self.sent)
            if self.new.is_valid():
                self.wanted.append(self.new.asked())
            return self.new.is_valid()
        at = next((n for n, each in enumerate(self.asked) if each.key == key), None)
        if at is None:
            raise Missing
        if deed == "change":
            form = self.forms[key] = self.failed = QuestionForm.of(
                self.asked[at], self.sent
            )
            if form.is_valid():
                self.wanted[at] = form.asked(key)
            return form.is_valid()
        taken = self.wanted.pop(at)
        if deed == "up":
            self.wanted.insert(max(at - 1, 0), taken)
        elif deed != "remove":
            raise Missing
        return True
