from __future__ import annotations

from typing import Any

from config import clock
from config.prepared import prepared
from labs.models import ApiToken, User

# Every request of a program begins with it, so the roles come along, and Django has no
# query to compose: that takes longer than to answer it.
BEARER = """
SELECT u.*, t.scope AS token_scope, (
    SELECT json_object_agg(m.organisation_id, m.role)
    FROM labs_membership m
    JOIN labs_organisation o ON o.id = m.organisation_id AND o.is_active
    WHERE m.user_id = u.id
) AS token_roles
FROM labs_apitoken t
JOIN labs_user u ON u.id = t.user_id AND u.is_active
WHERE t.hash = %s AND (t.expires_at IS NULL OR t.expires_at > %s)
"""


def token_bearer(secret: str) -> tuple[User, ApiToken.Scope] | None:
    """Return whom a token stands for, with their roles, and what it allows; one query.

    None where the token is not known, or it has expired.
    """
    values = [ApiToken.hash_of(secret), clock.now()]
    with prepared():
        found: list[Any] = list(User.objects.raw(BEARER, values))
    for person in found:
        roles = person.token_roles or {}
        person.roles = {int(pk): role for pk, role in roles.items()}
        return person, ApiToken.Scope(person.token_scope)
    return None
