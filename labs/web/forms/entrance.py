"""allauth's forms of sign-in and account, in our words."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as theirs
from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from labs.models import Invitation, User
from labs.services.joining import join_request_add
from labs.web.forms.joining import JoinFields

LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
    "code": _("Code"),
}


class OurWords(forms.Form):
    """Our labels, and no placeholders: they vanish when one types."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
        if "code" in self.fields:
            self.fields["code"].widget.attrs |= {
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        if "oldpassword" in self.fields:
            self.fields["oldpassword"].help_text = ""


class SignInForm(OurWords, theirs.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""


class CodeByMailForm(OurWords, theirs.RequestLoginCodeForm):  # type: ignore[misc]
    pass


class SignInCodeForm(OurWords, theirs.ConfirmLoginCodeForm):  # type: ignore[misc]
    pass


class EmailCodeForm(OurWords, theirs.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    pass


class ForgottenForm(OurWords, theirs.ResetPasswordForm):  # type: ignore[misc]
    pass


class ForgottenCodeForm(OurWords, theirs.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    pass


class FreshPasswordForm(OurWords, theirs.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class AgainForm(OurWords, theirs.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"].help_text = ""


class ChangePasswordForm(OurWords, theirs.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPasswordForm(OurWords, theirs.SetPasswordForm):  # type: ignore[misc]
    pass


class EmailForm(OurWords, theirs.AddEmailForm):  # type: ignore[misc]
    pass


class SignUpForm(JoinFields, OurWords, theirs.SignupForm):  # type: ignore[misc]
    """Who one is, and where one belongs; with an invitation the latter is known."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        validators=User._meta.get_field("name").validators,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = (
        "name",
        "email",
        "organisation",
        "new_name",
        "new_kind",
        "new_website",
        "reason",
        "password1",
    )

    def __init__(
        self, *args: Any, invitation: Invitation | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.invitation = invitation
        self.fields["password1"].label = _("Password")
        self.fields["password1"].help_text = _(
            "May stay empty: you can sign in by a code that we send you, or by passkey."
        )
        if invitation is not None:
            for field in JoinFields.base_fields:
                del self.fields[field]

    def try_save(self, request: HttpRequest) -> tuple[User | None, Any]:
        """Answer the second of two that came at once as if the first had been here."""
        try:
            saved: tuple[User | None, Any] = super().try_save(request)
        except IntegrityError:
            here = User.objects.filter(email=self.cleaned_data["email"])
            if not here.exists():
                raise
            self.account_already_exists = True
            saved = super().try_save(request)
        return saved

    def save(self, request: HttpRequest) -> User:
        """Keep the person and what they ask, or neither."""
        with transaction.atomic(durable=True):
            saved: User = super().save(request)
        return saved

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Ask to join; nobody hears of it before the e-mail is confirmed."""
        if self.invitation is None:
            join_request_add(actor=user, **self.whither())
