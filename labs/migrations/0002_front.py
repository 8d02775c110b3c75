from __future__ import annotations

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("labs", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Door",
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
                ("hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "shows_names",
                    models.BooleanField(
                        default=False,
                        help_text=(
                            "The organisation’s name stands on the door, "
                            "for all who pass."
                        ),
                        verbose_name="shows names",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "resource",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="door",
                        to="labs.resource",
                    ),
                ),
            ],
            options={
                "verbose_name": "door page",
                "verbose_name_plural": "door pages",
            },
        ),
        migrations.CreateModel(
            name="FloorPlan",
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
                    "name",
                    models.CharField(
                        max_length=80,
                        validators=[
                            django.core.validators.RegexValidator(
                                "[\\x00-\\x1f\\x7f\\u0085\\u2028\\u2029]",
                                "Write this on one line.",
                                code="not_one_line",
                                inverse_match=True,
                            )
                        ],
                        verbose_name="name",
                    ),
                ),
                (
                    "name_bg",
                    models.CharField(
                        blank=True,
                        max_length=80,
                        validators=[
                            django.core.validators.RegexValidator(
                                "[\\x00-\\x1f\\x7f\\u0085\\u2028\\u2029]",
                                "Write this on one line.",
                                code="not_one_line",
                                inverse_match=True,
                            )
                        ],
                        verbose_name="name in Bulgarian",
                    ),
                ),
                (
                    "level",
                    models.SmallIntegerField(
                        default=0,
                        help_text="0 for the ground floor, −1 for the cellar.",
                        validators=[
                            django.core.validators.MinValueValidator(-20),
                            django.core.validators.MaxValueValidator(200),
                        ],
                        verbose_name="storey",
                    ),
                ),
                (
                    "width",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(1)),
                            django.core.validators.MaxValueValidator(500),
                        ],
                        verbose_name="width",
                    ),
                ),
                (
                    "height",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(1)),
                            django.core.validators.MaxValueValidator(500),
                        ],
                        verbose_name="height",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="plans",
                        to="labs.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "floor plan",
                "verbose_name_plural": "floor plans",
                "ordering": ["level", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Room",
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
                    "x",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(500),
                        ],
                        verbose_name="from the left",
                    ),
                ),
                (
                    "y",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal(0)),
                            django.core.validators.MaxValueValidator(500),
                        ],
                        verbose_name="from the top",
                    ),
                ),
                (
                    "width",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0.5")),
                            django.core.validators.MaxValueValidator(500),
                        ],
                        verbose_name="width",
                    ),
                ),
                (
                    "height",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0.5")),
                            django.core.validators.MaxValueValidator(500),
                        ],
                        verbose_name="height",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rooms",
                        to="labs.floorplan",
                    ),
                ),
                (
                    "resource",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="room",
                        to="labs.resource",
                    ),
                ),
            ],
            options={
                "verbose_name": "room",
                "verbose_name_plural": "rooms",
                "ordering": ["y", "x", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="floorplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("height__gte", 1), ("width__gte", 1)),
                name="labs_plan_size",
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("height__gt", 0), ("width__gt", 0), ("x__gte", 0), ("y__gte", 0)
                ),
                name="labs_room_size",
            ),
        ),
    ]
