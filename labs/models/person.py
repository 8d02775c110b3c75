from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from labs.models.organisation import Membership
from labs.validators import validate_one_line, validate_time_zone


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        """Create a person; with no password they cannot sign in by one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None, **fields: Any) -> User:
        fields |= {"is_superuser": True, "is_hub_staff": True}
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person; the e-mail address, in lower case, is the login."""

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        BULGARIAN = "bg", _("Bulgarian")

    email = models.EmailField(
        _("e-mail"),
        unique=True,
        error_messages={"unique": _("Somebody with this e-mail is here already.")},
    )
    name = models.CharField(_("name"), max_length=120, validators=[validate_one_line])
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.ENGLISH
    )
    time_zone = models.CharField(
        _("own time zone"),
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("Shown beside the site's time where it differs."),
    )
    is_hub_staff = models.BooleanField(_("hub staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="labs_user_email_lower",
                violation_error_code="email_not_lower",
                violation_error_message=_("Write the e-mail in small letters."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether Django's admin is open; hub staff have screens of their own."""
        return self.is_superuser

    @cached_property
    def roles(self) -> dict[int, str]:
        """The role per organisation id, of active organisations; one query, once."""
        rows = Membership.objects.filter(user=self, organisation__is_active=True)
        return dict(rows.values_list("organisation_id", "role"))

    @property
    def managed_ids(self) -> set[int]:
        """The ids of the organisations that this person manages."""
        return {
            pk for pk, role in self.roles.items() if role == Membership.Role.MANAGER
        }
