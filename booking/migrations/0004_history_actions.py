from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0003_favourite"),
    ]

    operations = [
        migrations.AlterField(
            model_name="history",
            name="action",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("reserved", "Reserved"),
                    ("approved", "Approved"),
                    ("declined", "Declined"),
                    ("taken_back", "Decision taken back"),
                    ("asked", "Asked for information"),
                    ("answered", "Answered"),
                    ("move_asked", "Asked to move"),
                    ("moved", "Moved"),
                    ("cancelled", "Cancelled"),
                    ("expired", "Expired"),
                    ("checked_in", "Checked in"),
                    ("checked_out", "Checked out"),
                    ("completed", "Completed"),
                    ("missed", "Nobody came"),
                    ("imported", "Imported"),
                ],
                max_length=11,
                verbose_name="action",
            ),
        ),
    ]
