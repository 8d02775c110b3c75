"""Policy in full: limits, agreements, programmes."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from booking.migrations import _policy_in_full as sql


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0006_approval_paths"),
        ("labs", "0003_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
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
                    "min_duration_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Minutes a reservation takes at least.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(44640),
                        ],
                        verbose_name="shortest",
                    ),
                ),
                (
                    "max_duration_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Minutes a reservation takes at most.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(44640),
                        ],
                        verbose_name="longest",
                    ),
                ),
                (
                    "start_grid_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        choices=[
                            (5, "5"),
                            (10, "10"),
                            (15, "15"),
                            (20, "20"),
                            (30, "30"),
                            (60, "60"),
                            (120, "120"),
                            (180, "180"),
                            (240, "240"),
                            (360, "360"),
                            (720, "720"),
                            (1440, "1440"),
                        ],
                        help_text="Starts and ends fall on multiples of so many minutes.",
                        null=True,
                        verbose_name="start grid",
                    ),
                ),
                (
                    "notice_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Minutes between reserving and the start.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(129600),
                        ],
                        verbose_name="notice",
                    ),
                ),
                (
                    "horizon_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How many days ahead can be reserved.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(540),
                        ],
                        verbose_name="horizon",
                    ),
                ),
                (
                    "turnaround_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Minutes kept free after a reservation.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1440),
                        ],
                        verbose_name="turnaround",
                    ),
                ),
                (
                    "approval_path",
                    models.CharField(
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
                (
                    "approvals_needed",
                    models.PositiveIntegerField(
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
                (
                    "decide_within_hours",
                    models.PositiveIntegerField(
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
                (
                    "when_undecided",
                    models.CharField(
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
                (
                    "min_gap_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Minutes between two reservations of one organisation; 0: none.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(44640),
                        ],
                        verbose_name="gap",
                    ),
                ),
                (
                    "most_active",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Reservations that one organisation has ahead, at most; 0: no limit.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="most at once",
                    ),
                ),
                (
                    "cancel_until_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Minutes before the start; cancelling later is marked as late; 0: never.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(129600),
                        ],
                        verbose_name="cancel until",
                    ),
                ),
                (
                    "most_people",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="People at most; 0: as many as the resource holds.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="most people",
                    ),
                ),
                ("name", models.CharField(max_length=140, verbose_name="name")),
                (
                    "name_bg",
                    models.CharField(
                        blank=True, max_length=140, verbose_name="name in Bulgarian"
                    ),
                ),
                (
                    "covers",
                    models.CharField(
                        choices=[
                            ("all", "All resources"),
                            ("tag", "Those with a tag"),
                            ("resources", "Named resources"),
                        ],
                        default="all",
                        max_length=9,
                        verbose_name="covers",
                    ),
                ),
                (
                    "tag",
                    models.CharField(
                        blank=True,
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]+(-[a-z0-9]+)*$",
                                "A tag has small Latin letters, digits and single hyphens.",
                                code="bad_tag",
                            )
                        ],
                        verbose_name="tag",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "replaces_quotas",
                    models.BooleanField(
                        default=False,
                        help_text="Only this agreement’s own quotas count; without any, none do.",
                        verbose_name="instead of the usual quotas",
                    ),
                ),
                (
                    "allowance_hours",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Hours for each organisation, on what is covered, while it is valid.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                        verbose_name="allowance of hours",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(editable=False, verbose_name="created at"),
                ),
            ],
            options={
                "verbose_name": "agreement",
                "verbose_name_plural": "agreements",
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="PeakHours",
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
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("MO", "MO"),
                                ("TU", "TU"),
                                ("WE", "WE"),
                                ("TH", "TH"),
                                ("FR", "FR"),
                                ("SA", "SA"),
                                ("SU", "SU"),
                            ],
                            max_length=2,
                        ),
                        size=7,
                        verbose_name="days",
                    ),
                ),
                (
                    "starts",
                    models.PositiveSmallIntegerField(
                        help_text="Minutes after midnight.", verbose_name="from"
                    ),
                ),
                (
                    "ends",
                    models.PositiveSmallIntegerField(
                        help_text="Minutes after midnight, at most 24 hours.",
                        verbose_name="to",
                    ),
                ),
            ],
            options={
                "verbose_name": "peak hours",
                "verbose_name_plural": "peak hours",
                "ordering": ["starts", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Programme",
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
                ("name", models.CharField(max_length=140, verbose_name="name")),
                (
                    "name_bg",
                    models.CharField(
                        blank=True, max_length=140, verbose_name="name in Bulgarian"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("ends_on", models.DateField(verbose_name="last day")),
                (
                    "allowance_hours",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Hours for each organisation, on all that was agreed for the programme.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                        verbose_name="allowance of hours",
                    ),
                ),
            ],
            options={
                "verbose_name": "programme",
                "verbose_name_plural": "programmes",
                "ordering": ["-starts_on", "name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Quota",
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
                    "tag",
                    models.CharField(
                        blank=True,
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]+(-[a-z0-9]+)*$",
                                "A tag has small Latin letters, digits and single hyphens.",
                                code="bad_tag",
                            )
                        ],
                        verbose_name="tag",
                    ),
                ),
                (
                    "per",
                    models.CharField(
                        choices=[
                            ("person", "Each person"),
                            ("organisation", "Each organisation as a whole"),
                        ],
                        default="organisation",
                        max_length=12,
                        verbose_name="for",
                    ),
                ),
                (
                    "window",
                    models.CharField(
                        choices=[
                            ("day", "a day"),
                            ("week", "a week"),
                            ("month", "a month"),
                        ],
                        default="week",
                        max_length=5,
                        verbose_name="in",
                    ),
                ),
                (
                    "most_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(44640),
                        ],
                        verbose_name="minutes at most",
                    ),
                ),
                (
                    "most_count",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="reservations at most",
                    ),
                ),
                (
                    "peak_only",
                    models.BooleanField(
                        default=False,
                        help_text="Only the time that falls into the peak hours counts.",
                        verbose_name="in peak hours only",
                    ),
                ),
            ],
            options={
                "verbose_name": "quota",
                "verbose_name_plural": "quotas",
                "ordering": ["pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="policy", name="booking_policy_hub_is_whole"
        ),
        migrations.AddField(
            model_name="policy",
            name="cancel_until_minutes",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Minutes before the start; cancelling later is marked as late; 0: never.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(129600),
                ],
                verbose_name="cancel until",
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="min_gap_minutes",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Minutes between two reservations of one organisation; 0: none.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(44640),
                ],
                verbose_name="gap",
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="most_active",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Reservations that one organisation has ahead, at most; 0: no limit.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000),
                ],
                verbose_name="most at once",
            ),
        ),
        migrations.AddField(
            model_name="policy",
            name="most_people",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="People at most; 0: as many as the resource holds.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(10000),
                ],
                verbose_name="most people",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="cancel_by_at",
            field=models.DateTimeField(
                blank=True,
                help_text="From then on cancelling is late; empty: it never is.",
                null=True,
                verbose_name="cancel by",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="is_late_cancel",
            field=models.BooleanField(default=False, verbose_name="cancelled late"),
        ),
        migrations.AlterField(
            model_name="reservation",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reservations",
                to="labs.organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                models.F("organisation"),
                models.F("starts_at"),
                name="booking_guest_starts",
            ),
        ),
        migrations.RunSQL(sql.HUB, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resource__isnull", False),
                    ("organisation__isnull", False),
                    models.Q(
                        ("approval_path__isnull", False),
                        ("approvals_needed__isnull", False),
                        ("cancel_until_minutes__isnull", False),
                        ("decide_within_hours__isnull", False),
                        ("horizon_days__isnull", False),
                        ("max_duration_minutes__isnull", False),
                        ("min_duration_minutes__isnull", False),
                        ("min_gap_minutes__isnull", False),
                        ("most_active__isnull", False),
                        ("most_people__isnull", False),
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
            model_name="agreement",
            name="host",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: the hub, for the resources of everybody.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="agreements_given",
                to="labs.organisation",
                verbose_name="host",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="agreements",
                to="labs.organisation",
                verbose_name="organisation",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="resources",
            field=models.ManyToManyField(
                blank=True,
                related_name="agreements",
                to="labs.resource",
                verbose_name="resources",
            ),
        ),
        migrations.AddField(
            model_name="peakhours",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="peak_hours",
                to="labs.organisation",
            ),
        ),
        migrations.AddField(
            model_name="peakhours",
            name="resource",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="peak_hours",
                to="labs.resource",
            ),
        ),
        migrations.AddField(
            model_name="programme",
            name="organisations",
            field=models.ManyToManyField(
                blank=True,
                related_name="programmes",
                to="labs.organisation",
                verbose_name="organisations",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="programme",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="agreements",
                to="booking.programme",
                verbose_name="programme",
            ),
        ),
        migrations.AddField(
            model_name="quota",
            name="agreement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quotas",
                to="booking.agreement",
            ),
        ),
        migrations.AddField(
            model_name="quota",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quotas",
                to="labs.organisation",
            ),
        ),
        migrations.AddField(
            model_name="quota",
            name="resource",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quotas",
                to="labs.resource",
            ),
        ),
        migrations.AddConstraint(
            model_name="peakhours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resource__isnull", True),
                    ("organisation__isnull", True),
                    _connector="XOR",
                ),
                name="booking_peakhours_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="peakhours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends__lte", 1440), ("starts__lt", models.F("ends"))
                ),
                name="booking_peakhours_order",
                violation_error_code="reversed_times",
                violation_error_message="The end must come after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="peakhours",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__len__gt", 0)), name="booking_peakhours_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_on__lte", models.F("ends_on"))),
                name="booking_programme_order",
                violation_error_code="reversed_dates",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("organisation__isnull", True),
                    ("programme__isnull", True),
                    _connector="XOR",
                ),
                name="booking_agreement_one_guest",
                violation_error_code="one_guest",
                violation_error_message="Choose one organisation or one programme, not both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("covers", "tag"), ("tag", ""), _connector="XOR"),
                name="booking_agreement_tag",
                violation_error_code="tag_needed",
                violation_error_message="Say which tag, and only where one counts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_from__lte", models.F("valid_until")),
                    _connector="OR",
                ),
                name="booking_agreement_order",
                violation_error_code="reversed_dates",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("organisation", None), ("resource", None)),
                    models.Q(("agreement", None), ("resource", None)),
                    models.Q(("agreement", None), ("organisation", None)),
                    _connector="OR",
                ),
                name="booking_quota_one_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tag", ""), ("organisation__isnull", False), _connector="OR"
                ),
                name="booking_quota_tag",
                violation_error_code="tag_of_nobody",
                violation_error_message="A tag is that of a host’s resources.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("most_minutes__isnull", False),
                    ("most_count__isnull", False),
                    _connector="OR",
                ),
                name="booking_quota_says_how_much",
                violation_error_code="quota_without_limit",
                violation_error_message="Say how many hours or reservations.",
            ),
        ),
        migrations.RunSQL(sql.DROP_VIEW, sql.effective_view(sql.BEFORE)),
        migrations.RunSQL(sql.effective_view(sql.VALUES), sql.DROP_VIEW),
        migrations.RunSQL(sql.COVERS, sql.COVERS_BACK),
        migrations.RunSQL(sql.AGREEMENTS, sql.DROP_FOR.format("agreements_for")),
        migrations.RunSQL(sql.QUOTAS, sql.DROP_FOR.format("quotas_for")),
        migrations.RunSQL(sql.HAS_LIMITS, sql.DROP_FOR.format("has_limits")),
        migrations.RunSQL(sql.PEAK, sql.DROP_PEAK),
        migrations.RunSQL(
            sql.effective_function(sql.VALUES), sql.DROP_FOR.format("policy_for")
        ),
    ]
