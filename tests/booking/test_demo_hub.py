from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from io import StringIO

import pytest
from django.contrib.postgres.fields import DateTimeRangeField
from django.core.management import call_command
from django.db.models import Count, Exists, F, Func, Model, OuterRef, Q
from django.test import override_settings
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoDbBlocker

from booking.demo import data
from booking.demo.load import hub_load
from booking.demo.logins import demo_people
from booking.models import (
    AvailabilityRule,
    EffectivePolicy,
    History,
    Occupancy,
    OpenPeriod,
    Policy,
    Reservation,
    Series,
    WaitingEntry,
)
from booking.models.reservation import LAPSING, OCCUPYING, Status
from booking.periods import Period, subtract
from booking.selectors.contests import wanting
from booking.selectors.facts import Wish
from booking.services.lifecycle import reservations_complete_ended
from booking.services.reservations import reservation_reserve
from config import clock
from labs.models import FloorPlan, Membership, Organisation, Resource, Site, User
from labs.services.plans import plan_faults
from notifications.services.planning import is_news
from tests import factories
from tests.factories import DAY, HOUR, SOFIA

TEXTS: tuple[type[Model], ...] = (Organisation, Site, Resource)

TUESDAY = dt.datetime(2026, 10, 13, 11, 20, tzinfo=SOFIA).astimezone(dt.UTC)
#: New year in the first minute, a Saturday in the last, a Sunday that has 23 hours.
ODD_MOMENTS = (
    dt.datetime(2027, 1, 1, 0, 0, tzinfo=SOFIA),
    dt.datetime(2026, 6, 13, 23, 59, 30, tzinfo=SOFIA),
    dt.datetime(2026, 3, 29, 4, 5, tzinfo=SOFIA),
)
#: Histories with these are mailed about when they are new.
ANNOUNCED = ("requested", "reserved", "approved", "declined", "cancelled", "expired")


