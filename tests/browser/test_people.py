"""How people come in, with a real browser, a real mail, a key that acts."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from booking.demo.data import demo_emails
from labs.models import User
from labs.services.letters import letters_send
from tests.browser.axe import ALL, violations
from tests.browser.hub import Hub
from tests.browser.passwords import PASSWORD, sign_in_here, with_password
from tests.browser.visits import Visits
from tests.notifications.conftest import inbox, mail_server
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import body
from tests.serving import serve

__all__ = ["inbox", "mail_server"]


@pytest.fixture
def startup(hub: object, settings: Settings) -> User:
    return with_password("startup", settings)


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in/")
    sign_in_here(page, email)


def code_from(inbox: Inbox, email: str) -> str:
    """Return the code of the newest mail, as its reader would copy it."""
    letters_send()
    found = re.search(r"^    (\S+)", body(inbox.to(email)[-1]), re.MULTILINE)
    assert found
    return found[1]


def with_key(page: Page) -> None:
    """Give the browser a key that knows its owner, as a phone has it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_password__one_form_one_click(visit: Visits, startup: User) -> None:
    page = visit(javascript=False)
    sign_in(page, startup.email)
    expect(page).to_have_url(re.compile("/find/"))


def test_code__out_of_the_mail__signs_in(
    visit: Visits, startup: User, inbox: Inbox
) -> None:
    page = visit()
    page.goto("/sign-in/?next=/reservations/")
    page.get_by_role("link", name="Send me a code by mail").click()
    page.get_by_label("E-mail").fill(startup.email)
    page.get_by_role("button", name="Send the code").click()
    assert violations(page, ALL) == []
    page.get_by_label("Code").fill(code_from(inbox, startup.email))
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile("/reservations/$"))


def test_passkey__added_then_enough_alone(visit: Visits, startup: User) -> None:
    page = visit()
    with_key(page)
    sign_in(page, startup.email)
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    assert violations(page, ALL) == []
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.goto("/account/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("My phone")
    expect(page.locator("main")).to_contain_text("Signs in alone")
    assert violations(page, ALL) == []

    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile("/find/"))
    expect(page.locator("body")).to_contain_text(startup.name)

    # By password, the same key is the second factor.
    page.context.clear_cookies()
    sign_in(page, startup.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile("/find/"))


def test_sign_up__by_a_newcomer__until_staff_see_it(
    visit: Visits, inbox: Inbox
) -> None:
    page = visit()
    page.goto("/sign-in/")
    page.get_by_role("link", name="Ask to join the hub").click()
    page.get_by_label("Name", exact=True).fill("Nia Newcomer")
    page.get_by_label("E-mail").fill("nia@svetlina.example")
    kind = page.get_by_label("What it is")
    page.get_by_label("Your organisation").select_option("krachka")
    expect(kind).to_be_hidden()
    page.get_by_label("Your organisation").select_option("")
    page.get_by_label("Name of the new organisation").fill("Svetlina")
    kind.select_option("startup")
    page.get_by_label("What brings you here").fill("We print lamps.")
    page.get_by_role("button", name="Ask to join").click()
    page.get_by_label("Code").fill(code_from(inbox, "nia@svetlina.example"))
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("main")).to_contain_text("Svetlina")

    staff = visit("staff")
    staff.goto("/hub/organisations/")
    staff.get_by_role("button", name="Approve Nia Newcomer").click()
    expect(staff.locator("#toasts")).to_contain_text("is a member of Svetlina")
    page.reload()
    expect(page.locator("main")).to_contain_text("Manager")
    letters_send()
    subjects = [str(mail["Subject"]) for mail in inbox.to("nia@svetlina.example")]
    assert "Welcome to Svetlina" in subjects


def test_back_office__under_the_policy__is_readable(visit: Visits) -> None:
    root = User.objects.get(email=demo_emails()["staff"])
    root.is_superuser = True
    root.save()
    for dark in (False, True):
        page = visit("staff", dark=dark)
        page.goto("/admin/labs/user/")
        expect(page.locator("#site-name")).to_contain_text("Atrium")
        page.goto("/admin/labs/organisation/add/")
        page.locator("#id_name").press_sequentially("Svetlina")
        expect(page.locator("#id_slug")).to_have_value("svetlina")


@pytest.fixture
def strict(hub: Hub, tmp_path: Path) -> Iterator[str]:
    """The same hub, where staff must have a second factor."""
    more = {"DATABASE_POOL": "0", "STAFF_SECOND_FACTOR": "on"}
    log, name = tmp_path / "web.log", hub.database
    with serve(log, "tests.browser.wsgi", database=name, **more) as address:
        yield address


def totp(secret: str) -> str:
    """What an authenticator app shows for a secret now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(key, counter, "sha1").digest()
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def test_staff_without_second_factor__set_an_app_up_and_go_on(
    browser: Browser, hub: Hub, strict: str, startup: User
) -> None:
    startup.is_hub_staff = True
    startup.save()
    visits = Visits(browser, strict, hub)
    page = visits()
    sign_in(page, startup.email)
    expect(page).to_have_url(re.compile("/account/2fa/$"))
    expect(page.locator("#toasts")).to_contain_text("Set one up to go on.")
    page.goto("/approvals/")
    expect(page).to_have_url(re.compile("/account/2fa/$"))
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_label("Password").fill(PASSWORD)
    assert violations(page, ALL) == []
    page.get_by_role("button", name="Go on").click()
    assert violations(page, ALL) == []
    secret = page.locator(".secret").inner_text()
    page.get_by_label("The code that the app shows").fill(totp(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    assert violations(page, ALL) == []
    page.goto("/approvals/")
    expect(page).to_have_url(re.compile("/approvals/$"))

    page.context.clear_cookies()
    sign_in(page, startup.email)
    assert violations(page, ALL) == []
    recovery = Authenticator.objects.get(user=startup, type="recovery_codes")
    page.get_by_label("Code").fill(recovery.wrap().get_unused_codes()[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/approvals/$"))
    visits.close()
    hub.renew()
