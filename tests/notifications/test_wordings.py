"""Hub staff word a message: saved only when it can be used, and heard from then on."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from config import clock
from config.errors import DomainError, Forbidden, Invalid, Missing
from notifications.models import Kind, Message, Wording
from notifications.ours import ours
from notifications.selectors import messages_to_judge
from notifications.services.wordings import (
    ReworkedMeanwhile,
    wording_reset,
    wording_save,
)
from notifications.texts import Text, message_write
from tests.cast import Cast
from tests.notifications.inbox import Inbox, subject
from tests.notifications.scenes import approved, at_once, body, deliver, html, plan

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/hub/texts/approved/en/"


def save(cast: Cast, text: str, *, version: int = 0, title: str = "Yes!") -> Wording:
    return wording_save(
        actor=cast.staff,
        kind="approved",
        language="en",
        subject=title,
        text=text,
        version=version,
    )


def written(cast: Cast) -> Text:
    message = messages_to_judge().get(kind=Kind.APPROVED, person=cast.booker)
    return message_write(message, clock.now())


def test_saved__text_and_html_say_it_and_keep_the_details(
    cast: Cast, inbox: Inbox
) -> None:
    save(
        cast,
        "Welcome, {{ organisation }}!\n\n<b>{{ actor }}</b> says yes.",
        title="Yes: {{ what }}",
    )
    approved(cast)
    plan()
    deliver()
    (mail,) = inbox.to(cast.booker.email)[-1:]
    assert subject(mail) == "Yes: Sound studio"
    assert body(mail).startswith(
        "Welcome, Startup!\n\n<b>Hristo Host</b> says yes.\n\nWhat: Sound studio\n"
    )
    assert "&lt;b&gt;Hristo Host&lt;/b&gt; says yes." in html(mail)
    assert ">Sound studio</td>" in html(mail)


def test_saved__other_language_and_kit__keep_ours(cast: Cast) -> None:
    save(cast, "Theirs")
    cast.booker.language = "bg"
    cast.booker.save()
    approved(cast)
    plan()
    assert "Theirs" not in written(cast).body


def test_reset__it_says_what_we_wrote(cast: Cast) -> None:
    approved(cast)
    plan()
    before = written(cast)
    save(cast, "Theirs")
    assert written(cast).body.startswith("Theirs\n\nWhat: ")
    wording_reset(actor=cast.staff, kind="approved", language="en", version=1)
    assert written(cast) == before
    assert [each.version for each in Wording.objects.all()] == [2, 1]


def test_saved_and_a_name_gone_since__ours_goes_out_and_it_is_logged(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    approved(cast)
    plan()
    before = written(cast)
    save(cast, "Theirs")
    Wording.objects.update(text="{{ price }}")
    with caplog.at_level(logging.ERROR, logger="notifications.texts"):
        assert written(cast) == before
    assert "The wording of approved cannot be used" in caplog.text


def test_saved__what_it_says_is_nothing__ours_goes_out(cast: Cast) -> None:
    approved(cast)
    plan()
    before = written(cast)
    save(cast, "{% if actor %}{% else %}Nobody decided.{% endif %}")
    assert written(cast) == before


def test_saved__subject_of_names_with_newlines__stays_one_line(cast: Cast) -> None:
    cast.studio.name = "Studio\r\nBcc: eve@example.com"
    cast.studio.save()
    save(cast, "Hello", title="{{ what }}")
    approved(cast)
    plan()
    assert written(cast).subject == "Studio Bcc: eve@example.com"


@pytest.mark.parametrize(
    ("title", "text", "field", "why"),
    [
        ("", "x", "subject", "Write something"),
        (" ", "x", "subject", "Write something"),
        ("x", " \n ", "text", "Write something"),
        ("a\nb", "x", "subject", "A subject is one line."),
        ("a\r\nBcc: x", "x", "subject", "A subject is one line."),
        ("a" * 301, "x", "subject", "Write at most 300 characters"),
        ("x", "a" * 4001, "text", "Write at most 4000 characters"),
        ("a\x00b", "x", "subject", "signs in it that nobody can see"),
        ("x", "a\u202eb", "text", "signs in it that nobody can see"),
        ("{% load i18n %}", "x", "subject", "{% load i18n %} cannot be used"),
        ("x", "{{ reason }}", "text", "“reason” is not known here."),
        ("x", "{% if to_guest %}", "text", "has no end"),
    ],
)
def test_save__broken__is_refused_and_nothing_is_kept(
    cast: Cast, title: str, text: str, field: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        save(cast, text, title=title)
    (fault,) = refused.value.extra["fields"][field]
    assert why in str(fault)
    assert not Wording.objects.exists()


def test_save__by_others_or_of_what_there_is_not__is_refused(cast: Cast) -> None:
    words: dict[str, Any] = {"subject": "x", "text": "x", "version": 0}
    for actor in (cast.booker, cast.manager):
        with pytest.raises(Forbidden):
            wording_save(actor=actor, kind="approved", language="en", **words)
        with pytest.raises(Forbidden):
            wording_reset(actor=actor, kind="approved", language="en", version=0)
    for kind, language in (("digest", "en"), ("nothing", "en"), ("approved", "fr")):
        with pytest.raises(Missing):
            wording_save(actor=cast.staff, kind=kind, language=language, **words)


def test_save__meanwhile_or_at_once__one_is_kept(cast: Cast) -> None:
    save(cast, "First")
    with pytest.raises(ReworkedMeanwhile):
        save(cast, "Late")

    def again(text: str) -> bool:
        try:
            save(cast, text, version=1)
        except DomainError:
            return False
        return True

    done = at_once(*(lambda n=n: again(f"Racer {n}") for n in range(4)))
    assert sorted(done) == [False, False, False, True]
    assert [each.version for each in Wording.objects.all()] == [2, 1]


def test_wording__half_of_it__the_database_refuses(cast: Cast) -> None:
    row = save(cast, "First")
    with pytest.raises(IntegrityError), transaction.atomic():
        Wording.objects.filter(pk=row.pk).update(text="")


def test_page__lists_whose_words_each_kind_has(cast: Cast, client: Client) -> None:
    save(cast, "Theirs")
    client.force_login(cast.staff)
    page = client.get("/hub/texts/").content.decode()
    assert "Words of Stella Staff" in page
    assert page.count("Our words") > 40


def test_page__begins_with_ours_and_saves_theirs(cast: Cast, client: Client) -> None:
    approved(cast)
    plan()
    client.force_login(cast.staff)
    form = client.get(URL).context["form"]
    assert (form.initial["subject"], form.initial["text"]) == ours(Kind.APPROVED, "en")
    sent = {"do": "save", "version": "0", "subject": "Yes", "text": "Come, {{ guest }}"}
    assert client.post(URL, sent).status_code == 302
    page = client.get(URL)
    assert page.context["form"].initial["text"] == "Come, {{ guest }}"
    assert "Come, Boyana Booker" in page.context["samples"][0].body
    assert client.post(URL, {"do": "reset", "version": "1"}).status_code == 302
    assert Wording.objects.count() == 2


def test_page__preview__shows_and_keeps_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    sent = {"do": "preview", "version": "0", "subject": "Yes", "text": "{{ actor }}!"}
    page = client.post(URL, sent, headers={"hx-request": "true"})
    assert page.status_code == 200
    assert b"<html" not in page.content
    assert "‹actor›" in page.content.decode()
    bad = client.post(URL, {**sent, "text": "{% load x %}"})
    assert "{% load x %} cannot be used" in bad.content.decode()
    assert not Wording.objects.exists()


def test_page__broken__keeps_what_was_typed_and_says_why(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.staff)
    sent = {"do": "save", "version": "0", "subject": "Yes", "text": "{{ price }} mine"}
    page = client.post(URL, sent)
    assert page.status_code == 400
    assert "“price” is not known here." in page.content.decode()
    assert "{{ price }} mine" in page.content.decode()
    for strange in ({}, {"do": "reset"}, {"do": "save", "version": "x"}):
        assert client.post(URL, strange).status_code in {400, 409}
    assert not Wording.objects.exists()


def test_page__changed_meanwhile__says_so_and_can_be_saved_again(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.staff)
    save(cast, "First")
    sent = {"do": "save", "version": "0", "subject": "Yes", "text": "Second"}
    page = client.post(URL, sent)
    assert page.status_code == 409
    assert "Somebody else changed these words meanwhile." in page.content.decode()
    again = page.context["form"]["version"].value()
    assert client.post(URL, {**sent, "version": again}).status_code == 302


def test_page__the_mail__is_shown_alone_under_its_own_policy(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.staff)
    sent = {"version": "0", "subject": "Yes", "text": "<script>x</script>"}
    page = client.post(f"{URL}mail/", sent)
    assert "style-src 'unsafe-inline'" in page["Content-Security-Policy"]
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "&lt;script&gt;x" in page.content.decode()
    assert client.post(f"{URL}mail/", {**sent, "text": ""}).status_code == 400


def test_page__notice_whose_matter_is_gone__is_imagined(
    cast: Cast, client: Client
) -> None:
    Message.objects.create(
        cause="deputising-1",
        kind=Kind.DEPUTISING,
        person=cast.booker,
        about_id=1,
        due_at=clock.now(),
        created_at=clock.now(),
    )
    client.force_login(cast.staff)
    page = client.get("/hub/texts/deputising/bg/")
    assert page.status_code == 200
    assert len(page.context["samples"]) == 1


def test_preview__of_a_real_mail__its_links_work_for_nobody(
    cast: Cast, client: Client
) -> None:
    """Whoever reads the sample is not the person that it would go to."""
    made = approved(cast)
    plan()
    client.force_login(cast.staff)
    page = client.get("/hub/texts/approved/bg/")
    text = page.content.decode()
    assert "<h1>Approved, Bulgarian</h1>" in text
    assert "Или направо" in text
    assert '"/hub/texts/approved/bg/mail/"' in text
    (path,) = set(re.findall(r"http://localhost:8000(/do/[^\s<]+)", text))
    assert Client().get(path).status_code == 404
    made.refresh_from_db()
    assert made.status == "approved"
