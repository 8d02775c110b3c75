"""A person who signs in by hand, at the form that the product shows."""

from __future__ import annotations

from playwright.sync_api import Page
from pytest_django import Settings

from booking.demo.data import demo_emails
from labs.models import User

PASSWORD = "a good long password"


def with_password(part: str, settings: Settings) -> User:
    """Give that part of the example hub a password; the ORM is in its database."""
    # As the served site keeps passwords, which knows nothing of the tests' quick way.
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    person = User.objects.get(email=demo_emails()[part])
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in_here(page: Page, email: str) -> None:
    """Fill in the form of the sign-in page that is open."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def end_session(page: Page) -> None:
    """Take the session away, as it runs out on the server; all else stays."""
    kept = [each for each in page.context.cookies() if each["name"] != "sessionid"]
    page.context.clear_cookies()
    page.context.add_cookies(kept)  # type: ignore[arg-type]
