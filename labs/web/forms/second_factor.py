"""allauth's forms of the second factor, in our words."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base import forms as base
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

from labs.web.forms.entrance import OurWords


class SecondFactorForm(OurWords, base.AuthenticateForm):  # type: ignore[misc]
    pass


class SecondFactorAgainForm(OurWords, base.ReauthenticateForm):  # type: ignore[misc]
    pass


class ActivateAppForm(OurWords, ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].label = _("The code that the app shows")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class AddKeyForm(OurWords, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("To tell your keys apart: “my phone”.")
        passwordless = self.fields["passwordless"]
        passwordless.label = _("Sign in with it alone, without password or code")
        passwordless.help_text = _("It then asks for your fingerprint, face or PIN.")
        passwordless.initial = True


class EditKeyForm(OurWords, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label = _("Name")
