from __future__ import annotations

import zoneinfo
from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def validate_time_zone(value: str) -> None:
    """Refuse what is not a zone of the IANA database, such as Europe/Sofia."""
    if value not in _zones():
        raise ValidationError(
            _("%(value)s is not an IANA time zone such as Europe/Sofia."),
            code="unknown_time_zone",
            params={"value": value},
        )


validate_tag = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*$",
    _("A tag has small Latin letters, digits and single hyphens."),
    code="bad_tag",
)

validate_one_line = RegexValidator(
    r"[\x00-\x1f\x7f\u0085\u2028\u2029]",
    _("Write this on one line."),
    code="not_one_line",
    inverse_match=True,
)

#: Their addresses belong to everybody, so no organisation can call them its own.
PUBLIC_DOMAINS = frozenset(
    (
        *("abv.bg", "dir.bg", "mail.bg", "gmail.com", "googlemail.com", "hotmail.com"),
        *("icloud.com", "live.com", "outlook.com", "proton.me", "protonmail.com"),
        "yahoo.com",
    )
)

_domain_like = RegexValidator(
    r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$",
    _("Write a domain in small letters, such as example.com."),
    code="bad_domain",
)


def validate_domain(value: str) -> None:
    """Refuse what is no domain of mails, or is one that everybody can have."""
    _domain_like(value)
    if value in PUBLIC_DOMAINS:
        text = _("Everybody can have an address there.")
        raise ValidationError(text, code="public_domain")
