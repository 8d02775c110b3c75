"""Every page there is: a new one is a line here, and is then tried for everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from booking.models import Agreement, Kit, Programme, Reservation, Series
from booking.models.reservation import Status
from labs.models import Invitation, Resource
from notifications.models import Webhook
from tests.browser.hub import NOBODY

PARTS = ("startup", "host", "staff")
EVERYBODY = (NOBODY, *PARTS)
HOSTS = ("host", "staff")


@dataclass(frozen=True)
class Page:
    """`who` may see it; the first of them stands on the screenshot, called `name`.

    To one that is not `linked` no link leads: a mail, a form, a rare state, nothing;
    where some are named, only they come by one within what a crawl follows.
    `url` is the name of a pattern, whose `args` are looked up in the example hub, or
    a path.
    """

    name: str
    url: str
    who: tuple[str, ...]
    args: Callable[[], tuple[object, ...]] = tuple
    query: str = ""
    status: int = 200
    linked: bool | tuple[str, ...] = True

    def is_linked(self, who: str) -> bool:
        return who in self.linked if isinstance(self.linked, tuple) else self.linked

    def path(self) -> str:
        is_path = self.url.startswith("/")
        path = self.url if is_path else reverse(self.url, args=self.args())
        return path + self.query


def stage() -> tuple[object, ...]:
    """A resource that the host manages and the startup asks for."""
    return ("motion-capture-stage",)


def yard() -> tuple[object, ...]:
    """Where that is."""
    return ("belopole-yard",)


def studio() -> tuple[object, ...]:
    """Who runs that."""
    return ("krachka",)


def answered() -> tuple[object, ...]:
    """A reservation with answers to its host."""
    return (Reservation.objects.exclude(answers=[]).earliest("pk").reference,)


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


def kit() -> tuple[object, ...]:
    """Three resources of three hosts that the startup asks for at once."""
    return (Kit.objects.get().reference,)


def talk() -> tuple[object, ...]:
    """A request of the startup about which somebody asked and was answered."""
    asked = Reservation.objects.filter(
        history__action="answered", organisation__slug="kadifka-games"
    )
    return (asked.order_by("pk")[0].reference,)


def agreement() -> tuple[object, ...]:
    """What the host agreed with the startup."""
    return (Agreement.objects.get(organisation__slug="kadifka-games").pk,)


def programme() -> tuple[object, ...]:
    """The accelerator's cohort."""
    return (Programme.objects.get().pk,)


def guest() -> tuple[object, ...]:
    """The startup's own page."""
    return ("kadifka-games",)


def turn() -> tuple[object, ...]:
    """What the waiting list offers to the startup."""
    offers = Reservation.objects.filter(status=Status.HELD)
    return (offers.get(offered_to__organisation__slug="kadifka-games").reference,)


def every_week() -> tuple[object, ...]:
    """The startup's series, one of whose dates is wanted."""
    return (Series.objects.get().reference,)


def one_of_them() -> tuple[object, ...]:
    """The reservation of one of its dates."""
    dates = Reservation.objects.filter(series__isnull=False).order_by("-starts_at")
    return (dates[0].reference,)


def in_stages() -> tuple[object, ...]:
    """A request of the startup that its host has approved, and the hub has not."""
    found = Reservation.objects.filter(
        resource__slug="led-volume", organisation__slug="kadifka-games", stage=1
    )
    return (found.get().reference,)


def krachka() -> tuple[object, ...]:
    """The host's organisation, which somebody asks to join."""
    return ("krachka",)


def webhook() -> tuple[object, ...]:
    """The host's, which is paused."""
    return (*krachka(), Webhook.objects.get().pk)


def invitation() -> tuple[object, ...]:
    """The secret of an invitation to the startup."""
    return (Invitation.objects.get().secret,)


