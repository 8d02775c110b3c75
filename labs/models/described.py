from __future__ import annotations

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from labs.validators import validate_one_line

#: `max_length` of a TextField bounds form fields only; the validator, every door.
LONGEST_DESCRIPTION = 4000


class Described(models.Model):
    """A thing with a slug, and a name and description in English and Bulgarian.

    English is the source; where the Bulgarian is empty the English is shown.
    """

    slug = models.SlugField(_("slug"), max_length=80)
    name = models.CharField(_("name"), max_length=120, validators=[validate_one_line])
    name_bg = models.CharField(
        _("name in Bulgarian"),
        max_length=120,
        blank=True,
        validators=[validate_one_line],
    )
    description = models.TextField(
        _("description"),
        max_length=LONGEST_DESCRIPTION,
        blank=True,
        validators=[MaxLengthValidator(LONGEST_DESCRIPTION)],
    )
    description_bg = models.TextField(
        _("description in Bulgarian"),
        max_length=LONGEST_DESCRIPTION,
        blank=True,
        validators=[MaxLengthValidator(LONGEST_DESCRIPTION)],
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        return (get_language() == "bg" and self.name_bg) or self.name

    @property
    def local_description(self) -> str:
        return (get_language() == "bg" and self.description_bg) or self.description


def unique_slug(name: str) -> models.UniqueConstraint:
    """Return the constraint that makes a slug one of a kind, with its refusal."""
    return models.UniqueConstraint(
        fields=["slug"],
        name=name,
        violation_error_code="slug_taken",
        violation_error_message=_("This slug is taken; choose another."),
    )
