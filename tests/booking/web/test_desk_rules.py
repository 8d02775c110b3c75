from __future__ import annotations

from typing import Any

from booking.models import EffectivePolicy, Policy
from tests import factories
from tests.booking.web.browser import hidden, signed_in, text_of
from tests.cast import Cast


def rules(**own: str) -> dict[str, str]:
    return dict.fromkeys(Policy.VALUES, "") | own


def effective(cast: Cast) -> EffectivePolicy:
    found: EffectivePolicy = EffectivePolicy.objects.get(resource=cast.lab)
    return found


def test_policy__changed__only_that_is_own(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/policy/"
    given = rules(turnaround_minutes="45", approval_path="any")
    assert client.post(url, given).status_code == 302
    held = effective(cast)
    assert (held.needs_approval, held.turnaround_minutes) == (True, 45)
    assert cast.lab.policy.max_duration_minutes is None
    client.post(url, rules(turnaround_minutes="45"))
    assert Policy.objects.get(resource=cast.lab).approval_path is None
    wrong = client.post(url, given | {"max_duration_minutes": "10"})
    assert wrong.status_code == 400
    assert "The longest is shorter than the shortest." in text_of(wrong)
    for nonsense in ("-5", "9" * 30, "<b>", "1.5"):
        told = client.post(url, rules(notice_minutes=nonsense))
        assert told.status_code == 400, nonsense


def test_policy__each_value__says_where_it_comes_from(cast: Cast) -> None:
    client = signed_in(cast.manager)
    Policy.objects.create(organisation=cast.host, max_duration_minutes=240)
    page = text_of(client.get(f"/desk/{cast.lab.slug}/policy/"))
    assert "As the organisation: 4 h" in page
    assert "As the hub: 30 min" in page
    assert "inherited" in page
    assert client.get(f"/desk/{cast.lab.slug}/policy/").context["form"][
        "notice_minutes"
    ].value() in {0, "0"}


def test_policy__value_between_the_choices__is_kept(cast: Cast) -> None:
    factories.set_policy(cast.lab, max_duration_minutes=50)
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/policy/"
    assert "50 min" in text_of(client.get(url))
    client.post(url, rules(max_duration_minutes="50"))
    assert effective(cast).max_duration_minutes == 50


def test_organisation_policy__its_manager__sets_it_for_all(cast: Cast) -> None:
    url = f"/desk/policy/{cast.host.slug}/"
    client = signed_in(cast.manager)
    assert f'href="{url}"' in client.get("/desk/policy/").content.decode()
    assert client.post(url, rules(max_duration_minutes="120")).status_code == 302
    assert effective(cast).max_duration_minutes == 120
    wrong = client.post(url, rules(max_duration_minutes="10"))
    assert wrong.status_code == 400
    assert "The longest is shorter than the shortest." in text_of(wrong)
    for person, status in (
        (cast.booker, 403),
        (cast.stranger, 403),
        (cast.staff, 200),
    ):
        assert signed_in(person).get(url).status_code == status
    assert client.get("/desk/policy/nobody/").status_code == 404


def test_hub_policy__staff__set_every_value(cast: Cast) -> None:
    client = signed_in(cast.staff)
    held: Any = Policy.objects.get(resource=None, organisation=None)
    whole = {name: str(getattr(held, name)) for name in Policy.VALUES}
    assert "Rules of the hub" in text_of(client.get("/desk/policy/"))
    assert client.post("/desk/policy/", rules()).status_code == 400
    changed = whole | {"horizon_days": "90"}
    assert client.post("/desk/policy/", changed).status_code == 302
    assert effective(cast).horizon_days == 90
    signed_in(cast.manager).post("/desk/policy/", whole)
    assert effective(cast).horizon_days == 90


def test_policy__of_two_tabs__the_second_is_told_and_kept(cast: Cast) -> None:
    Policy.objects.create(organisation=cast.host, max_duration_minutes=240)
    for url, person, own in (
        (f"/desk/{cast.lab.slug}/policy/", cast.manager, {}),
        (f"/desk/policy/{cast.host.slug}/", cast.manager, {}),
        ("/desk/policy/", cast.staff, whole_policy()),
    ):
        client = signed_in(person)
        seen = hidden(client.get(url), "seen")
        first = rules(**own) | {"turnaround_minutes": "45", "seen": seen}
        assert client.post(url, first).status_code == 302
        late = client.post(url, first | {"turnaround_minutes": "20"})
        assert late.status_code == 409
        assert "Somebody saved other rules meanwhile." in text_of(late)
        assert "Turnaround: 45 min" in text_of(late)
        again = {"turnaround_minutes": "20", "seen": hidden(late, "seen")}
        assert client.post(url, first | again).status_code == 302
    assert effective(cast).turnaround_minutes == 20


def whole_policy() -> dict[str, str]:
    """What the hub's form says, where nothing may be empty."""
    held = Policy.objects.get(resource=None, organisation=None)
    return {name: str(getattr(held, name)) for name in Policy.VALUES}
