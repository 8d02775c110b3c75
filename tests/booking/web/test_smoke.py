from __future__ import annotations
from django.test import Client
from tests.cast import Cast
from tests import factories

def test_all(cast: Cast) -> None:
    made = factories.reserve(cast.studio, cast.booker)
    for who in (cast.booker, cast.manager, cast.staff, cast.stranger):
        c = Client()
        c.force_login(who)
        for url in ("/", "/reserve/%s/" % cast.lab.slug, "/reservations/", f"/reservations/{made.reference}/", "/approvals/", "/desk/", f"/desk/{cast.lab.slug}/", "/nothing/", "/sign-in/", "/messages/"):
            r = c.get(url)
            print(who.name, url, r.status_code, len(r.content))
            if r.status_code >= 500: print(r.content[:3000])
    assert 0
