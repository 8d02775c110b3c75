"""What was typed while the session ran out, kept until one has signed in again.

In the server's session, so that it works without JavaScript, whatever its length, and
leaves nothing in the browser.
"""

from __future__ import annotations

from django.http import HttpRequest

from booking.web.links import WHEN

DRAFT = "reserve-draft"
NAMES = (*WHEN, "people", "quantity", "organisation", "purpose")
#: Longer than any field allows, so that its own message can say so.
LONGEST = 10_000


def draft_keep(request: HttpRequest, slug: str) -> None:
    """Keep what was typed into the form of that resource."""
    typed = {name: request.POST.get(name, "")[:LONGEST] for name in NAMES}
    request.session[DRAFT] = {"slug": slug, "typed": typed}


def draft_of(request: HttpRequest, slug: str) -> dict[str, str]:
    """Return what is kept for the form of that resource."""
    draft = request.session.get(DRAFT, {})
    typed: dict[str, str] = draft["typed"] if draft.get("slug") == slug else {}
    return {name: text for name, text in typed.items() if text}


def draft_drop(request: HttpRequest) -> None:
    """Forget it: it was sent."""
    request.session.pop(DRAFT, None)
