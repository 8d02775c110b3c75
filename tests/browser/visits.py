"""People at the pages, each in a browser of their own; and what pages complain of."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    WebError,
)

from booking.demo.data import demo_emails
from labs.models import User
from tests.browser import moment
from tests.browser.hub import NOBODY, Hub, session_of

DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
    },
    "tiny": {"viewport": {"width": 320, "height": 640}},
    "wide": {"viewport": {"width": 3840, "height": 2160}},
}
#: Leaving a page ends what it still waits for; that is nobody's fault.
LEFT = "net::ERR_ABORTED"
#: Chromium's echo of an answer that we hear of by itself, with its address.
ECHO = "Failed to load resource"
TIMEOUT_MS = 10_000
#: The date only: Playwright's own clock would stand between a page and its timers.
STANDING_CLOCK = f"""
const present = {moment.MOMENT.timestamp() * 1000:.0f};
globalThis.Date = class extends Date {{
  constructor(...given) {{ super(...(given.length ? given : [present])); }}
  static now() {{ return present; }}
}};
"""


class Faults:
    """What pages complain of: errors, refused answers, breaches of the policy (CSP)."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._expected: list[int | str] = []

    def expect(self, *expected: int | str) -> None:
        """Let pass answers of these statuses, and complaints that contain a text."""
        self._expected += expected

    def unexpected(self) -> list[str]:
        texts = [text for text in self._expected if isinstance(text, str)]
        return [each for each in self.found if not any(text in each for text in texts)]

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._thrown)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(ECHO):
            self.found.append(f"console: {message.text} ({message.location['url']})")

    def _thrown(self, thrown: WebError) -> None:
        error = thrown.error
        name, text = getattr(error, "name", ""), getattr(error, "message", error)
        self.found.append(f"error: {name}: {text}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self.found.append(
                f"no answer: {request.method} {request.url} {request.failure}"
            )

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            asked = f"{response.request.method} {response.url}"
            self.found.append(f"{response.status}: {asked}")


class Visits:
    """Opens pages: `visit("startup", language="bg", device="phone").goto("/")`."""

    def __init__(self, browser: Browser, address: str, hub: Hub) -> None:
        self.address = address
        self._browser, self._hub = browser, hub
        self._faults = Faults()
        self.expect = self._faults.expect
        self.unexpected = self._faults.unexpected

    def __call__(
        self,
        who: str | User = NOBODY,
        *,
        language: str = "en",
        dark: bool = False,
        device: str = "desktop",
        javascript: bool = True,
        **options: Any,
    ) -> Page:
        """Return a page of a new browser in which that person is signed in.

        `who` is nobody, one of the example hub's four parts or any person in it;
        `options` are Playwright's for a context.
        """
        given: dict[str, Any] = {
            "base_url": self.address,
            "color_scheme": "dark" if dark else "light",
            "java_script_enabled": javascript,
            "locale": {"en": "en-GB", "bg": "bg-BG"}[language],
            "timezone_id": settings.TIME_ZONE,
            "reduced_motion": "reduce",
        }
        context = self._browser.new_context(**given | DEVICES[device] | options)
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(STANDING_CLOCK)
        self._faults.listen(context)
        if who != NOBODY:
            self._cookie(context, settings.SESSION_COOKIE_NAME, self._session(who))
        page = context.new_page()
        self.speak(page, who, language)
        return page

    def speak(self, page: Page, who: str | User, language: str) -> None:
        """Change the language; seen from the next load on."""
        self._cookie(page.context, settings.LANGUAGE_COOKIE_NAME, language)
        if who != NOBODY:
            email = who.email if isinstance(who, User) else demo_emails()[who]
            User.objects.filter(email=email).update(language=language)

    def close(self) -> None:
        """Leave all pages, then say what they complained of."""
        for context in self._browser.contexts:
            context.close()
        unexpected = self._faults.unexpected()
        assert not unexpected, "\n".join(["The pages complain:", *unexpected])

    def _session(self, who: str | User) -> str:
        return session_of(who) if isinstance(who, User) else self._hub.sessions[who]

    def _cookie(self, context: BrowserContext, name: str, value: str) -> None:
        context.add_cookies([{"name": name, "value": value, "url": self.address}])
