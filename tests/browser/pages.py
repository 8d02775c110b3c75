"""Every page there is: a new one is a line here, and is then tried for everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from booking.models import Reservation
from booking.models.reservation import Status
from labs.models import Invitation
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


def krachka() -> tuple[object, ...]:
    """The host's organisation, which somebody asks to join."""
    return ("krachka",)


def invitation() -> tuple[object, ...]:
    """The secret of an invitation to the startup."""
    return (Invitation.objects.get().secret,)


PAGES = (
    Page("sign-in", "sign-in", (NOBODY,)),
    Page("sign-up", "sign-up", (NOBODY,)),
    Page("sign-in-code", "account_request_login_code", (NOBODY,)),
    Page("forgotten", "account_reset_password", (NOBODY,)),
    Page("invitation", "invitation", (NOBODY, "stranger"), invitation),
    Page("account", "account", PARTS),
    Page("account-email", "account_email", ("startup",)),
    Page("account-password", "account_change_password", ("startup",)),
    Page("account-again", "account_reauthenticate", ("startup",)),
    Page("second-factor", "mfa_index", PARTS),
    Page("passkeys", "mfa_list_webauthn", ("startup",)),
    Page("sessions", "usersessions_list", ("startup",)),
    Page("my-organisations", "my-organisations", PARTS),
    Page("join", "join", ("startup",)),
    Page("my-organisation", "my-organisation", HOSTS, krachka),
    Page("hub-organisations", "hub-organisations", ("staff",)),
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
    Page("desk-resource", "desk-resource", HOSTS, stage),
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
    "token-new": FORM,
    "token-end": FORM,
    "join-withdraw": FORM,
    "join-approve": FORM,
    "join-decline": FORM,
    "organisation-profile": FORM,
    "organisation-invite": FORM,
    "organisation-activate": FORM,
    "invitation-end": FORM,
    "member-role": FORM,
    "member-remove": FORM,
    "desk-details": FORM,
    "desk-policy": FORM,
    "desk-listing": FORM,
    "desk-hours": FORM,
    "desk-closures": FORM,
    "desk-closure-remove": FORM,
    "desk-holidays": FORM,
}


def cases() -> list[tuple[Page, str]]:
    """Every page as everybody who may see it."""
    return [(page, who) for page in PAGES for who in page.who]


def case_id(value: object) -> str:
    return value.name if isinstance(value, Page) else str(value)
