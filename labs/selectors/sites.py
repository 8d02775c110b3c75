from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet, Value

from labs.models import Resource, Site, User


def site_list(*, user: User | AnonymousUser) -> QuerySet[Site]:
    """Return all sites, by name; `notes_open` tells whether to show how to get in.

    To hub staff everywhere, and to who manages something published at the site: a
    draft is made in private, by any manager at any site.
    """
    sites = Site.objects.all()
    if user.is_authenticated and user.is_hub_staff:
        return sites.annotate(notes_open=Value(True))
    theirs = Resource.objects.manageable_by(user).published()
    return sites.annotate(notes_open=Exists(theirs.filter(site=OuterRef("pk"))))
