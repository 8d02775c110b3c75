"""Every page there is: a new one is a line here, and is then tried for everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from booking.models import Reservation
from booking.models.reservation import Status
from labs.models import Resource
from tests.browser.hub import NOBODY

PARTS = ("startup", "host", "staff")
HOSTS = ("host", "staff")


@dataclass(frozen=True)
class Page:
    """`who` may see it; the first of them stands on the screenshot, called `name`.

    `url` is the name of a pattern, whose `args` are looked up in the example hub, or
    a path.
    """

    name: str
    url: str
    who: tuple[str, ...]
    args: Callable[[], tuple[object, ...]] = tuple
    query: str = ""
    status: int = 200

    def path(self) -> str:
        is_path = self.url.startswith("/")
        path = self.url if is_path else reverse(self.url, args=self.args())
        return path + self.query


def stage() -> tuple[object, ...]:
    """A resource that the host manages and the startup asks for."""
    return ("motion-capture-stage",)


def rig() -> tuple[object, ...]:
    """Another of the host's, with a closure that hits what is reserved."""
    return ("facial-capture-rig",)


def host() -> tuple[object, ...]:
    """The host's organisation."""
    return (Resource.objects.get(slug=stage()[0]).organisation.slug,)


def draft() -> tuple[object, ...]:
    """A resource that the host has not published yet."""
    return (Resource.objects.get(organisation__slug=host()[0], listing="draft").slug,)


def request() -> tuple[object, ...]:
    """A request of the startup for the host's stage, which waits."""
    waiting = Reservation.objects.filter(
        status=Status.PENDING,
        resource__slug="motion-capture-stage",
        organisation__slug="kadifka-games",
    )
    return (waiting.order_by("pk")[0].reference,)


def talk() -> tuple[object, ...]:
    """A request of the startup about which somebody asked and was answered."""
    asked = Reservation.objects.filter(
        history__action="answered", organisation__slug="kadifka-games"
    )
    return (asked.order_by("pk")[0].reference,)


PAGES = (
    Page("sign-in", "sign-in", (NOBODY,)),
    Page("missing", "/no-such-page/", (NOBODY, *PARTS), status=404),
    Page("refused", "approvals", ("startup",), status=403),
    Page("find", "find", PARTS),
    Page("find-nothing", "find", PARTS, query="?people=999"),
    Page("find-mistaken", "find", ("startup",), query="?day=x", status=400),
    Page("reserve", "reserve", PARTS, stage),
    Page("reservations", "reservations", PARTS),
    Page("reservations-hosted", "reservations", HOSTS, query="?of=resources"),
    Page("reservation", "reservation", PARTS, request),
    Page("reservation-asked", "reservation", ("startup", "staff"), talk),
    Page("messages", "messages", PARTS),
    Page("approvals", "approvals", HOSTS),
    Page("desk", "desk", HOSTS),
    Page("desk-nothing", "desk", HOSTS, query="?q=zzz"),
    Page("desk-add", "desk-add", HOSTS),
    Page(
        "desk-several-hours",
        "desk-several",
        HOSTS,
        query="?deed=hours&r=motion-capture-stage&r=facial-capture-rig",
    ),
    Page(
        "desk-several-close",
        "desk-several",
        HOSTS,
        query="?deed=close&r=motion-capture-stage",
    ),
    Page("desk-policies", "desk-policies", HOSTS),
    Page("desk-organisation-policy", "desk-organisation-policy", HOSTS, host),
    Page("desk-resource", "desk-resource", HOSTS, stage),
    Page("desk-draft", "desk-resource", HOSTS, draft),
    Page("desk-hours", "desk-hours", HOSTS, stage),
    Page("desk-closures", "desk-closures", HOSTS, stage),
    Page("desk-outside", "desk-outside", HOSTS, rig),
    Page("desk-details", "desk-details", HOSTS, stage),
    Page("desk-photo", "desk-photo", HOSTS, stage),
    Page("desk-policy", "desk-policy", HOSTS, stage),
)

FORM = "takes a form; a plain visit goes on to a page that is listed"
PROGRAM = "speaks to programs"
#: Patterns of ours that are no page, by name, and why.
NO_PAGES = {
    "live": PROGRAM,
    "ready": PROGRAM,
    "metrics": PROGRAM,
    "photo": "is an image",
    "sign-out": FORM,
    "language": FORM,
    "act": FORM,
    "decide": FORM,
    "desk-listing": FORM,
    "desk-closure-remove": FORM,
    "desk-date": FORM,
    "desk-date-forget": FORM,
    "desk-holidays": FORM,
}


def cases() -> list[tuple[Page, str]]:
    """Every page as everybody who may see it."""
    return [(page, who) for page in PAGES for who in page.who]


def case_id(value: object) -> str:
    return value.name if isinstance(value, Page) else str(value)
