"""What hosts ask of whoever reserves, and hours that only some may use."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Whether an organisation is one of those that may use such hours on a day; whom a
# qualification admits depends on the person, not on it.
ADMIT = """
CREATE FUNCTION booking_hours_admit(hours bigint, guest bigint, on_day date)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(h.for_host AND r.organisation_id = guest, false)
        OR EXISTS (
            SELECT FROM booking_restrictedhours_organisations x
            WHERE x.restrictedhours_id = h.id AND x.organisation_id = guest)
        OR EXISTS (
            SELECT FROM booking_restrictedhours_programmes x
            JOIN booking_programme p ON p.id = x.programme_id
            JOIN booking_programme_organisations m ON m.programme_id = p.id
            WHERE x.restrictedhours_id = h.id AND m.organisation_id = guest
                AND on_day BETWEEN p.starts_on AND p.ends_on)
    FROM booking_restrictedhours h JOIN labs_resource r ON r.id = h.resource_id
    WHERE h.id = hours
$$
"""

# When none of these organisations may use it, for whoever looks for free time. Hours
# that a qualification opens count as open: the rule knows who comes, and judges.
CLOSED_TO = """
CREATE FUNCTION booking_hours_closed_to(
    of_resource bigint, guests bigint[], first timestamptz, last timestamptz)
RETURNS tstzmultirange LANGUAGE sql STABLE AS $$
    SELECT coalesce(range_agg(tstzrange(s, e)), '{}')
    FROM booking_restrictedhours h
    JOIN labs_resource r ON r.id = h.resource_id
    JOIN labs_site t ON t.id = r.site_id
    CROSS JOIN generate_series(
        (first AT TIME ZONE t.time_zone)::date::timestamp,
        (last AT TIME ZONE t.time_zone)::date::timestamp, '1 day') AS day
    CROSS JOIN LATERAL (
        SELECT (day + make_interval(mins => h.starts)) AT TIME ZONE t.time_zone AS s,
            (day + make_interval(mins => h.ends)) AT TIME ZONE t.time_zone AS e
    ) p
    WHERE h.resource_id = of_resource AND s < e
        AND (ARRAY['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'])
            [extract(isodow FROM day)::int] = ANY (h.days)
        AND NOT EXISTS (
            SELECT FROM unnest(guests) g
            WHERE booking_hours_admit(h.id, g, day::date))
        AND NOT EXISTS (
            SELECT FROM booking_restrictedhours_qualifications x
            WHERE x.restrictedhours_id = h.id)
$$
"""
BACK = """
DROP FUNCTION booking_hours_closed_to(bigint, bigint[], timestamptz, timestamptz);
DROP FUNCTION booking_hours_admit(bigint, bigint, date);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0012_presence"),
        ("labs", "0005_qualifications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reservation",
            name="answers",
            field=models.JSONField(
                blank=True, default=list, editable=False, verbose_name="answers"
            ),
        ),
        migrations.AddField(
            model_name="series",
            name="answers",
            field=models.JSONField(
                blank=True, default=dict, editable=False, verbose_name="answers"
            ),
        ),
        migrations.CreateModel(
            name="AnswerFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("file", models.FileField(upload_to="answers/", verbose_name="file")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                ("is_kept", models.BooleanField(default=False, verbose_name="kept")),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "file of an answer",
                "verbose_name_plural": "files of answers",
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_kept", False)),
                        fields=["sent_at"],
                        name="booking_answerfile_loose",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Question",
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
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("key", models.SlugField(max_length=40, verbose_name="key")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("choice", "One of a list"),
                            ("number", "Number"),
                            ("yes_no", "Yes or no"),
                            ("file", "File"),
                        ],
                        default="text",
                        max_length=6,
                        verbose_name="kind",
                    ),
                ),
                (
                    "is_required",
                    models.BooleanField(default=False, verbose_name="must be answered"),
                ),
                (
                    "choices",
                    models.JSONField(blank=True, default=list, verbose_name="choices"),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="labs.resource",
                    ),
                ),
            ],
            options={
                "verbose_name": "question",
                "verbose_name_plural": "questions",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("resource", "key"), name="booking_question_key"
                    ),
                    models.UniqueConstraint(
                        fields=("resource", "position"),
                        name="booking_question_position",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "choice"), ("choices", []), _connector="XOR"
                        ),
                        name="booking_question_choices",
                        violation_error_code="choices_needed",
                        violation_error_message="Say what can be chosen, where one "
                        "of a list is asked for.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RestrictedHours",
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
                (
                    "for_host",
                    models.BooleanField(
                        default=True, verbose_name="the host’s own people"
                    ),
                ),
                (
                    "organisations",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="labs.organisation",
                        verbose_name="organisations",
                    ),
                ),
                (
                    "programmes",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="booking.programme",
                        verbose_name="programmes",
                    ),
                ),
                (
                    "qualifications",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="labs.qualificationtype",
                        verbose_name="qualifications",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="restricted_hours",
                        to="labs.resource",
                    ),
                ),
            ],
            options={
                "verbose_name": "hours for some",
                "verbose_name_plural": "hours for some",
                "ordering": ["starts", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends__lte", 1440), ("starts__lt", models.F("ends"))
                        ),
                        name="booking_restrictedhours_order",
                        violation_error_code="reversed_times",
                        violation_error_message="The end must come after the start.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__len__gt", 0)),
                        name="booking_restrictedhours_days",
                    ),
                ],
            },
        ),
        migrations.RunSQL([ADMIT, CLOSED_TO], BACK),
    ]
