"""What a host asks of whoever reserves, and what becomes of the answers."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import translation

from booking.exceptions import RuleViolation
from booking.models import AnswerFile, Question, Reservation
from booking.questions import Asked, kept, unanswered, wrongly
from booking.selectors.facts import Wish
from booking.selectors.questions import answer_file_open, questions_of
from booking.services.answer_files import (
    MOST_LOOSE,
    PATIENCE,
    answer_file_add,
    answer_files_sweep,
)
from booking.services.checking import reservation_check
from booking.services.holds import reservation_hold
from booking.services.kits import PartWish, kit_reserve
from booking.services.lifecycle import reservation_cancel
from booking.services.questions import questions_set
from booking.services.reservations import reservation_move
from booking.services.series import series_create
from booking.services.series_wanted import wanted_book
from config import clock
from config.errors import Forbidden, Invalid, Missing
from labs.models import Resource, User
from tests import factories
from tests.booking.series import series_wish
from tests.cast import Cast
from tests.factories import HOUR, tomorrow_at

PDF = b"%PDF-1.7 a data sheet"
CHOICES = (
    {"name": "Acids", "name_bg": "Киселини"},
    {"name": "Solvents", "name_bg": ""},
)
CHEMICALS = Asked("chemicals", "choice", "Which?", "Кои?", True, CHOICES)
TRAINED = Asked("trained", "yes_no", "Trained?", "Обучени?", True)
SAMPLES = Asked("samples", "number", "How many samples?")
NOTES = Asked("notes", "text", "Anything else?")
SHEET = Asked("sheet", "file", "Data sheet")
ALL = (CHEMICALS, TRAINED, SAMPLES, NOTES, SHEET)
RIGHT: dict[str, Any] = {"chemicals": "Acids", "trained": False}


def ask(cast: Cast, *questions: Asked, of: Any = None) -> None:
    of = of or cast.lab
    questions_set(actor=cast.manager, resource=of, questions=questions or ALL)


def send(by: User, content: bytes = PDF, name: str = "sheet.pdf") -> AnswerFile:
    return answer_file_add(
        actor=by, file=io.BytesIO(content), size=len(content), name=name
    )


def refused(cast: Cast, **answers: Any) -> list[dict[str, Any]]:
    with pytest.raises(RuleViolation) as refusal:
        factories.reserve(cast.lab, cast.booker, factories.wish(answers=answers))
    assert not Reservation.objects.exists()
    return [each.as_dict() for each in refusal.value.violations]


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("chemicals", "Acids", "Киселини"),
        ("trained", False, "no"),
        ("samples", 2.5, True),
        ("samples", 0, "2"),
        ("samples", -3, 10**400),
        ("samples", 1, float("nan")),
        ("notes", "None", 7),
        ("notes", "x" * 1000, "x" * 1001),
        ("sheet", {"file": "1", "name": "a.pdf"}, {"file": "1"}),
        ("sheet", {"file": "1", "name": "a.pdf"}, "a.pdf"),
    ],
)
def test_answer__of_each_kind__fits_or_does_not(
    key: str, right: Any, wrong: Any
) -> None:
    assert wrongly(ALL, {key: right}) == {}
    assert list(wrongly(ALL, {key: wrong})) == [key]


def test_answer__blank__is_none_and_zero_and_no_are_answers() -> None:
    asked = (TRAINED, Asked("n", "number", "N", is_required=True), NOTES)
    assert unanswered(asked, {"trained": False, "n": 0}) == []
    assert unanswered(asked, {"trained": None, "notes": " "}) == [*asked[:2]]
    rows = kept(asked, {"notes": " ", "n": 0, "trained": False})
    assert [(row["key"], row["value"]) for row in rows] == [
        ("trained", False),
        ("n", 0),
    ]


def test_reserve__with_answers__keeps_them_with_the_words_of_then(cast: Cast) -> None:
    ask(cast)
    made = factories.reserve(cast.lab, cast.booker, factories.wish(answers=RIGHT))
    ask(cast, Asked("chemicals", "text", "Now something else?"))
    made.refresh_from_db()
    first, second = made.answers
    assert first == {
        "key": "chemicals",
        "kind": "choice",
        "name": "Which?",
        "name_bg": "Кои?",
        "value": "Acids",
        "value_bg": "Киселини",
    }
    assert (second["name"], second["value"]) == ("Trained?", False)


def test_reserve__missing_wrong_or_unknown__is_refused_with_all_of_it(
    cast: Cast,
) -> None:
    ask(cast)
    (none,) = refused(cast)
    assert none["code"] == "answers_missing"
    assert (none["found"], none["needed"]) == ([], ["chemicals", "trained"])
    assert not none["overridable"]
    assert "“Which?”, “Trained?”." in none["detail"]
    missing, wrong = refused(cast, trained=True, samples="many", colour="red")
    assert missing["found"] == ["trained"]
    assert (wrong["code"], wrong["found"]) == ("answers_wrong", ["samples", "colour"])
    assert "“colour” is not asked here." in wrong["detail"]
    with translation.override("bg"):
        assert "Кои?" in refused(cast, trained=True)[0]["detail"]


def test_reserve__nothing_asked__takes_no_answers(cast: Cast) -> None:
    (wrong,) = refused(cast, chemicals="Acids")
    assert wrong["code"] == "answers_wrong"
    assert factories.reserve(cast.lab, cast.booker).answers == []


def test_hold_and_move__do_not_ask(cast: Cast) -> None:
    ask(cast)
    held = reservation_hold(
        actor=cast.booker,
        resource_slug=cast.lab.slug,
        organisation_slug="",
        wish=factories.wish(),
        key="8b5bd9a6-2c3b-4a43-8f3a-0d3f0f4f0a11",
    )
    assert held.status == "held"
    made = factories.reserve(cast.lab, cast.booker, factories.wish(12, answers=RIGHT))
    moved = reservation_move(
        actor=cast.booker,
        reference=made.reference,
        starts_at=tomorrow_at(15),
        ends_at=tomorrow_at(16),
    )
    assert [row["key"] for row in moved.answers] == ["chemicals", "trained"]


def test_check__tells_what_is_asked(cast: Cast) -> None:
    ask(cast)

    def codes(answers: dict[str, Any]) -> list[str]:
        found = reservation_check(
            actor=cast.booker,
            resource_slug=cast.lab.slug,
            organisation_slug="",
            wish=factories.wish(answers=answers),
        )
        return [rule.code for rule, finding in found.judged if finding.wrong]

    assert codes({}) == ["answers_missing"]
    assert codes(RIGHT) == []


def test_questions__set__get_keys_and_replace_what_was_asked(cast: Cast) -> None:
    again = Asked("", "text", "Which chemicals?")
    same, bulgarian = Asked("", "text", "Which chemicals?"), Asked("", "text", "Кои?")
    ask(cast, again, same, bulgarian)
    asked = questions_of(cast.lab.pk)
    assert [each.key for each in asked] == [
        "which-chemicals",
        "which-chemicals-2",
        "question",
    ]
    ask(cast, asked[2], asked[0])
    assert questions_of(cast.lab.pk) == [asked[2], asked[0]]


@pytest.mark.parametrize(
    "wrong",
    [
        [Asked("a", "choice", "Without choices")],
        [Asked("a", "text", "With choices", choices=CHOICES)],
        [Asked("a", "choice", "Twice", choices=(CHOICES[0], CHOICES[0]))],
        [Asked("a", "text", "")],
        [Asked("a", "colour", "Of no kind")],
        [Asked("a", "text", "One key"), Asked("a", "text", "Twice")],
        [Asked("", "text", "Too many")] * 21,
    ],
)
def test_questions__that_make_no_sense__are_refused(
    cast: Cast, wrong: list[Asked]
) -> None:
    ask(cast, NOTES)
    with pytest.raises(Invalid):
        ask(cast, *wrong)
    assert questions_of(cast.lab.pk) == [NOTES]


def test_questions__are_the_hosts_to_ask(cast: Cast) -> None:
    for other in (cast.booker, cast.colleague, cast.stranger):
        with pytest.raises(Forbidden):
            questions_set(actor=other, resource=cast.lab, questions=[NOTES])
    questions_set(actor=cast.staff, resource=cast.lab, questions=[NOTES])
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(resource=cast.lab, position=1, key="b", name="Same")


def test_file__answers__is_kept_and_seen_by_both_sides_alone(cast: Cast) -> None:
    ask(cast)
    sent = send(cast.booker, name="../Data\x00 sheet.exe")
    answers = RIGHT | {"sheet": {"file": str(sent.pk)}}
    made = factories.reserve(cast.lab, cast.booker, factories.wish(answers=answers))
    for viewer in (cast.booker, cast.colleague, cast.manager, cast.staff):
        name, kind, file = answer_file_open(viewer, made.reference, "sheet")
        with file:
            assert (name, kind, file.read()) == ("Data sheet.pdf", "pdf", PDF)
    for viewer, key in ((cast.stranger, "sheet"), (cast.manager, "chemicals")):
        with pytest.raises(Missing):
            answer_file_open(viewer, made.reference, key)
    sent.refresh_from_db()
    assert sent.is_kept
    stored = str(sent.file.name)
    assert stored.startswith("answers/")
    assert "sheet" not in stored


def test_file__of_somebody_else_or_none__is_no_answer(cast: Cast) -> None:
    ask(cast, SHEET)
    for id_ in (str(send(cast.colleague).pk), "no-uuid"):
        (wrong,) = refused(cast, sheet={"file": id_})
        assert wrong["code"] == "answers_wrong"
    assert not AnswerFile.objects.filter(is_kept=True).exists()


def test_file__that_is_no_document__is_refused(cast: Cast) -> None:
    for content in (b"MZ a program", b"<svg onload=alert(1)>", b""):
        with pytest.raises(Invalid) as refusal:
            send(cast.booker, content)
        assert list(refusal.value.extra["fields"]) == ["file"]
    assert not AnswerFile.objects.exists()


def test_file__nobody_used__is_swept_and_what_is_used_stays(cast: Cast) -> None:
    ask(cast, SHEET)
    loose, used = send(cast.booker), send(cast.booker)
    factories.reserve(
        cast.lab,
        cast.booker,
        factories.wish(answers={"sheet": {"file": str(used.pk)}}),
    )
    assert answer_files_sweep() == 0
    AnswerFile.objects.update(sent_at=clock.now() - PATIENCE - dt.timedelta(minutes=1))
    assert (answer_files_sweep(), answer_files_sweep()) == (1, 0)
    assert not default_storage.exists(str(loose.file.name))
    assert default_storage.exists(str(used.file.name))
    assert AnswerFile.objects.get() == used


def test_file__too_many_that_nobody_uses__are_refused(cast: Cast) -> None:
    for _n in range(MOST_LOOSE):
        send(cast.booker)
    with pytest.raises(Invalid) as refusal:
        send(cast.booker)
    assert refusal.value.code == "too_many_files"
    send(cast.colleague)


def test_series__asks_once__for_all_its_dates_and_the_wanted_ones(cast: Cast) -> None:
    ask(cast)
    asked = series_wish(cast.lab, cast.booker, count=3)
    with pytest.raises(Exception, match="dates cannot be had"):
        series_create(actor=cast.booker, wish=asked)
    sent = send(cast.booker)
    answers = RIGHT | {"sheet": {"file": str(sent.pk)}}
    asked = series_wish(cast.lab, cast.booker, count=3, answers=answers)
    first = asked.wishes(cast.lab.site.zone)[0]
    given = Wish(first.starts_at, first.ends_at, answers=RIGHT)
    there = factories.reserve(cast.lab, cast.stranger, given)
    series = series_create(actor=cast.booker, wish=asked, keep=True)
    booked = Reservation.objects.filter(series=series)
    assert [len(each.answers) for each in booked] == [3, 3]
    sent.refresh_from_db()
    assert sent.is_kept
    reservation_cancel(actor=cast.stranger, reference=there.reference)
    assert wanted_book(date_id=series.dates.get(number=1).pk)
    assert [len(each.answers) for each in booked.all()] == [3, 3, 3]


def test_kit__each_part__has_answers_of_its_own(cast: Cast) -> None:
    ask(cast, CHEMICALS)
    ask(cast, NOTES, of=cast.studio)

    def reserve(**answers: Any) -> Any:
        return kit_reserve(
            actor=cast.booker,
            organisation_slug="",
            parts=[
                PartWish(cast.lab.slug, answers=answers),
                PartWish(cast.studio.slug, answers={"notes": "Quiet, please"}),
            ],
            wish=factories.wish(people=3),
            purpose="A film",
        )

    with pytest.raises(Exception, match="Not all of it") as refusal:
        reserve()
    (part,) = refusal.value.extra["parts"]  # type: ignore[attr-defined]
    assert part["resource"] == cast.lab.slug
    assert part["violations"][0]["code"] == "answers_missing"
    rig = Resource.objects.filter(pk=cast.lab.pk)
    rig.update(people=1, kind=Resource.Kind.EQUIPMENT)
    kit = reserve(chemicals="Solvents")
    # As many as fit lay hands on it.
    assert kit.parts.get(resource=cast.lab).people == 1
    assert [
        each.answers[0]["value"] for each in kit.parts.order_by("resource__name")
    ] == ["Solvents", "Quiet, please"]


def test_reserve__approved_or_not__asks_the_same(cast: Cast) -> None:
    ask(cast, CHEMICALS, of=cast.studio)
    wanted = factories.wish(answers={"chemicals": "Acids"})
    made = factories.reserve(cast.studio, cast.booker, wanted)
    assert made.status == "pending"
    assert made.ends_at - made.starts_at == HOUR
    assert made.answers[0]["value"] == "Acids"