class TstzRange(Func):
    """PostgreSQL's function of that name, which makes `[start, end)`."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


@pytest.fixture(scope="module", autouse=True)
def _media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Its pictures leave with the tests."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield


@pytest.fixture(scope="class")
def hub(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The hub as loaded on a Tuesday; once for a class, since that takes seconds."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: TUESDAY)
        patch.setattr(timezone, "now", lambda: TUESDAY)  # for when it was recorded
        hub_load(lambda line: None)
        yield
        call_command("flush", interactive=False, verbosity=0)


def load() -> str:
    """Run the command; return what it said."""
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    more = (User, Membership, Policy, Reservation, History, Occupancy, OpenPeriod)
    models: tuple[type[Model], ...] = (*TEXTS, *more)
    return {model.__name__: model._default_manager.count() for model in models}


def is_cyrillic(text: str) -> bool:
    letters = [letter for letter in text.lower() if letter.isalpha()]
    return 2 * sum("а" <= letter <= "я" for letter in letters) > len(letters)


def length(spans: list[Period]) -> dt.timedelta:
    return sum((span.end - span.start for span in spans), dt.timedelta())


def require_alive(now: dt.datetime) -> None:
    """Every status is there, something waits, nothing lies about the time of day."""
    assert set(Reservation.objects.values_list("status", flat=True)) == set(Status)
    queue = Reservation.objects.filter(status=Status.PENDING)
    assert queue.count() >= 5
    talk = History.objects.filter(reservation__in=queue)
    assert {"asked", "answered"} <= set(talk.values_list("action", flat=True))
    occupying = Reservation.objects.occupying()
    assert not occupying.filter(status__in=LAPSING, lapses_at__lte=now).exists()
    assert not occupying.filter(ends_at__lte=now).exists()
    started = occupying.filter(starts_at__lte=now)
    assert set(started.values_list("status", flat=True)) == {Status.IN_USE}
    assert reservations_complete_ended() == 0


def require_ledger_agrees() -> None:
    """What occupies has its rows in the ledger, within open hours; nothing else has.

    But for what the host's closure of that one day has hit.
    """
    closed = data.read("stories")["closure"]["resource"]
    outside = []
    open_then = OpenPeriod.objects.filter(
        resource=OuterRef("resource"),
        during__contains=TstzRange(OuterRef("starts_at"), OuterRef("ends_at")),
    )
    for row in (
        Reservation.objects.select_related("resource")
        .prefetch_related("occupancy")
        .annotate(units=Count("resource__coverage"), is_open=Exists(open_then))
    ):
        needed = row.quantity if row.resource.is_pool else row.units  # type: ignore[attr-defined]
        rows = list(row.occupancy.all())
        assert len(rows) == (needed if row.status in OCCUPYING else 0), row
        if rows and not row.is_open:  # type: ignore[attr-defined]
            outside.append(row)
        for each in rows:
            assert (each.during.lower, each.during.upper) == (
                row.starts_at,
                row.free_at,
            ), row
    assert {row.resource.slug for row in outside} <= {closed}
    assert len({row.starts_at.date() for row in outside}) <= 1


def require_histories_sound(now: dt.datetime) -> None:
    """Each goes from status to status, forward in time, and ends where it stands."""
    for row in Reservation.objects.prefetch_related("history"):
        steps = list(row.history.all())
        if row.status == Status.HELD and not row.is_offer:
            assert not steps
            continue
        ats = [row.created_at, *(step.at for step in steps), now]
        assert ats == sorted(ats), row
        statuses = ["", *(step.to_status for step in steps)]
        assert [step.from_status for step in steps] == statuses[:-1], row
        assert (row.status, row.version) == (statuses[-1], len(steps)), row
        if row.status == Status.DECLINED:
            assert row.reason, row
            assert row.decided_by, row


@pytest.mark.django_db
@pytest.mark.usefixtures("hub")
class TestLoaded:
    def test_catalogue__thirty_resources_of_a_dozen_members(self) -> None:
        assert Resource.objects.published().count() == 30
        assert 12 <= Organisation.objects.count() <= 14
        assert Site.objects.count() == 5
        kinds = set(Organisation.objects.values_list("kind", flat=True))
        assert kinds == set(Organisation.Kind.values)
        kinds = set(Resource.objects.values_list("kind", flat=True))
        assert kinds == set(Resource.Kind.values)
        assert not Resource.objects.filter(coverage=None).exists()
        benches = Resource.objects.get(slug="electronics-benches")
        assert benches.coverage.count() == 6
        draft = Resource.objects.get(listing=Resource.Listing.DRAFT)
        assert (draft.organisation.slug, draft.photo.name) == ("krachka", "")
        hall = Resource.objects.exclude(parts=None).get()
        assert hall.coverage.count() == 2

    def test_catalogue__pictures_are_there_small_and_unlike(self) -> None:
        seen = set()
        # A draft has none yet, and says so on its checklist.
        for resource in Resource.objects.exclude(listing=Resource.Listing.DRAFT):
            with resource.photo.open() as file, Image.open(file) as image:
                assert image.size == (1200, 800)
                assert resource.photo.size < 60_000
                seen.add(image.tobytes())
        assert len(seen) == 30

    def test_floors__rooms_lie_as_they_may(self) -> None:
        plans = FloorPlan.objects.prefetch_related("rooms__resource")
        assert len({plan.site_id for plan in plans}) == 2
        for plan in plans:
            assert plan.name_bg
            rooms = list(plan.rooms.all())
            assert not plan_faults(plan, rooms)
            assert {room.resource.site_id for room in rooms} == {plan.site_id}

    def test_people__several_each_in_both_languages(self) -> None:
        members = Organisation.objects.annotate(n=Count("members"))
        assert not members.filter(n__lt=2).exists()
        managers = Q(memberships__role="manager")
        assert not Organisation.objects.exclude(managers).exists()
        assert set(User.objects.values_list("language", flat=True)) == {"en", "bg"}
        for user in User.objects.all():
            user.full_clean()

    @pytest.mark.parametrize("model", TEXTS)
    def test_texts__are_there_in_both_languages(self, model: type[Model]) -> None:
        for row in model._default_manager.all():
            row.full_clean()
            texts = {name: str(getattr(row, name)) for name in ("name", "description")}
            for name, text in texts.items():
                assert text, (row, name)
                assert getattr(row, f"{name}_bg").strip(), (row, name)
                assert not is_cyrillic(text), row
            assert is_cyrillic(str(getattr(row, "description_bg", ""))), row

    def test_closures__have_every_reason_in_both_languages(self) -> None:
        by_hand = AvailabilityRule.objects.filter(outside_calendar=None)
        closed = by_hand.filter(effect="closed")
        assert not closed.filter(Q(note="") | Q(note_bg="")).exists()
        reasons = set(closed.values_list("reason", flat=True))
        assert reasons == set(AvailabilityRule.Reason.values)

    def test_words__are_there_in_both_languages(self) -> None:
        for theme in {resource.theme for resource in data.resources()}:
            guests = [slug for slug, themes in data.uses().items() if theme in themes]
            assert len(guests) >= 3, theme
            for language in ("en", "bg"):
                texts = data.purposes(theme, language)
                assert len(texts) >= 3, theme
                for text in texts:
                    assert is_cyrillic(text) == (language == "bg"), text
        for words in data.read("words").values():
            assert len(words["en"]) == len(words["bg"])

    def test_policies__are_clean_and_varied(self) -> None:
        for policy in Policy.objects.all():
            policy.full_clean()
        effective = EffectivePolicy.objects.all()
        shortest = F("min_duration_minutes")
        assert not effective.filter(max_duration_minutes__lt=shortest).exists()
        for value in ("needs_approval", "turnaround_minutes", "start_grid_minutes"):
            assert effective.values(value).distinct().count() > 1

    def test_reservations__are_alive_and_the_ledger_agrees(self) -> None:
        require_alive(TUESDAY)
        require_ledger_agrees()
        require_histories_sound(TUESDAY)

    def test_offers__one_of_each_is_open_and_two_times_are_contested(self) -> None:
        offers = Reservation.objects.filter(status=Status.HELD)
        assert offers.exclude(offered_to=None).count() == 1
        assert offers.exclude(instead_of=None).count() == 1
        waiting = WaitingEntry.objects.in_line()
        assert waiting.count() == 2
        pending = Reservation.objects.filter(status=Status.PENDING)
        assert sorted(wanting(list(pending)).values()) == [2, 2]

    def test_histories__what_is_mailed_about__is_old_but_for_the_stories(self) -> None:
        recent = History.objects.filter(
            at__gt=TUESDAY - DAY, action__in=ANNOUNCED, reservation__series=None
        )
        told = data.read("stories")
        stories = len([story for story in told["story"] if not story.get("waits")])
        stories += sum(len(each["parts"]) for each in told["kit"])
        stories += len(data.read("asking")["answered"])
        requested = recent.filter(action__in=["requested", "reserved"])
        assert requested.count() == stories
        assert recent.count() < 2 * stories

    def test_histories__as_they_are__make_no_flood_of_mail(self) -> None:
        """What was old when it was recorded is nobody's news."""
        announced = History.objects.filter(action__in=ANNOUNCED)
        rows = list(announced.select_related("reservation"))
        assert len(rows) > 1_000
        news = [row for row in rows if is_news(row, row.reservation, TUESDAY)]
        assert 0 < len(news) <= 40

    def test_series__one_date_is_wanted__the_others_are_booked(self) -> None:
        made = Series.objects.get()
        states = sorted(made.dates.values_list("state", flat=True))
        assert states == ["booked"] * 7 + ["wanted"]

    def test_next_days__are_well_filled_but_have_gaps(self) -> None:
        opened = taken = dt.timedelta()
        for resource in Resource.objects.filter(is_pool=False, parts=None):
            ahead = [
                Period(max(row.during.lower, TUESDAY), row.during.upper)
                for row in resource.open_periods.all()
            ]
            later = Period(TUESDAY + 3 * DAY, TUESDAY + 900 * DAY)
            spans = subtract(ahead, [later])
            busy = resource.reservations.occupying().values_list("starts_at", "ends_at")
            left = subtract(spans, [Period(*during) for during in busy])
            opened += length(spans)
            taken += length(spans) - length(left)
        assert 0.3 < taken / opened < 0.8

    def test_motion_capture__tomorrow__the_startup_can_ask_for_it(self) -> None:
        people = demo_people()
        starts_at = factories.tomorrow_at(10)
        made = reservation_reserve(
            actor=people["startup"],
            resource_slug="motion-capture-stage",
            organisation_slug="",
            wish=Wish(starts_at, starts_at + 7 * HOUR, people=4),
            purpose="Walk cycles",
        )
        assert made.status == Status.PENDING
        assert made.resource.organisation_id in people["host"].managed_ids
        assert people["host"].roles.keys().isdisjoint(people["startup"].roles)
        assert not Reservation.objects.visible_to(people["stranger"]).contains(made)

    def test_load__again__changes_nothing(self) -> None:
        before = counts()
        assert "stay as they are" in load()
        assert counts() == before


@pytest.mark.parametrize("moment", ODD_MOMENTS, ids=str)
def test_load__at_an_odd_moment__is_alive_and_the_ledger_agrees(
    db: None, monkeypatch: pytest.MonkeyPatch, moment: dt.datetime
) -> None:
    now = moment.astimezone(dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert "30 resources" in load()
    require_alive(now)
    require_ledger_agrees()
    require_histories_sound(now)


def test_load__another_hub__leaves_it_alone(db: None) -> None:
    factories.organisation()
    before = counts()
    said = load()
    assert said.count("\n") == 1
    assert "another hub" in said
    assert counts() == before


def test_load__fails_midway__leaves_no_half_hub(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise OSError("No space left")

    monkeypatch.setattr("booking.demo.load.hours_publish", fail)
    before = counts()
    with pytest.raises(OSError, match="No space"):
        load()
    assert counts() == before
