"""Guards on django-scheduler's tables, the history's trigger, the policies' view."""

from __future__ import annotations

from django.db import migrations

VALUES = (
    "min_duration_minutes",
    "max_duration_minutes",
    "start_grid_minutes",
    "notice_minutes",
    "horizon_days",
    "turnaround_minutes",
    "needs_approval",
    "decide_within_hours",
)

# django-scheduler accepts an end before its start, two exceptions for one date, and
# rules that mean every day by a slip (byweekday:XX) or never end (interval:0).
SCHEDULER = """
ALTER TABLE schedule_rule
    ADD CONSTRAINT booking_rule_sane CHECK (
        frequency IN ('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY')
        AND params ~ '^(byweekday:(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*)?'
                     '((^|;)interval:([1-9]|[1-4][0-9]|5[0-2]))?$');
ALTER TABLE schedule_event
    ADD CONSTRAINT booking_event_order CHECK ("end" > start);
ALTER TABLE schedule_occurrence
    ADD CONSTRAINT booking_occurrence_order CHECK ("end" > start);
ALTER TABLE schedule_occurrence
    ADD CONSTRAINT booking_occurrence_once UNIQUE (event_id, original_start);
"""
SCHEDULER_BACK = """
ALTER TABLE schedule_rule DROP CONSTRAINT booking_rule_sane;
ALTER TABLE schedule_event DROP CONSTRAINT booking_event_order;
ALTER TABLE schedule_occurrence DROP CONSTRAINT booking_occurrence_order;
ALTER TABLE schedule_occurrence DROP CONSTRAINT booking_occurrence_once;
"""

HISTORY = """
CREATE FUNCTION booking_history_is_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only' USING ERRCODE = 'restrict_violation';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER booking_history_append_only
    BEFORE UPDATE OR DELETE ON booking_history
    FOR EACH ROW EXECUTE FUNCTION booking_history_is_append_only();
"""
HISTORY_BACK = """
DROP TRIGGER booking_history_append_only ON booking_history;
DROP FUNCTION booking_history_is_append_only();
"""

# Every effective policy ends at the hub's; without it nothing could be reserved.
HUB = """
CREATE FUNCTION booking_policy_hub_stays() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'the hub must have a policy' USING ERRCODE = 'restrict_violation';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER booking_policy_hub_not_deleted
    BEFORE DELETE ON booking_policy FOR EACH ROW
    WHEN (OLD.resource_id IS NULL AND OLD.organisation_id IS NULL)
    EXECUTE FUNCTION booking_policy_hub_stays();
CREATE TRIGGER booking_policy_hub_not_given_away
    BEFORE UPDATE ON booking_policy FOR EACH ROW
    WHEN (OLD.resource_id IS NULL AND OLD.organisation_id IS NULL
          AND (NEW.resource_id IS NOT NULL OR NEW.organisation_id IS NOT NULL))
    EXECUTE FUNCTION booking_policy_hub_stays();
"""
HUB_BACK = """
DROP TRIGGER booking_policy_hub_not_deleted ON booking_policy;
DROP TRIGGER booking_policy_hub_not_given_away ON booking_policy;
DROP FUNCTION booking_policy_hub_stays();
"""

COLUMNS = ",\n    ".join(
    f"coalesce(own.{value}, owner.{value}, hub.{value}) AS {value}" for value in VALUES
)
VIEW = f"""
CREATE VIEW booking_effectivepolicy AS
SELECT r.id AS resource_id,
    {COLUMNS}
FROM labs_resource r
JOIN booking_policy hub
    ON hub.resource_id IS NULL AND hub.organisation_id IS NULL
LEFT JOIN booking_policy owner ON owner.organisation_id = r.organisation_id
LEFT JOIN booking_policy own ON own.resource_id = r.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0001_initial"),
        ("schedule", "0015_rename_indexes"),
    ]
    operations = [
        migrations.RunSQL(SCHEDULER, SCHEDULER_BACK),
        migrations.RunSQL(HISTORY, HISTORY_BACK),
        migrations.RunSQL(HUB, HUB_BACK),
        migrations.RunSQL(VIEW, "DROP VIEW booking_effectivepolicy"),
    ]
