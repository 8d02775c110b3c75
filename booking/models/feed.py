from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.models import Organisation, Resource, Site
from labs.validators import validate_one_line

#: What a feed can be of, each a field; it is of one of them.
OWNERS = ("person", "organisation", "resource", "site")


def _of_one() -> models.Q:
    found = models.Q()
    for chosen in OWNERS:
        one = models.Q(**{f"{name}__isnull": name != chosen for name in OWNERS})
        found |= one
    return found


class Feed(models.Model):
    """An address at which calendars read reservations; only its secret's hash is kept.

    It shows what whoever made it may see at the moment, and less if so chosen; and
    nothing once they could not make it any more.
    """

    class Shows(models.TextChoices):
        BUSY = "busy", _("only when it is taken")
        DETAILS = "details", _("all that you may see")

    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="own_feeds",
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="feeds"
    )
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="feeds"
    )
    site = models.ForeignKey(
        Site, models.CASCADE, null=True, blank=True, related_name="feeds"
    )
    name = models.CharField(
        _("where it is used"), max_length=80, validators=[validate_one_line]
    )
    shows = models.CharField(_("it shows"), max_length=7, choices=Shows)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"))
    used_at = models.DateTimeField(_("last read at"), null=True, blank=True)
    fingerprint = models.CharField(
        max_length=64, blank=True, editable=False, help_text=_("Of what it shows.")
    )
    changed_at = models.DateTimeField(
        _("changed at"), help_text=_("When what it shows was last found changed.")
    )

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=_of_one(), name="booking_feed_of_one"),
            models.CheckConstraint(
                condition=models.Q(person=None) | models.Q(person=models.F("made_by")),
                name="booking_feed_own",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} · {self.name}"

    @property
    def kind(self) -> str:
        return next(name for name in OWNERS if getattr(self, f"{name}_id") is not None)

    @property
    def owner(self) -> models.Model:
        kind = self.kind
        owner: models.Model = getattr(self, "made_by" if kind == "person" else kind)
        return owner

    @staticmethod
    def hash_of(secret: str) -> str:
        # The secret has 256 random bits, so a plain fast hash is enough.
        return hashlib.sha256(secret.encode()).hexdigest()
