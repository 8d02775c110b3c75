"""A cast that reads Bulgarian, and what is no Bulgarian of what they are shown."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest

from labs.models import Organisation, Resource, Site, User
from tests.cast import Cast

EXPECTED = re.compile(
    r"Atrium|English|JavaScript|\b(?:UTC|API|QR|JPEG|PNG|WebP|MB)\b"
    r"|[A-Z][\w+-]*(?:/[\w +-]+)+"  # a time zone
    r"|openstreetmap\.org"
    r"|https?://\S+"
    r"|[\w.-]+@[\w.-]+"
    r"|\b[2-9A-HJKMNP-TV-Z]{8}\b"  # a reservation's reference
    r"|\b[A-Z]\b"  # a key
)
READ = {"aria-label", "alt", "title", "placeholder"}


class Reader(HTMLParser):
    """Collects what a person sees, or has read out."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += [value or "" for name, value in attrs if name in READ]

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:  # programs read what stands in a script
            self.seen.append(data.strip())


def english_in(text: str) -> list[str]:
    """Return the words in Latin letters that should not be in a Bulgarian text."""
    return re.findall(r"[A-Za-z]+", EXPECTED.sub(" ", html.unescape(text)))


def require_bulgarian(page: str, what: str) -> None:
    reader = Reader()
    reader.feed(re.sub("<script.*?</script>", "", page, flags=re.DOTALL))
    assert 'lang="bg"' in page
    foreign = [text for text in reader.seen if english_in(text)]
    assert not foreign, f"{what}: {foreign}"


@pytest.fixture
def hub(cast: Cast) -> Cast:
    """The cast with Bulgarian names, reading Bulgarian."""
    Organisation.objects.update(name="Звукарите", name_bg="Звукарите")
    Site.objects.update(name="Мелницата", name_bg="Мелницата", address="бул. Изгрев 1")
    Resource.objects.update(name="Студио", name_bg="Студио", description="Тихо")
    User.objects.update(name="Боряна Стоева", language="bg")
    for each in (cast.lab, cast.studio, cast.booker, cast.manager, cast.staff):
        each.refresh_from_db()
    return cast
