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

    To one that is not `linked` leads a mail, a rare state, or a page for nobody.
    `url` is the name of a pattern, whose `args` are looked up in the example hub, or
    a path.
    """

    name: str
    url: str
    who: tuple[str, ...]
    args: Callable[[], tuple[object, ...]] = tuple
    query: str = ""
    status: int = 200
    linked: bool = True

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
    Page("switched-off", "account_inactive", (NOBODY, *PARTS), linked=False),
    Page("not-signed-in", "socialaccount_login_error", (NOBODY, *PARTS), status=401),
    Page("forgotten", "account_reset_password", (NOBODY, *PARTS), linked=False),
    Page("invitation", "invitation", (NOBODY, *PARTS), invitation, linked=False),
    Page("account", "account", PARTS),
    Page("account-email", "account_email", PARTS),
    Page("account-password", "account_set_password", PARTS),
    Page("second-factor", "mfa_index", PARTS),
    Page("passkeys", "mfa_list_webauthn", PARTS, linked=False),
    Page("sessions", "usersessions_list", PARTS),
    Page("connections", "socialaccount_connections", PARTS, linked=False),
    Page("my-organisations", "my-organisations", PARTS),
    Page("join", "join", PARTS),
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
OTHER_NAME = "is allauth's name for a page that is listed"
STEP = "comes after another step: see test_people.py and tests/labs/web"
#: Patterns that are no page, or none that can be opened just so, by name, and why.
NO_PAGES = {
    "live": PROGRAM,
    "ready": PROGRAM,
    "metrics": PROGRAM,
    "photo": "is an image",
    "sign-out": FORM,
    "account_logout": FORM,
    "account_login": OTHER_NAME,
    "account_signup": OTHER_NAME,
    **dict.fromkeys(
        (
            "account_change_password",
            "account_complete_password_reset",
            "account_confirm_login_code",
            "account_confirm_password_reset_code",
            "account_email_verification_sent",
            "account_password_reset_completed",
            "account_reauthenticate",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_authenticate",
            "mfa_deactivate_totp",
            "mfa_download_recovery_codes",
            "mfa_edit_webauthn",
            "mfa_generate_recovery_codes",
            "mfa_login_webauthn",
            "mfa_reauthenticate",
            "mfa_reauthenticate_webauthn",
            "mfa_remove_webauthn",
            "mfa_view_recovery_codes",
            "openid_connect_callback",
            "openid_connect_login",
            "socialaccount_login_cancelled",
            "socialaccount_signup",
        ),
        STEP,
    ),
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
