"""Approval paths, decisions, rules, deputies, the clock; the policies' view anew."""

from __future__ import annotations

from collections.abc import Sequence

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

VALUES = (
    "min_duration_minutes",
    "max_duration_minutes",
    "start_grid_minutes",
    "notice_minutes",
    "horizon_days",
    "turnaround_minutes",
    "approval_path",
    "approvals_needed",
    "decide_within_hours",
    "when_undecided",
)
BEFORE = (*VALUES[:6], "needs_approval", "decide_within_hours")


def view(values: Sequence[str], *more: str) -> str:
    columns = [
        f"coalesce(own.{value}, owner.{value}, hub.{value}) AS {value}"
        for value in values
    ]
    return f"""
CREATE VIEW booking_effectivepolicy AS
SELECT r.id AS resource_id,
    {", ".join([*columns, *more])}
FROM labs_resource r
JOIN booking_policy hub
    ON hub.resource_id IS NULL AND hub.organisation_id IS NULL
LEFT JOIN booking_policy owner ON owner.organisation_id = r.organisation_id
LEFT JOIN booking_policy own ON own.resource_id = r.id
"""


NEEDS_APPROVAL = (
    "coalesce(own.approval_path, owner.approval_path, hub.approval_path) <> 'none'"
    " AS needs_approval"
)
DROP = "DROP VIEW booking_effectivepolicy"
PATHS = """
UPDATE booking_policy SET
    approval_path = CASE needs_approval WHEN true THEN 'any' WHEN false THEN 'none' END;
UPDATE booking_policy SET approvals_needed = 2, when_undecided = 'expire'
    WHERE resource_id IS NULL AND organisation_id IS NULL;
"""
PATHS_BACK = "UPDATE booking_policy SET needs_approval = approval_path <> 'none';"


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0005_more_steps"),
        ("labs", "0003_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(DROP, view(BEFORE)),
        migrations.RemoveConstraint(
            model_name="policy",
            name="booking_policy_hub_is_whole",
        ),
        migrations.AddField(
            model_name="policy",
            name="approval_path",
            field=models.CharField(
                blank=True,
                choices=[
                    ("none", "Nobody: it is theirs at once"),
                    ("host", "The host"),
                    ("hub", "Hub staff"),
                    ("host_hub", "The host, then hub staff"),
                    ("hub_host", "Hub staff, then the host"),
                    ("any", "The host or hub staff, whoever is first"),
                    ("several", "Several people of the host and the hub"),
                ],
                max_length=8,
                null=True,
                verbose_name="who decides",
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="approvals_needed",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="How many different people must approve, where several do.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(2),
                    django.core.validators.MaxValueValidator(5),
                ],
                verbose_name="approvals needed",
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="when_undecided",
            field=models.CharField(
                blank=True,
                choices=[
                    ("expire", "It expires, and the time is free"),
                    ("approve", "It counts as approved"),
                ],
                max_length=7,
                null=True,
                verbose_name="when nobody decides",
            ),
        ),
        migrations.RunSQL(PATHS, PATHS_BACK),
        migrations.RemoveField(
            model_name="policy",
            name="needs_approval",
        ),
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "own_organisation",
                    models.BooleanField(
                        default=False, verbose_name="the host’s own people"
                    ),
                ),
                (
                    "at_most_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(44640),
                        ],
                        verbose_name="at most so long",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="created at"),
                ),
            ],
            options={
                "verbose_name": "approval rule",
                "verbose_name_plural": "approval rules",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "stage",
                    models.PositiveSmallIntegerField(default=0, verbose_name="stage"),
                ),
                (
                    "turn",
                    models.CharField(
                        choices=[
                            ("host", "the host"),
                            ("hub", "hub staff"),
                            ("either", "the host or hub staff"),
                        ],
                        max_length=6,
                        verbose_name="whose turn",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("person", "by a person"),
                            ("rule", "by a rule"),
                            ("clock", "as nobody decided in time"),
                        ],
                        default="person",
                        max_length=6,
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("approved", "Approved"), ("declined", "Declined")],
                        max_length=8,
                        verbose_name="verdict",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unavailable", "We need it ourselves at that time"),
                            (
                                "not_suitable",
                                "It does not suit what you want to do there",
                            ),
                            (
                                "incomplete",
                                "We need to know more; ask again and tell us",
                            ),
                            ("missing_training", "A training or permit is missing"),
                            ("capacity", "You are too many for it"),
                            ("safety", "It would not be safe"),
                            ("priority", "Another request comes first"),
                            ("other", "Another reason"),
                        ],
                        max_length=16,
                        verbose_name="code",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=500, verbose_name="reason"),
                ),
                ("stands", models.BooleanField(default=True, verbose_name="stands")),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("ends_on", models.DateField(verbose_name="last day")),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="created at"),
                ),
            ],
            options={
                "verbose_name": "delegation",
                "verbose_name_plural": "delegations",
                "ordering": ["starts_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="WorkingHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        unique=True, verbose_name="weekday"
                    ),
                ),
                ("opens", models.PositiveSmallIntegerField(verbose_name="from")),
                ("closes", models.PositiveSmallIntegerField(verbose_name="until")),
            ],
            options={
                "verbose_name": "working hours",
                "verbose_name_plural": "working hours",
                "ordering": ["weekday"],
            },
        ),
        migrations.AddField(
            model_name="reservation",
            name="alarm_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="passed on at"
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="approvals_needed",
            field=models.PositiveSmallIntegerField(
                default=1, verbose_name="approvals needed"
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="decline_code",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unavailable", "We need it ourselves at that time"),
                    ("not_suitable", "It does not suit what you want to do there"),
                    ("incomplete", "We need to know more; ask again and tell us"),
                    ("missing_training", "A training or permit is missing"),
                    ("capacity", "You are too many for it"),
                    ("safety", "It would not be safe"),
                    ("priority", "Another request comes first"),
                    ("other", "Another reason"),
                ],
                max_length=16,
                verbose_name="why it was declined",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="if_undecided",
            field=models.CharField(
                choices=[
                    ("expire", "It expires, and the time is free"),
                    ("approve", "It counts as approved"),
                ],
                default="expire",
                max_length=7,
                verbose_name="when nobody decides",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="level",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (0, "Nobody was reminded"),
                    (1, "Those who decide were reminded"),
                    (2, "Passed on to deputies"),
                    (3, "Passed on to hub staff"),
                ],
                default=0,
                verbose_name="passed on",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="path",
            field=models.CharField(
                choices=[
                    ("none", "Nobody: it is theirs at once"),
                    ("host", "The host"),
                    ("hub", "Hub staff"),
                    ("host_hub", "The host, then hub staff"),
                    ("hub_host", "Hub staff, then the host"),
                    ("any", "The host or hub staff, whoever is first"),
                    ("several", "Several people of the host and the hub"),
                ],
                default="any",
                max_length=8,
                verbose_name="who decides",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="rule",
            field=models.JSONField(
                blank=True,
                help_text="Its conditions as they were.",
                null=True,
                verbose_name="approved by the rule",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="stage",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="stage"),
        ),
        migrations.AddField(
            model_name="reservation",
            name="turn",
            field=models.CharField(
                choices=[
                    ("host", "the host"),
                    ("hub", "hub staff"),
                    ("either", "the host or hub staff"),
                ],
                default="either",
                max_length=6,
                verbose_name="whose turn",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="turn_since",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="whose turn, since"
            ),
        ),
        migrations.AlterField(
            model_name="policy",
            name="decide_within_hours",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Working hours of the hub for each stage of a decision.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(720),
                ],
                verbose_name="time to decide",
            ),
        ),
        migrations.AlterField(
            model_name="reservation",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decided",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                models.F("alarm_at"),
                condition=models.Q(("alarm_at__isnull", False)),
                name="booking_alarm",
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resource__isnull", False),
                    ("organisation__isnull", False),
                    models.Q(
                        ("approval_path__isnull", False),
                        ("approvals_needed__isnull", False),
                        ("decide_within_hours__isnull", False),
                        ("horizon_days__isnull", False),
                        ("max_duration_minutes__isnull", False),
                        ("min_duration_minutes__isnull", False),
                        ("notice_minutes__isnull", False),
                        ("start_grid_minutes__isnull", False),
                        ("turnaround_minutes__isnull", False),
                        ("when_undecided__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="booking_policy_hub_is_whole",
                violation_error_code="hub_policy_incomplete",
                violation_error_message="The hub's policy must have every value.",
            ),
        ),
        migrations.AddField(
            model_name="approvalrule",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="approval_rules",
                to="labs.organisation",
            ),
        ),
        migrations.AddField(
            model_name="approvalrule",
            name="organisations",
            field=models.ManyToManyField(
                blank=True,
                related_name="+",
                to="labs.organisation",
                verbose_name="these organisations",
            ),
        ),
        migrations.AddField(
            model_name="approvalrule",
            name="resource",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="approval_rules",
                to="labs.resource",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="on_behalf_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="reservation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="booking.reservation",
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="deputy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deputises",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: as hub staff.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="delegations",
                to="labs.organisation",
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="delegations",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__lte", 6)), name="booking_working_weekday"
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closes__lte", 1440), ("opens__lt", models.F("closes"))
                ),
                name="booking_working_order",
                violation_error_code="reversed_times",
                violation_error_message="The end must come after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resource__isnull", True),
                    ("organisation__isnull", True),
                    _connector="XOR",
                ),
                name="booking_approval_rule_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stands", True)),
                fields=("reservation", "stage", "by"),
                name="booking_decision_once_a_stage",
                violation_error_code="decided_already",
                violation_error_message="You have decided this already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("how", "person"), ("by__isnull", True), _connector="XOR"
                ),
                name="booking_decision_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict", "declined"), ("code", ""), _connector="XOR"
                ),
                name="booking_decision_declined_has_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="booking_delegation_order",
                violation_error_code="reversed_dates",
                violation_error_message="The last day comes before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(("person", models.F("deputy")), _negated=True),
                name="booking_delegation_of_another",
                violation_error_code="own_deputy",
                violation_error_message="Name somebody else.",
            ),
        ),
        migrations.RunSQL(view(VALUES, NEEDS_APPROVAL), DROP),
    ]
