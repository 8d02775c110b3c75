from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.agreement import Named
from labs.models import Resource

MOST_QUESTIONS = 20
MOST_CHOICES = 30
LONGEST_CHOICE = 100


class Question(Named):
    """What a resource's host asks of whoever reserves it, beside the purpose.

    A reservation keeps the words of what it answered, so a question may change or go.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        CHOICE = "choice", _("One of a list")
        NUMBER = "number", _("Number")
        YES_NO = "yes_no", _("Yes or no")
        FILE = "file", _("File")

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.SlugField(_("key"), max_length=40)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.TEXT)
    is_required = models.BooleanField(_("must be answered"), default=False)
    #: Of a choice alone: its names, as {"name", "name_bg"}.
    choices = models.JSONField(_("choices"), default=list, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "key"], name="booking_question_key"
            ),
            models.UniqueConstraint(
                fields=["resource", "position"], name="booking_question_position"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="choice") ^ models.Q(choices=[]),
                name="booking_question_choices",
                violation_error_code="choices_needed",
                violation_error_message=_(
                    "Say what can be chosen, where one of a list is asked for."
                ),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if fault := _fault_of(self.choices):
            raise ValidationError({"choices": fault})


def _fault_of(choices: list[dict[str, Any]]) -> Any:
    """Return what is wrong with what can be chosen, None where nothing is."""
    names = [each["name"] for each in choices]
    if len(choices) > MOST_CHOICES:
        return _("Give at most %(n)d to choose from.") % {"n": MOST_CHOICES}
    if len(set(names)) < len(names):
        return _("Name each only once.")
    texts = [text for each in choices for text in each.values()]
    if any(len(text) > LONGEST_CHOICE for text in texts):
        return _("Write at most %(n)d characters.") % {"n": LONGEST_CHOICE}
    if not all(names):
        return _("Write the English name too.")
    return None


class AnswerFile(models.Model):
    """A file that answers a question; `is_kept` once a reservation says so.

    Its id is told to nobody but who sent it. What is never kept is swept away.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.FileField(_("file"), upload_to="answers/")
    name = models.CharField(_("name"), max_length=120)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent at"))
    is_kept = models.BooleanField(_("kept"), default=False)

    class Meta:
        verbose_name = _("file of an answer")
        verbose_name_plural = _("files of answers")
        indexes = [
            models.Index(
                fields=["sent_at"],
                condition=models.Q(is_kept=False),
                name="booking_answerfile_loose",
            )
        ]

    def __str__(self) -> str:
        return self.name
