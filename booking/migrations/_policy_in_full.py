"""What of policies, agreements and quotas holds, in SQL; for the migration."""

from __future__ import annotations

#: The one list that the view and the function below are written from.
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
    "min_gap_minutes",
    "most_active",
    "cancel_until_minutes",
    "most_people",
)
BEFORE = VALUES[:10]
#: Without the length of their columns in the view: array_agg does not keep it, and a
#: function must return the very types that it promised.
WORDS = ("approval_path", "when_undecided", "others_see")

HUB = """
UPDATE booking_policy
SET min_gap_minutes = 0, most_active = 0, cancel_until_minutes = 0, most_people = 0
WHERE resource_id IS NULL AND organisation_id IS NULL
"""

COVERS = """
CREATE VIEW booking_agreementcovers AS
SELECT a.id AS agreement_id, r.id AS resource_id
FROM booking_agreement a
JOIN labs_resource r ON (a.host_id IS NULL OR a.host_id = r.organisation_id)
    AND CASE a.covers
        WHEN 'all' THEN true
        WHEN 'tag' THEN a.tag = ANY (r.tags)
        ELSE EXISTS (
            SELECT FROM booking_agreement_resources n
            WHERE n.agreement_id = a.id AND n.resource_id = r.id)
    END;
CREATE VIEW booking_quotacovers AS
SELECT q.id AS quota_id, r.id AS resource_id
FROM booking_quota q
JOIN labs_resource r ON CASE
    WHEN q.resource_id IS NOT NULL THEN q.resource_id = r.id
    WHEN q.organisation_id IS NOT NULL
        THEN q.organisation_id = r.organisation_id
            AND (q.tag = '' OR q.tag = ANY (r.tags))
    WHEN q.agreement_id IS NOT NULL
        THEN EXISTS (
            SELECT FROM booking_agreementcovers c
            WHERE c.agreement_id = q.agreement_id AND c.resource_id = r.id)
    ELSE true
END;
"""
COVERS_BACK = """
DROP VIEW booking_quotacovers;
DROP VIEW booking_agreementcovers;
"""

# In PL/pgSQL, which keeps a plan for the session: to plan them anew would take longer
# than all that they find. Which of several goes first stands here and nowhere else: the
# narrowest (named resources, a tag, all; a host's, the hub's; an organisation's own, a
# programme's), then the newest.
AGREEMENTS = """
CREATE FUNCTION booking_agreements_for(resource int, guest bigint, day date)
RETURNS TABLE (agreement_id bigint, place bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT a.id, row_number() OVER (ORDER BY
        CASE a.covers WHEN 'resources' THEN 0 WHEN 'tag' THEN 1 ELSE 2 END,
        a.host_id IS NULL, a.programme_id IS NOT NULL, a.created_at DESC, a.id DESC)
    FROM booking_agreement a
    WHERE (a.organisation_id = guest OR a.programme_id IN (
            SELECT g.id
            FROM booking_programme_organisations m
            JOIN booking_programme g ON g.id = m.programme_id
            WHERE m.organisation_id = guest AND day BETWEEN g.starts_on AND g.ends_on))
        AND a.valid_from <= day AND (a.valid_until IS NULL OR day <= a.valid_until)
        AND EXISTS (
            SELECT FROM booking_agreementcovers c
            WHERE c.agreement_id = a.id AND c.resource_id = resource);
END
$$
"""

# All that count at once, unless an agreement puts its own in their place.
QUOTAS = """
CREATE FUNCTION booking_quotas_for(resource int, guest bigint, day date)
RETURNS TABLE (quota_id bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH agreed AS (
        SELECT f.agreement_id, f.place, a.replaces_quotas
        FROM booking_agreements_for(resource, guest, day) f
        JOIN booking_agreement a ON a.id = f.agreement_id
    ), instead AS (
        SELECT agreement_id FROM agreed WHERE replaces_quotas ORDER BY place LIMIT 1
    )
    SELECT q.id
    FROM booking_quota q
    JOIN booking_quotacovers c ON c.quota_id = q.id AND c.resource_id = resource
    WHERE CASE
        WHEN EXISTS (SELECT FROM instead)
            THEN q.agreement_id = (SELECT agreement_id FROM instead)
        ELSE q.agreement_id IS NULL
            OR q.agreement_id IN (SELECT agreement_id FROM agreed)
    END;
END
$$
"""

