"""Values of the policy about who comes and who looks on; the view with them."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models

#: All values of the policy; the view has a column for each.
VALUES = (
    "min_duration_minutes",
    "max_duration_minutes",
    "start_grid_minutes",
    "notice_minutes",
    "horizon_days",
    "turnaround_minutes",
    "needs_approval",
    "decide_within_hours",
    "no_show_after_minutes",
    "check_in_needs_code",
    "others_see",
)
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


def view(values: tuple[str, ...]) -> str:
    columns = ",\n    ".join(
        f"coalesce(own.{value}, owner.{value}, hub.{value}) AS {value}"
        for value in values
    )
    return f"""
CREATE VIEW booking_effectivepolicy AS
SELECT r.id AS resource_id,
    {columns}
FROM labs_resource r
JOIN booking_policy hub
    ON hub.resource_id IS NULL AND hub.organisation_id IS NULL
LEFT JOIN booking_policy owner ON owner.organisation_id = r.organisation_id
LEFT JOIN booking_policy own ON own.resource_id = r.id
"""


DROP = "DROP VIEW booking_effectivepolicy"


class Migration(migrations.Migration):
    dependencies = [("booking", "0005_more_steps")]
    operations = [
        migrations.RunSQL(DROP, view(VALUES[:8])),
        migrations.AddField(
            model_name="policy",
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
            model_name="policy",
            name="check_in_needs_code",
            field=models.BooleanField(
                blank=True, null=True, verbose_name="check-in at the door only"
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="others_see",
            field=models.CharField(
                blank=True,
                choices=OTHERS_SEE,
                max_length=12,
                null=True,
                verbose_name="what others see",
            ),
        ),
        migrations.RunSQL(HUB, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name="policy", name="booking_policy_hub_is_whole"
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(resource__isnull=False)
                | models.Q(organisation__isnull=False)
                | models.Q(**{f"{name}__isnull": False for name in VALUES}),
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
        migrations.RunSQL(view(VALUES), DROP),
    ]
