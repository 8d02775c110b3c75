"""Terms of use in versions that never change, and who accepted them."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

APPEND_ONLY = """
CREATE FUNCTION booking_terms_are_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'terms are append-only' USING ERRCODE = 'restrict_violation';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER booking_terms_append_only
    BEFORE UPDATE OR DELETE ON booking_terms
    FOR EACH ROW EXECUTE FUNCTION booking_terms_are_append_only();
CREATE TRIGGER booking_acceptance_append_only
    BEFORE UPDATE OR DELETE ON booking_termsacceptance
    FOR EACH ROW EXECUTE FUNCTION booking_terms_are_append_only();
"""
APPEND_ONLY_BACK = """
DROP TRIGGER booking_acceptance_append_only ON booking_termsacceptance;
DROP TRIGGER booking_terms_append_only ON booking_terms;
DROP FUNCTION booking_terms_are_append_only();
"""

# The newest of the resource's own, unless that ended them; else its host's.
CURRENT = """
CREATE VIEW booking_currentterms AS
SELECT r.id AS resource_id, t.id AS terms_id
FROM labs_resource r
CROSS JOIN LATERAL (
    SELECT n.id FROM (
        (SELECT id, text, 0 AS place FROM booking_terms
            WHERE resource_id = r.id ORDER BY version DESC LIMIT 1)
        UNION ALL
        (SELECT id, text, 1 FROM booking_terms
            WHERE organisation_id = r.organisation_id ORDER BY version DESC LIMIT 1)
    ) n
    WHERE n.text <> '' ORDER BY n.place LIMIT 1
) t
"""


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0010_kits"),
        ("labs", "0004_departure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Terms",
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
                ("version", models.PositiveIntegerField(verbose_name="version")),
                (
                    "text",
                    models.TextField(
                        blank=True,
                        max_length=20000,
                        validators=[django.core.validators.MaxLengthValidator(20000)],
                        verbose_name="text",
                    ),
                ),
                (
                    "text_bg",
                    models.TextField(
                        blank=True,
                        max_length=20000,
                        validators=[django.core.validators.MaxLengthValidator(20000)],
                        verbose_name="text in Bulgarian",
                    ),
                ),
                ("published_at", models.DateTimeField(verbose_name="published at")),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="labs.organisation",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms",
                        to="labs.resource",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of use",
                "verbose_name_plural": "terms of use",
                "ordering": ["-version"],
            },
        ),
        migrations.AddField(
            model_name="reservation",
            name="terms",
            field=models.ForeignKey(
                blank=True,
                help_text="The version that was accepted.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reservations",
                to="booking.terms",
                verbose_name="terms of use",
            ),
        ),
        migrations.CreateModel(
            name="TermsAcceptance",
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
                ("accepted_at", models.DateTimeField(verbose_name="accepted at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accepted_terms",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="booking.terms",
                    ),
                ),
            ],
            options={
                "verbose_name": "acceptance of terms",
                "verbose_name_plural": "acceptances of terms",
            },
        ),
        migrations.AddConstraint(
            model_name="terms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resource__isnull", True),
                    ("organisation__isnull", True),
                    _connector="XOR",
                ),
                name="booking_terms_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="terms",
            constraint=models.UniqueConstraint(
                fields=("resource", "version"), name="booking_terms_of_resource"
            ),
        ),
        migrations.AddConstraint(
            model_name="terms",
            constraint=models.UniqueConstraint(
                fields=("organisation", "version"), name="booking_terms_of_host"
            ),
        ),
        migrations.AddConstraint(
            model_name="terms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("text", ""), _negated=True),
                    ("text_bg", ""),
                    _connector="OR",
                ),
                name="booking_terms_english_first",
                violation_error_code="english_missing",
                violation_error_message="Write the English text too.",
            ),
        ),
        migrations.AddConstraint(
            model_name="termsacceptance",
            constraint=models.UniqueConstraint(
                fields=("terms", "person"), name="booking_terms_accepted_once"
            ),
        ),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_BACK),
        migrations.RunSQL(CURRENT, "DROP VIEW booking_currentterms"),
    ]