# Whether there is anything to count; what, it does not look at.
HAS_LIMITS = """
CREATE FUNCTION booking_has_limits(resource int, guest bigint, day date)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM booking_quotacovers c WHERE c.resource_id = resource)
        OR EXISTS (SELECT FROM booking_agreements_for(resource, guest, day));
END
$$
"""

# By the clock on the wall: on a night that the clocks go back an end may come first.
PEAK = """
CREATE FUNCTION booking_peak_minutes(
    resource int, starts_at timestamptz, ends_at timestamptz
) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(extract(epoch FROM upper(x) - lower(x)) / 60), 0)::int
    FROM unnest((
        SELECT range_agg(w.wall * tsrange(
            d + make_interval(mins => k.starts), d + make_interval(mins => k.ends)))
        FROM labs_resource r
        JOIN labs_site t ON t.id = r.site_id
        CROSS JOIN LATERAL (
            SELECT tsrange(starts_at AT TIME ZONE t.time_zone, greatest(
                starts_at AT TIME ZONE t.time_zone, ends_at AT TIME ZONE t.time_zone
            )) AS wall
        ) w
        JOIN booking_peakhours k ON k.resource_id = r.id
            OR k.organisation_id = r.organisation_id AND NOT EXISTS (
                SELECT FROM booking_peakhours o WHERE o.resource_id = r.id)
        CROSS JOIN generate_series(
            date_trunc('day', starts_at AT TIME ZONE t.time_zone),
            ends_at AT TIME ZONE t.time_zone, interval '1 day') AS d
        WHERE r.id = resource
            AND ('{MO,TU,WE,TH,FR,SA,SU}'::text[])[extract(isodow FROM d)::int]
                = ANY (k.days)
    )) AS x
    WHERE NOT isempty(x)
$$
"""


def effective_view(values: tuple[str, ...]) -> str:
    """Return the view of what holds without an agreement."""
    columns = ",\n    ".join(
        f"coalesce(own.{value}, owner.{value}, hub.{value})"
        f"{'::varchar' if value in WORDS else ''} AS {value}"
        for value in values
    )
    return f"""
CREATE VIEW booking_effectivepolicy AS
SELECT r.id AS resource_id,
    {columns},
    coalesce(own.approval_path, owner.approval_path, hub.approval_path) <> 'none'
        AS needs_approval
FROM labs_resource r
JOIN booking_policy hub
    ON hub.resource_id IS NULL AND hub.organisation_id IS NULL
LEFT JOIN booking_policy owner ON owner.organisation_id = r.organisation_id
LEFT JOIN booking_policy own ON own.resource_id = r.id
"""


def effective_function(values: tuple[str, ...]) -> str:
    """Return the function of what holds for one guest on one day, agreements first."""
    held = ",\n        ".join(f"coalesce(x.{value}, p.{value})" for value in values)
    agreed = ",\n            ".join(
        f"(array_agg(a.{value} ORDER BY f.place)"
        f" FILTER (WHERE a.{value} IS NOT NULL))[1] AS {value}"
        for value in values
    )
    return f"""
CREATE FUNCTION booking_policy_for(resource int, guest bigint, day date)
RETURNS SETOF booking_effectivepolicy LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM booking_agreements_for(resource, guest, day)) THEN
        RETURN QUERY SELECT * FROM booking_effectivepolicy p
            WHERE p.resource_id = resource;
        RETURN;
    END IF;
    RETURN QUERY SELECT p.resource_id,
        {held},
        coalesce(x.approval_path, p.approval_path) <> 'none'
    FROM booking_effectivepolicy p
    CROSS JOIN (
        SELECT {agreed}
        FROM booking_agreements_for(resource, guest, day) f
        JOIN booking_agreement a ON a.id = f.agreement_id
    ) x
    WHERE p.resource_id = resource;
END
$$
"""


DROP_VIEW = "DROP VIEW booking_effectivepolicy"
DROP_FOR = "DROP FUNCTION booking_{}(int, bigint, date)"
DROP_PEAK = "DROP FUNCTION booking_peak_minutes(int, timestamptz, timestamptz)"
