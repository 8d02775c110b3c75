"""A host's questions: on the forms that reserve, where they are read, at the desk."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from booking.models import AnswerFile, Kit, Reservation, Series
from booking.questions import Asked
from booking.selectors.questions import questions_of
from booking.services.questions import questions_set
from booking.services.terms import terms_publish
from tests import factories
from tests.booking.web.browser import ask_for, hidden, signed_in, text_of, when
from tests.cast import Cast

NASTY = "<script>alert(1)</script>"
CHOICES = (
    {"name": "Acids", "name_bg": "Киселини"},
    {"name": "None", "name_bg": "Никакви"},
)
ASKED = (
    Asked("chemicals", "choice", "Which chemicals?", "Кои химикали?", True, CHOICES),
    Asked("trained", "yes_no", "Are all trained?", "", True),
    Asked("samples", "number", "How many samples?"),
    Asked("notes", "text", f"Anything else? {NASTY}"),
    Asked("sheet", "file", "Data sheet"),
)
RIGHT: dict[str, Any] = {"answer-chemicals": "Acids", "answer-trained": "no"}


def ask(cast: Cast, *asked: Asked, of: Any = None) -> None:
    questions = asked or ASKED
    questions_set(actor=cast.manager, resource=of or cast.lab, questions=questions)


def pdf(name: str = "acid.pdf", content: bytes = b"%PDF-1.7") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_reserve__questions__are_asked_answered_and_read_by_both_sides(
    cast: Cast,
) -> None:
    ask(cast, of=cast.studio)
    client = signed_in(cast.booker)
    opened = client.get(f"/reserve/{cast.studio.slug}/")
    assert "Questions of the host" in text_of(opened)
    assert NASTY not in opened.content.decode()
    more = {"answer-samples": "2.50", "answer-notes": NASTY, "answer-sheet": pdf()}
    done = ask_for(client, cast.studio, **RIGHT | more)
    made = Reservation.objects.sent().get()
    assert done.status_code == 302
    url = f"/reservations/{made.reference}/"
    for viewer in (cast.booker, cast.manager, cast.staff):
        page = signed_in(viewer).get(url)
        read = text_of(page)
        assert "Which chemicals? Acids" in read
        assert "Are all trained? No" in read
        assert "How many samples? 2.5" in read
        assert NASTY not in page.content.decode()
        file: Any = signed_in(viewer).get(f"{url}answers/sheet/")
        assert b"".join(file.streaming_content) == b"%PDF-1.7"
        assert file["Content-Disposition"] == 'attachment; filename="acid.pdf"'
        assert file["X-Content-Type-Options"] == "nosniff"
    queue = text_of(signed_in(cast.manager).get("/approvals/"))
    assert "Which chemicals? Acids" in queue
    cast.manager.language = "bg"
    cast.manager.save()
    bulgarian = signed_in(cast.manager, headers={"accept-language": "bg"})
    assert "Кои химикали? Киселини" in text_of(bulgarian.get(url))
    stranger = signed_in(cast.stranger)
    assert stranger.get(url).status_code == 404
    assert stranger.get(f"{url}answers/sheet/").status_code == 404


def test_reserve__an_error__keeps_what_was_typed_and_the_file(cast: Cast) -> None:
    ask(cast)
    client = signed_in(cast.booker)
    typed: dict[str, Any] = {"answer-notes": "Mind", "answer-sheet": pdf()}
    page = ask_for(client, cast.lab, **typed)
    assert page.status_code == 400
    assert not Reservation.objects.sent().exists()
    content = page.content.decode()
    assert "acid.pdf has arrived" in text_of(page)
    assert re.search(r"<textarea[^>]*>\s*Mind</textarea>", content)
    sent = hidden(page, "answer-sheet-sent")
    done = ask_for(client, cast.lab, **RIGHT | {"answer-sheet-sent": sent})
    assert done.status_code == 302
    assert Reservation.objects.sent().get().answers[2]["value"]["name"] == "acid.pdf"


def test_reserve__a_file_that_is_none__is_said_at_its_field(cast: Cast) -> None:
    ask(cast)
    client = signed_in(cast.booker)
    program = {"answer-sheet": pdf("acid.exe", b"MZ")}
    page = ask_for(client, cast.lab, **RIGHT | program)
    assert page.status_code == 400
    assert "This is no PDF and no JPEG, PNG or WebP picture" in text_of(page)
    assert not AnswerFile.objects.exists()
    assert not Reservation.objects.sent().exists()


def test_reserve__somebody_elses_file__is_not_taken(cast: Cast) -> None:
    ask(cast)
    theirs = signed_in(cast.colleague)
    sheet: dict[str, Any] = {"answer-sheet": pdf()}
    kept = hidden(ask_for(theirs, cast.lab, 10, **sheet), "answer-sheet-sent")
    page = ask_for(
        signed_in(cast.booker), cast.lab, **RIGHT | {"answer-sheet-sent": kept}
    )
    assert page.status_code == 422
    assert "Send the file first" in text_of(page)


def test_reserve__a_question_changed_while_reading__is_asked_anew(cast: Cast) -> None:
    client = signed_in(cast.booker)
    key = hidden(client.get(f"/reserve/{cast.lab.slug}/"), "key")
    ask(cast)
    sent = when(10) | {"people": 2, "purpose": "A pilot", "key": key}
    page = client.post(f"/reserve/{cast.lab.slug}/", sent)
    assert page.status_code == 400
    assert "Which chemicals?" in text_of(page)


def test_repeat__asks_once__and_tells_beforehand_which_dates(cast: Cast) -> None:
    terms = terms_publish(actor=cast.manager, of=cast.lab, text="Wear shoes.")
    ask(cast)
    client, url = signed_in(cast.booker), f"/reserve/{cast.lab.slug}/repeat/"
    sent: dict[str, Any] = when(10) | {
        "people": 2,
        "purpose": "A pilot",
        "repeats": "weekly",
        "interval": 1,
        "count": 3,
        "key": hidden(client.get(url), "key"),
    }
    assert "3 can be had" in text_of(client.post(f"{url}?look=1", sent))
    refused = client.post(url, sent)
    assert refused.status_code == 400
    assert "3 can be had" in text_of(refused)
    not_accepted = client.post(url, sent | RIGHT)
    assert not_accepted.status_code == 409
    assert not Series.objects.exists()
    accepted = {"terms": terms.pk, "accept_terms": "on", "answer-sheet": pdf()}
    done = client.post(url, sent | RIGHT | accepted)
    assert done.status_code == 302
    rows = Reservation.objects.sent()
    assert [each.answers[0]["value"] for each in rows] == ["Acids"] * 3
    assert {each.terms_id for each in rows} == {terms.pk}
    assert AnswerFile.objects.get().is_kept
    assert "You accepted them" in text_of(client.get(url))


def test_kit__asks_about_each_part__and_for_its_terms(cast: Cast) -> None:
    terms = terms_publish(actor=cast.manager, of=cast.studio, text="Be quiet.")
    ask(cast, ASKED[0])
    ask(cast, ASKED[3], of=cast.studio)
    client = signed_in(cast.booker)
    lab, studio = cast.lab.slug, cast.studio.slug
    opened = client.get("/kits/new/", {"part": [lab, studio]})
    assert "Questions about Motion lab" in text_of(opened)
    assert "Questions about Sound studio" in text_of(opened)
    sent: dict[str, Any] = when(10) | {
        "part": [lab, studio],
        "people": 2,
        "purpose": "A film",
        "key": hidden(opened, "key"),
        "send": "1",
    }
    assert client.post("/kits/new/", sent).status_code == 400
    sent[f"answer-{lab}-chemicals"] = "None"
    refused = client.post("/kits/new/", sent)
    assert refused.status_code == 422
    assert "Sound studio: Accept version 1" in text_of(refused)
    assert not Kit.objects.exists()
    sent |= {f"terms-{studio}": terms.pk, f"accept_terms-{studio}": "on"}
    assert client.post("/kits/new/", sent).status_code == 302
    made = Reservation.objects.sent().get(resource=cast.lab)
    assert made.answers[0]["value"] == "None"
    assert Reservation.objects.sent().get(resource=cast.studio).terms == terms


def test_desk__questions__are_added_changed_moved_and_removed(cast: Cast) -> None:
    client, url = signed_in(cast.manager), f"/desk/{cast.lab.slug}/questions/"
    assert "Nothing is asked beside the purpose." in text_of(client.get(url))
    first = {
        "deed": "add",
        "name": "Which chemicals?",
        "name_bg": "Кои химикали?",
        "kind": "choice",
        "is_required": "on",
        "choices": "Acids\r\n\r\n None \r\n",
        "choices_bg": "Киселини",
    }
    assert client.post(url, first).status_code == 302
    second = {"deed": "add", "name": "Data sheet", "kind": "file"}
    assert client.post(url, second).status_code == 302
    one, two = questions_of(cast.lab.pk)
    assert one.choices == (
        {"name": "Acids", "name_bg": "Киселини"},
        {"name": "None", "name_bg": ""},
    )
    changed = first | {"deed": "change", "question": one.key, "name": "Which acids?"}
    assert client.post(url, changed).status_code == 302
    assert client.post(url, {"deed": "up", "question": two.key}).status_code == 302
    two, one = questions_of(cast.lab.pk)
    assert (two.key, one.key, one.name) == (
        "data-sheet",
        "which-chemicals",
        "Which acids?",
    )
    wrong = client.post(url, second | {"kind": "choice"})
    assert wrong.status_code == 400
    assert "Say what can be chosen" in text_of(wrong)
    assert client.post(url, {"deed": "up", "question": "none"}).status_code == 404
    client.post(url, {"deed": "remove", "question": one.key})
    assert questions_of(cast.lab.pk) == [two]
    for other in (cast.booker, cast.stranger):
        assert signed_in(other).post(url, second).status_code == 403


def test_desk__hours_for_some__are_kept_shown_and_taken_back(cast: Cast) -> None:
    client, url = signed_in(cast.manager), f"/desk/{cast.lab.slug}/restricted/"
    assert "everybody may reserve it" in text_of(client.get(url))
    sent: dict[str, Any] = {
        "days": ["MO", "TU"],
        "from": "18:00",
        "to": "22:00",
        "organisations": [cast.startup.pk],
    }
    assert client.post(url, sent).status_code == 302
    said = "Mon, Tue, 18:00–22:00: only Startup"
    page = client.get(url)
    assert said in text_of(page)
    assert said in text_of(signed_in(cast.stranger).get(f"/resources/{cast.lab.slug}/"))
    nobody = client.post(url, sent | {"organisations": []})
    assert nobody.status_code == 400
    assert "Say who may use them." in text_of(nobody)
    assert client.post(url, sent | {"to": "18:00"}).status_code == 400
    remove = f"{url}{cast.lab.restricted_hours.get().pk}/remove/"
    for other in (cast.booker, cast.stranger):
        assert signed_in(other).post(url, sent).status_code == 403
        assert signed_in(other).post(remove).status_code == 403
    assert client.post(remove).status_code == 302
    assert not cast.lab.restricted_hours.exists()


def test_reserve__hours_for_others__are_said_before_it_is_sent(cast: Cast) -> None:
    client = signed_in(cast.manager)
    days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    sent: dict[str, Any] = {"days": days, "from": "18:00", "to": "22:00"}
    url = f"/desk/{cast.lab.slug}/restricted/"
    assert client.post(url, sent | {"for_host": "on"}).status_code == 302
    form = when(19) | {"people": 2, "key": ""}
    guest = signed_in(cast.booker)
    part = guest.post(f"/reserve/{cast.lab.slug}/hold/", form)
    assert f"18:00–22:00: only {cast.host.name}" in text_of(part)
    refused = ask_for(guest, cast.lab, 19)
    assert refused.status_code == 422
    assert ask_for(client, cast.lab, 19).status_code == 302
    assert factories.reserve(cast.lab, cast.booker).pk
