"""Values of the policy about who comes and who looks on; the view with them."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models

from booking.migrations import _policy_in_full as sql

NEW = ("no_show_after_minutes", "check_in_needs_code", "others_see")
VALUES = (*sql.VALUES, *NEW)
OTHERS_SEE = [
    ("busy", "only that it is taken"),
    ("organisation", "which organisation has it"),
    ("everything", "which organisation has it, and what for"),
]

HUB = """
UPDATE booking_policy
SET no_show_after_minutes = 0, check_in_needs_code = false, others_see = 'busy'
WHERE resource_id IS NULL AND organisation_id IS NULL
"""


def fields(model_name: str) -> list[migrations.AddField]:
    return [
        migrations.AddField(
            model_name=model_name,
            name="no_show_after_minutes",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Minutes after the start until who has not checked in loses "
                "it. 0: never.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1440),
                ],
                verbose_name="no-show after",
            ),
        ),
        migrations.AddField(
            model_name=model_name,
            name="check_in_needs_code",
            field=models.BooleanField(
                blank=True, null=True, verbose_name="check-in at the door only"
            ),
        ),
        migrations.AddField(
            model_name=model_name,
            name="others_see",
            field=models.CharField(
                blank=True,
                choices=OTHERS_SEE,
                max_length=12,
                null=True,
                verbose_name="what others see",
            ),
        ),
    ]


DROP_FUNCTION = sql.DROP_FOR.format("policy_for")


class Migration(migrations.Migration):
    dependencies = [("booking", "0011_terms")]
    operations = [
        migrations.RunSQL(DROP_FUNCTION, sql.effective_function(sql.VALUES)),
        migrations.RunSQL(sql.DROP_VIEW, sql.effective_view(sql.VALUES)),
        *fields("policy"),
        *fields("agreement"),
        migrations.RunSQL(HUB, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name="policy", name="booking_policy_hub_is_whole"
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(resource__isnull=False)
                | models.Q(organisation__isnull=False)
                | models.Q(**{f"{name}__isnull": False for name in sorted(VALUES)}),
                name="booking_policy_hub_is_whole",
                violation_error_code="hub_policy_incomplete",
                violation_error_message="The hub's policy must have every value.",
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    others_see__in=["busy", "organisation", "everything"]
                ),
                name="booking_policy_others_see",
            ),
        ),
        migrations.RunSQL(sql.effective_view(VALUES), sql.DROP_VIEW),
        migrations.RunSQL(sql.effective_function(VALUES), DROP_FUNCTION),
    ]
