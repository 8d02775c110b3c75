"""Questions, answers, their files and hours for some, as a program uses them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from booking.models import Reservation
from tests.booking.test_limits import monday_at
from tests.cast import Cast
from tests.factories import HOUR, tomorrow_at

ASKED: list[dict[str, Any]] = [
    {
        "name": "Which chemicals?",
        "name_bg": "Кои химикали?",
        "kind": "choice",
        "required": True,
        "choices": [{"name": "Acids", "name_bg": "Киселини"}, {"name": "None"}],
    },
    {"key": "sheet", "name": "Data sheet", "kind": "file"},
]


def ask(cast: Cast, *questions: dict[str, Any]) -> Any:
    url = f"/api/v1/resources/{cast.lab.slug}/questions/"
    return cast.api(cast.manager).put(url, {"questions": questions or ASKED})


def body(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "resource": cast.lab.slug,
        "purpose": "Etching",
        "starts_at": tomorrow_at(10).isoformat(),
        "ends_at": tomorrow_at(11).isoformat(),
        **more,
    }


def test_questions__put__are_what_is_asked(cast: Cast) -> None:
    answer = ask(cast)
    assert answer.status_code == 200, answer.content
    url = f"/api/v1/resources/{cast.lab.slug}/questions/"
    first, second = cast.api(cast.booker).get(url).json()["questions"]
    assert (first["key"], first["required"]) == ("which-chemicals", True)
    assert first["choices"][1] == {"name": "None", "name_bg": ""}
    assert second == {
        "key": "sheet",
        "kind": "file",
        "name": "Data sheet",
        "name_bg": "",
        "required": False,
        "choices": [],
    }
    assert cast.api(cast.booker).put(url, {"questions": []}).status_code == 403
    for wrong in ({"name": "No kind", "kind": "?"}, {"name": "x", "kind": "choice"}):
        assert ask(cast, wrong).status_code == 400


def test_create__with_answers_and_a_file__is_seen_by_both_sides(cast: Cast) -> None:
    ask(cast)
    api = cast.api(cast.booker)
    sent = api.post(
        "/api/v1/answer-files/",
        {"file": SimpleUploadedFile("acid.pdf", b"%PDF-1.7")},
        format="multipart",
    )
    assert sent.status_code == 201, sent.content
    answers = {"which-chemicals": "Acids", "sheet": {"file": sent.json()["id"]}}
    made = api.post("/api/v1/reservations/", body(cast, answers=answers))
    assert made.status_code == 201, made.content
    shown = made.json()["answers"]
    assert [each["value"] for each in shown] == ["Acids", "acid.pdf"]
    assert shown[0]["name_bg"] == "Кои химикали?"
    url = f"/api/v1/reservations/{made.json()['reference']}/answers/sheet/"
    for viewer in (cast.booker, cast.manager, cast.staff):
        file: Any = cast.api(viewer).get(url)
        assert b"".join(file.streaming_content) == b"%PDF-1.7"
        assert file["Content-Disposition"] == 'attachment; filename="acid.pdf"'
        assert file["X-Content-Type-Options"] == "nosniff"
    assert cast.api(cast.stranger).get(url).status_code == 404
    assert cast.api(None).get(url).status_code == 401
    other = url.replace("/sheet/", "/which-chemicals/")
    assert cast.api(cast.booker).get(other).status_code == 404


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({}, ["answers_missing"]),
        ({"which-chemicals": None}, ["answers_missing"]),
        ({"which-chemicals": "Киселини"}, ["answers_wrong"]),
        ({"which-chemicals": "None", "colour": "red"}, ["answers_wrong"]),
        ({"which-chemicals": "None", "sheet": {"file": "x"}}, ["answers_wrong"]),
        ({"sheet": "acid.pdf"}, ["answers_missing", "answers_wrong"]),
    ],
)
def test_create__answers_that_do_not_fit__name_their_rules(
    cast: Cast, answers: Any, codes: list[str]
) -> None:
    ask(cast)
    refused = cast.api(cast.booker).post(
        "/api/v1/reservations/", body(cast, answers=answers)
    )
    assert refused.status_code == 422
    assert [each["code"] for each in refused.json()["violations"]] == codes
    assert not Reservation.objects.exists()


@pytest.mark.parametrize(
    "answers",
    [
        [],
        "Acids",
        {"a b": "x"},
        {"\ud800": "x"},
        {"which-chemicals": "\x00"},
        {"which-chemicals": "\ud800"},
        {"which-chemicals": ["Acids"]},
        {"which-chemicals": {"file": 1, "name": "x"}},
        {"which-chemicals": 10**400},
        {"which-chemicals": "x" * 1001},
        {f"k{n}": 1 for n in range(51)},
    ],
)
def test_create__answers_of_no_shape__are_refused(cast: Cast, answers: Any) -> None:
    ask(cast)
    sent = json.dumps(body(cast, answers=answers))
    refused = cast.api(cast.booker).post(
        "/api/v1/reservations/", sent, content_type="application/json"
    )
    assert refused.status_code == 400, refused.content


def test_answers__busy_time__is_not_told_to_others(cast: Cast) -> None:
    ask(cast)
    api = cast.api(cast.booker)
    answers = {"which-chemicals": "Acids"}
    made = api.post("/api/v1/reservations/", body(cast, answers=answers)).json()
    window = {
        "from": tomorrow_at(0).isoformat(),
        "to": tomorrow_at(23).isoformat(),
    }
    for url, query in (
        (f"/api/v1/resources/{cast.lab.slug}/availability/", window),
        ("/api/v1/timeline/", {"date": str(tomorrow_at(12).date())}),
        ("/api/v1/reservations/", {}),
    ):
        assert "Acids" not in cast.api(cast.stranger).get(url, query).content.decode()
    url = f"/api/v1/reservations/{made['reference']}/"
    assert cast.api(cast.stranger).get(url).status_code == 404


def test_answer_file__program_or_too_much__is_refused(cast: Cast) -> None:
    api = cast.api(cast.booker)
    for content in (b"MZ", b"<html>"):
        sent = {"file": SimpleUploadedFile("a.pdf", content)}
        refused = api.post("/api/v1/answer-files/", sent, format="multipart")
        assert refused.status_code == 400
        assert refused.json()["code"] == "not_a_proof"
    assert cast.api(None).post("/api/v1/answer-files/", {}).status_code == 401


def test_restricted_hours__added_listed_and_taken_back(cast: Cast) -> None:
    url = f"/api/v1/resources/{cast.lab.slug}/restricted-hours/"
    api = cast.api(cast.manager)
    hours = {
        "days": ["MO"],
        "from": "18:00",
        "to": "24:00",
        "for_host": False,
        "organisations": [cast.startup.slug],
    }
    made = api.post(url, hours)
    assert made.status_code == 201, made.content
    (row,) = cast.api(cast.stranger).get(url).json()
    assert row == made.json()
    assert (row["from"], row["to"]) == ("18:00", "24:00")
    start = monday_at(19)
    when = {
        "starts_at": start.isoformat(),
        "ends_at": (start + HOUR).isoformat(),
    }
    wanted = body(cast) | when
    refused = cast.api(cast.stranger).post("/api/v1/reservations/", wanted)
    (violation,) = refused.json()["violations"]
    assert (violation["code"], violation["needed"]) == ("hours_restricted", ["Startup"])
    one = f"{url}{row['id']}/"
    for other in (cast.booker, cast.stranger):
        assert cast.api(other).post(url, hours).status_code == 403
        assert cast.api(other).delete(one).status_code == 403
    wrongs: list[dict[str, Any]] = [
        {"organisations": ["nobody"]},
        {"programmes": [99]},
        {"days": []},
        {"to": "18:00"},
    ]
    for wrong in wrongs:
        assert api.post(url, hours | wrong).status_code == 400
    assert api.delete(one).status_code == 204
    assert api.delete(one).status_code == 404
    again = cast.api(cast.stranger).post("/api/v1/reservations/", wanted)
    assert again.status_code == 201
