from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.models import User
from notifications.models.message import Kind


class Group(models.TextChoices):
    """What people choose about: a few words for many kinds."""

    REQUESTS = "requests", _("Requests to decide")
    DECISIONS = "decisions", _("Decisions on my requests")
    CHANGES = "changes", _("Changes and cancellations")
    WEEKLY = "weekly", _("Weekly digest")


class How(models.TextChoices):
    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day, in one mail")
    NONE = "none", _("Not at all")


#: The others come at once: they run out soon, or are about one's own account.
GROUP_OF = {
    Kind.REQUESTED: Group.REQUESTS,
    Kind.ANSWERED: Group.REQUESTS,
    Kind.PASSED: Group.REQUESTS,
    Kind.ACCEPTED: Group.REQUESTS,
    Kind.RESERVED: Group.DECISIONS,
    Kind.APPROVED: Group.DECISIONS,
    Kind.STAGE_APPROVED: Group.DECISIONS,
    Kind.DECLINED: Group.DECISIONS,
    Kind.EXPIRED: Group.DECISIONS,
    Kind.MOVED: Group.CHANGES,
    Kind.CHANGED: Group.CHANGES,
    Kind.CANCELLED: Group.CHANGES,
    Kind.HANDED_OVER: Group.CHANGES,
    Kind.MISSED: Group.CHANGES,
    Kind.WEEKLY: Group.WEEKLY,
}
#: What may be chosen; somebody must hear of a request, and of what was called off.
CHOICES: dict[str, tuple[How, ...]] = {
    Group.REQUESTS: (How.AT_ONCE, How.DIGEST),
    Group.DECISIONS: (How.AT_ONCE, How.DIGEST, How.NONE),
    Group.CHANGES: (How.AT_ONCE, How.DIGEST),
    Group.WEEKLY: (How.AT_ONCE, How.NONE),
}
#: Minutes before the start when one may be reminded, the longest first.
OFFSETS = (10_080, 4_320, 1_440, 180, 60, 15)
USUAL_OFFSETS = (1_440, 60)
USUAL_DIGEST_HOUR = 8


def usual_offsets() -> list[int]:
    return list(USUAL_OFFSETS)


class Preference(models.Model):
    """How somebody wants to be told; who never chose has none.

    `choices` has, by group, what differs from "at once". Quiet hours and the hour of
    the digest are by the person's own clock, the hub's where they named none.
    """

    person = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="preference"
    )
    choices = models.JSONField(_("choices"), default=dict, blank=True)
    reminders = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("minutes before the start"),
        default=usual_offsets,
        blank=True,
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    digest_hour = models.PositiveSmallIntegerField(
        _("hour of the digest"), default=USUAL_DIGEST_HOUR
    )

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest_hour__lte=23),
                name="notifications_preference_hour",
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~models.Q(quiet_from=models.F("quiet_until"))
                ),
                name="notifications_preference_quiet",
            ),
            models.CheckConstraint(
                condition=models.Q(reminders__contained_by=list(OFFSETS)),
                name="notifications_preference_reminders",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def clean(self) -> None:
        ends = (self.quiet_from, self.quiet_until)
        if ends.count(None) == 1 or (ends[0] and ends[0] == ends[1]):
            text = _("Quiet hours need a beginning and another end.")
            raise ValidationError({"quiet_until": text}, code="quiet")
        if not set(self.reminders) <= set(OFFSETS):
            text = _("Choose from the times that are offered.")
            raise ValidationError({"reminders": text}, code="offset")
        for group, how in self.choices.items():
            if how not in CHOICES.get(group, ()):
                text = _("“%(group)s” cannot be “%(how)s”.")
                raise ValidationError(
                    {"choices": text % {"group": group, "how": how}}, code="choice"
                )

    def how(self, kind: str) -> How:
        """Return how somebody wants to hear of such a thing."""
        group = GROUP_OF.get(Kind(kind))
        return How(self.choices.get(group, How.AT_ONCE)) if group else How.AT_ONCE
