from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0004_history_actions"),
        ("notifications", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="notifications_message_words",
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("requested", "Request"),
                    ("reserved", "Reserved"),
                    ("approved", "Approved"),
                    ("declined", "Declined"),
                    ("asked", "Question"),
                    ("answered", "Answer"),
                    ("move_asked", "Asked to move"),
                    ("moved", "Moved"),
                    ("cancelled", "Cancelled"),
                    ("expired", "Expired"),
                    ("reminder", "Reminder"),
                ],
                max_length=11,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channel__in", ["email"]),
                    (
                        "kind__in",
                        [
                            "requested",
                            "reserved",
                            "approved",
                            "declined",
                            "asked",
                            "answered",
                            "move_asked",
                            "moved",
                            "cancelled",
                            "expired",
                            "reminder",
                        ],
                    ),
                    (
                        "state__in",
                        ["planned", "sending", "sent", "withdrawn", "missed", "failed"],
                    ),
                ),
                name="notifications_message_words",
            ),
        ),
    ]
