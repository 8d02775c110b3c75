"""What allauth asks us: whom to trust, where to go next, what to say and to write."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from requests import RequestException

from config.errors import DomainError
from labs.models import User
from labs.services.letters import letter_write

logger = logging.getLogger(__name__)

#: As long as a code is good, and no longer.
CODE_VALID_FOR = dt.timedelta(minutes=15)
ERRORS = {
    # One text for a wrong password, an unknown e-mail and one that is switched off.
    "email_password_mismatch": _(
        "E-mail and password do not belong together. Please try again."
    ),
    "too_many_login_attempts": _("Too many tries. Please wait a minute and try again."),
    "rate_limited": _("Too many tries. Please wait a minute and try again."),
    "incorrect_code": _("This code is not right. Look at the newest mail."),
    "incorrect_password": _("The password is not right."),
    "enter_current_password": _("The password is not right."),
    "duplicate_email": _("This is your e-mail already."),
    "email_taken": _("Somebody with this e-mail is here already."),
    "same_as_current": _("This is your e-mail already."),
}
#: What is told after a step; of what one sees anyway nothing is said.
TOLD = {
    "account/messages/password_changed.txt": _("The password is changed."),
    "account/messages/password_set.txt": _("The password is set."),
    "account/messages/email_confirmed.txt": _("The e-mail is confirmed."),
    "account/messages/email_confirmation_failed.txt": _(
        "Somebody with this e-mail is here already."
    ),
    "mfa/messages/totp_activated.txt": _("The authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is switched off."),
    "mfa/messages/webauthn_added.txt": _("The key is added."),
    "mfa/messages/webauthn_removed.txt": _("The key is removed."),
    "mfa/messages/recovery_codes_generated.txt": _("Here are new recovery codes."),
    "usersessions/messages/sessions_logged_out.txt": _("Signed out everywhere else."),
    "socialaccount/messages/account_connected.txt": _("The account is connected."),
    "socialaccount/messages/account_disconnected.txt": _(
        "The account is no longer connected."
    ),
}
#: Which letter of ours says what one of allauth's does.
LETTERS = {
    "account/email/login_code": "code_sign_in",
    "account/email/password_reset_code": "code_password",
    "account/email/email_confirmation": "code_email",
    "account/email/email_confirmation_signup": "code_email",
    "account/email/account_already_exists": "here_already",
    "account/email/unknown_account": "unknown",
}
#: What was changed, in the letter that tells of it.
CHANGES = {
    "account/email/password_changed": _("The password was changed."),
    "account/email/password_reset": _("A new password was set by a code."),
    "account/email/password_set": _("A password was set."),
    "account/email/email_changed": _("The e-mail was changed."),
    "account/email/email_confirm": _("The e-mail was confirmed."),
    "account/email/email_deleted": _("An e-mail was removed."),
    "mfa/email/totp_activated": _("An authenticator app was set up."),
    "mfa/email/totp_deactivated": _("The authenticator app was switched off."),
    "mfa/email/webauthn_added": _("A passkey or security key was added."),
    "mfa/email/webauthn_removed": _("A passkey or security key was removed."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made."),
    "socialaccount/email/account_connected": _("A sign-in from elsewhere was added."),
    "socialaccount/email/account_disconnected": _(
        "A sign-in from elsewhere was removed."
    ),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar = DefaultAccountAdapter.error_messages | ERRORS

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return who this is; nobody, where the person is switched off."""
        user: User | None = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def pre_login(
        self, request: HttpRequest, user: User, **options: Any
    ) -> HttpResponse | None:
        """Trust an e-mail that the hub itself wrote down: by import or back office.

        What people say of themselves allauth has written down, and confirms by a code.
        """
        known = EmailAddress.objects.filter(user=user)
        if not options["signup"] and not known.filter(email=user.email).exists():
            known.delete()
            known.create(user=user, email=user.email, verified=True, primary=True)
        return super().pre_login(request, user, **options)  # type: ignore[no-any-return]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return where this person's work is."""
        user = request.user
        if getattr(user, "is_hub_staff", False):
            return resolve_url("approvals")
        return resolve_url(
            "find" if getattr(user, "roles", None) else "my-organisations"
        )

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("account")

    def new_user(self, request: HttpRequest) -> User:
        return User(language=(translation.get_language() or "en")[:2])

    def save_user(
        self, request: HttpRequest, user: User, form: Any, commit: bool = True
    ) -> User:
        user.name = form.cleaned_data.get("name") or user.name or user.email
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: Any = None,
    ) -> None:
        """Tell in our words, and only what one does not see anyway."""
        text = message or TOLD.get(message_template or "")
        if text:
            messages.add_message(request, level, str(text), extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: Any) -> None:
        """Write a letter: the request waits for no mail server.

        So it also takes as long for an e-mail that nobody has as for one that is known.
        """
        name = LETTERS.get(template_prefix, "changed")
        told: dict[str, Any] = {"code": context.get("code", "")}
        if name == "changed":
            with translation.override(_language_of(email)):
                told["change"] = str(CHANGES[template_prefix])
            told |= {key: context.get(key, "") for key in ("ip", "user_agent")}
            told |= {"to_email": context.get("to_email", "")}
        letter_write(
            name=name,
            to=email,
            context=told,
            useful_for=CODE_VALID_FOR if told["code"] else None,
        )

    def _get_login_attempts_cache_key(
        self, request: HttpRequest, **credentials: Any
    ) -> str:
        # By e-mail and address: else anybody could keep anybody from signing in.
        email = str(credentials.get("email", "")).strip().lower()
        return f"{self.get_client_ip(request)} {email}"


def _language_of(email: str) -> str:
    person = User.objects.filter(email=email).first()
    return person.language if person else translation.get_language() or "en"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages: ClassVar = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Take the one that is shown now."),
        "unverified_email": _("Confirm your e-mail first."),
    }


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Signing in elsewhere (OpenID Connect) brings a name, but no membership."""

    def populate_user(
        self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]
    ) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = " ".join(str(name or user.email).split())[:120]
        return user

    def get_requests_session(self) -> Any:
        session = super().get_requests_session()
        ask = session.request

        def ask_or_say(*args: Any, **options: Any) -> Any:
            try:
                return ask(*args, **options)
            except RequestException as error:
                logger.warning("The sign-in elsewhere does not answer: %s", error)
                raise ProviderAway from error

        session.request = ask_or_say
        return session


class ProviderAway(DomainError):
    """503: the site that says who people are does not answer."""

    code, status = "provider_away", 503
    title = _("Not signed in")

    def __init__(self) -> None:
        text = _("The other site cannot be reached now. Sign in another way.")
        super().__init__(text)