PAGES = (
    Page("sign-in", "sign-in", (NOBODY,)),
    Page("sign-up", "sign-up", (NOBODY,)),
    Page("sign-in-code", "account_request_login_code", (NOBODY,)),
    Page("switched-off", "account_inactive", EVERYBODY, linked=False),
    Page("not-signed-in", "socialaccount_login_error", EVERYBODY, status=401),
    Page("forgotten", "account_reset_password", EVERYBODY, linked=False),
    Page("invitation", "invitation", EVERYBODY, invitation, linked=False),
    Page("account", "account", PARTS),
    Page("preferences", "preferences", PARTS),
    Page("my-calendars", "feeds-person", PARTS),
    Page("account-email", "account_email", PARTS),
    Page("account-password", "account_set_password", PARTS),
    Page("second-factor", "mfa_index", PARTS),
    Page("passkeys", "mfa_list_webauthn", PARTS, linked=False),
    Page("sessions", "usersessions_list", PARTS),
    Page("connections", "socialaccount_connections", PARTS, linked=False),
    Page("my-qualifications", "my-qualifications", PARTS),
    Page("host-qualifications", "host-qualifications", HOSTS, krachka),
    Page("hub-qualifications", "hub-qualifications", ("staff",)),
    Page("my-organisations", "my-organisations", PARTS),
    Page("join", "join", PARTS),
    Page("my-organisation", "my-organisation", HOSTS, krachka),
    Page("webhooks", "webhooks", HOSTS, krachka),
    Page("webhooks-nothing", "webhooks", ("staff",), guest, linked=False),
    Page("webhook-add", "webhook-add", ("host",), krachka),
    Page("webhook", "webhook", HOSTS, webhook),
    Page("organisation-calendars", "feeds-organisation", HOSTS, krachka),
    Page("site-calendars", "feeds-site", ("staff",), yard),
    Page("desk-calendars", "feeds-resource", HOSTS, rig),
    Page("hub-organisations", "hub-organisations", ("staff",)),
    Page("hub-texts", "hub-texts", ("staff",)),
    Page("hub-text", "hub-text", ("staff",), lambda: ("approved", "en")),
    Page("missing", "/no-such-page/", EVERYBODY, status=404),
    Page("refused", "approvals", ("startup",), status=403),
    Page("front", "front", EVERYBODY),
    Page("front-nothing", "front", EVERYBODY, query="?q=sound&people=999"),
    Page("front-mistaken", "front", EVERYBODY, query="?kind=x", status=400),
    Page("resource", "resource", EVERYBODY, stage),
    Page("sites", "sites", EVERYBODY),
    Page("site", "site", EVERYBODY, yard),
    Page("site-plan", "site-plan", HOSTS, yard),
    Page("organisations", "organisations", EVERYBODY),
    Page("organisation", "organisation", EVERYBODY, studio),
    Page("door-page", "door-page", HOSTS, stage),
    Page("find", "find", PARTS),
    Page("find-nothing", "find", PARTS, query="?people=999"),
    Page("find-mistaken", "find", ("startup",), query="?day=x", status=400),
    Page("timeline", "timeline", EVERYBODY),
    Page("timeline-list", "timeline", EVERYBODY, query="?view=list"),
    Page(
        "timeline-nothing",
        "timeline",
        EVERYBODY,
        query="?kind=equipment&site=tiha-voda",
    ),
    Page("timeline-week", "timeline-week", EVERYBODY),
    Page("resource-week", "resource-week", EVERYBODY, stage),
    Page("resource-month", "resource-month", EVERYBODY, stage),
    Page("reserve", "reserve", PARTS, stage),
    Page("reserve-terms", "reserve", PARTS, rig),
    Page("repeat", "repeat", PARTS, stage, linked=False),
    Page(
        "repeat-monthly",
        "repeat",
        ("startup",),
        stage,
        query="?repeats=monthly&week=-1&interval=1&count=3",
        linked=False,
    ),
    Page("series", "series", ("startup", "staff"), every_week, linked=("startup",)),
    Page("reservation-of-series", "reservation", ("startup", "staff"), one_of_them),
    Page("reservations", "reservations", PARTS),
    Page("reservations-ours", "reservations", PARTS[:2], query="?of=organisation"),
    Page("reservations-none", "reservations", PARTS, query="?status=declined&page=9"),
    Page("reservations-hosted", "reservations", HOSTS, query="?of=resources"),
    Page("reservation", "reservation", PARTS, request),
    Page("reservation-asked", "reservation", ("startup", "staff"), talk),
    Page("reservation-offered", "reservation", ("startup", "staff"), turn),
    Page("waiting", "waiting", PARTS),
    Page("waiting-hosted", "waiting", HOSTS, query="?of=resources"),
    Page("waiting-join", "waiting-join", PARTS, stage),
    Page("kit", "kit", PARTS, kit),
    Page(
        "kit-new",
        "kit-new",
        PARTS,
        query="?part=motion-capture-stage&part=cinema-camera-kits&q=light",
        linked=False,
    ),
    Page("messages", "messages", PARTS),
    Page("messages-nothing", "messages", PARTS, query="?state=failed&person=zzz"),
    Page("approvals", "approvals", HOSTS),
    Page("contest", "contest", HOSTS, request),
    Page("reservation-path", "reservation", ("startup", "staff"), in_stages),
    Page("deputies", "deputies", HOSTS),
    Page("desk", "desk", HOSTS),
    Page("desk-nothing", "desk", HOSTS, query="?q=zzz"),
    Page("desk-add", "desk-add", HOSTS),
    Page(
        "desk-several-hours",
        "desk-several",
        HOSTS,
        query="?deed=hours&r=motion-capture-stage&r=facial-capture-rig",
        linked=False,
    ),
    Page(
        "desk-several-close",
        "desk-several",
        HOSTS,
        query="?deed=close&r=motion-capture-stage",
        linked=False,
    ),
    Page("desk-policies", "desk-policies", HOSTS),
    Page("desk-organisation-policy", "desk-organisation-policy", HOSTS, host),
    Page("desk-organisation-terms", "desk-organisation-terms", HOSTS, host),
    Page("desk-agreements", "desk-agreements", HOSTS),
    Page("desk-agreement-add", "desk-agreement-add", HOSTS),
    Page("desk-agreement", "desk-agreement", HOSTS, agreement),
    Page("desk-programmes", "desk-programmes", ("staff",)),
    Page("desk-programme-add", "desk-programme-add", ("staff",)),
    Page("desk-programme", "desk-programme", ("staff",), programme),
    Page("organisation-agreed", "organisation", (*PARTS, NOBODY), guest),
    Page(
        "desk-policy-explained",
        "desk-policy",
        HOSTS,
        stage,
        query="?organisation=kadifka-games",
        linked=False,
    ),
    Page("desk-resource", "desk-resource", HOSTS, stage),
    Page("desk-draft", "desk-resource", HOSTS, draft),
    Page("desk-hours", "desk-hours", HOSTS, stage),
    Page("desk-closures", "desk-closures", HOSTS, stage),
    Page("desk-outside", "desk-outside", HOSTS, rig, linked=False),
    Page("desk-outside-calendars", "desk-outside-calendars", HOSTS, rig),
    Page("desk-details", "desk-details", HOSTS, stage),
    Page("desk-photo", "desk-photo", HOSTS, stage),
    Page("desk-policy", "desk-policy", HOSTS, stage),
    Page("desk-approval", "desk-approval", HOSTS, stage),
    Page("desk-working-hours", "desk-working-hours", ("staff",)),
    Page("desk-terms", "desk-terms", HOSTS, rig),
    Page("desk-questions", "desk-questions", HOSTS, rig),
    Page("desk-restricted", "desk-restricted", HOSTS, rig),
    Page("reservation-answers", "reservation", HOSTS, answered),
    Page("repeat-questions", "repeat", PARTS, rig, linked=False),
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
    "answer-file": "is a file to be kept",
    "robots": PROGRAM,
    "sitemap": PROGRAM,
    "feed": PROGRAM,
    "door": "has a secret address; tests/browser/test_front.py tries it for the same",
    "door-here": "has a code of minutes; tests/browser/test_door.py tries it",
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
    "unsubscribe": "has a signed address, out of a mail",
    "link": "has a secret address; tests/browser/test_links.py tries it",
    "message-resend": FORM,
    "feed-end": FORM,
    "desk-outside-calendar-read": FORM,
    "desk-outside-calendar-remove": FORM,
    "hub-text-mail": "answers with the mail alone; tests/notifications tries it",
    "hold": "answers an open form with a part of its page",
    "release": FORM,
    "reservation-calendar": "is a file for calendars",
    "series-calendar": "is a file for calendars",
    "series-act": FORM,
    "series-approve": FORM,
    "kit-calendar": "is a file for calendars",
    "kit-act": FORM,
    "timeline-move": FORM,
    "act": FORM,
    "decide": FORM,
    "approve-many": FORM,
    "favourite": FORM,
    "waiting-leave": FORM,
    "token-new": FORM,
    "token-end": FORM,
    "qualification-proof": "is a file",
    "qualification-revoke": FORM,
    "join-withdraw": FORM,
    "join-approve": FORM,
    "join-decline": FORM,
    "webhook-rotate": FORM,
    "webhook-act": FORM,
    "organisation-profile": FORM,
    "organisation-invite": FORM,
    "organisation-activate": FORM,
    "invitation-end": FORM,
    "member-role": FORM,
    "member-remove": FORM,
    "desk-listing": FORM,
    "desk-closure-remove": FORM,
    "desk-agreement-end": FORM,
    "desk-date": FORM,
    "desk-date-forget": FORM,
    "desk-holidays": FORM,
    "desk-approval-remove": FORM,
    "desk-restricted-remove": FORM,
    "deputy-end": FORM,
}


def cases() -> list[tuple[Page, str]]:
    """Every page as everybody who may see it."""
    return [(page, who) for page in PAGES for who in page.who]


def case_id(value: object) -> str:
    return value.name if isinstance(value, Page) else str(value)
