"""How a mail is laid out: the same blocks, as plain text and as HTML."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.utils.safestring import SafeString, mark_safe

LABEL = (
    '<th class="quiet" scope="row" align="left" valign="top" style="'
    'padding:2px 16px 2px 0;font-weight:400;color:#4a5750">{}</th>'
)
VALUE = '<td valign="top" style="padding:2px 0">{}</td>'
#: A label, which may be empty, and what is said of it.
Row = tuple[str, str]


def one_line(value: object) -> str:
    """Return it on one line and without control characters.

    What somebody wrote must not become a header, nor look like a line of ours.
    """
    signs = (sign if sign.isprintable() else " " for sign in str(value))
    return " ".join("".join(signs).split())


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a mail; `kind` is one of those that the functions below make."""

    kind: str
    text: str = ""
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    url: str = ""

    @property
    def table(self) -> SafeString:
        """The rows' HTML; by hand, since most of a mail's time would go there."""
        found = (
            f"<tr>{LABEL.format(escape(label)) if label else '<td></td>'}"
            f"{VALUE.format(escape(value))}</tr>\n"
            for label, value in self.rows
        )
        return mark_safe("".join(found))  # noqa: S308 - each is escaped

    @property
    def verb(self) -> str:
        """What stands on the button."""
        return self.text.rstrip(":")


def said(text: str) -> Block:
    """Return a paragraph, whose lines stay lines."""
    return Block("said", text, tuple(text.splitlines()))


def code(text: str) -> Block:
    """Return what is to be typed in, or what somebody else wrote."""
    return Block("code", text, tuple(text.splitlines()))


def items(lines: Iterable[str]) -> Block:
    return Block("items", lines=tuple(lines))


def rows(pairs: Iterable[Row]) -> Block:
    """Return a table of details."""
    return Block("rows", rows=tuple(pairs))


def call(text: str, url: str) -> Block:
    """Return the thing to do: a button."""
    return Block("call", text, url=url)


def foot(text: str, url: str) -> Block:
    """Return a quiet link at the end."""
    return Block("foot", text, url=url)


def mail_text(blocks: Sequence[Block]) -> str:
    """Return the plain text."""
    return "\n\n".join(_plain(block) for block in blocks) + "\n"


def _plain(block: Block) -> str:
    if block.url:
        return f"{block.text}\n{block.url}".strip()
    if block.kind == "rows":
        return "\n".join(
            f"{label}: {value}" if label else value for label, value in block.rows
        )
    mark = {"items": "- ", "code": "    "}.get(block.kind, "")
    return "\n".join(f"{mark}{line}" for line in block.lines)


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a plain text as letters have it: paragraphs between blanks.

    One that ends with an address is something to do, an indented one to be typed in.
    """
    return [_block_of(part) for part in text.rstrip().split("\n\n") if part.strip()]


def _block_of(part: str) -> Block:
    if part.startswith("    "):
        return code("\n".join(line.strip() for line in part.splitlines()))
    before, _newline, last = part.strip().rpartition("\n")
    is_link = last.startswith(("http://", "https://")) and " " not in last
    return call(before, last) if is_link else said(part.strip())


@functools.cache
def engine() -> Engine:
    """Return what writes mails: a page's tags have no place in them."""
    return Engine(app_dirs=True, libraries={"i18n": "django.templatetags.i18n"})


def mail_html(*, subject: str, language: str, blocks: Sequence[Block]) -> str:
    """Return the HTML: no image, nothing from elsewhere, light and dark."""
    context = {
        "subject": subject,
        "language": language,
        "blocks": [block for block in blocks if block.kind != "foot"],
        "foot": [block for block in blocks if block.kind == "foot"],
        "home": settings.BASE_URL,
        "host": urlsplit(settings.BASE_URL).netloc,
    }
    return engine().get_template("mail.html").render(Context(context))


def mail(
    *,
    to: str,
    subject: str,
    language: str,
    blocks: Sequence[Block],
    headers: dict[str, str],
    body: str = "",
) -> EmailMultiAlternatives:
    """Return the mail of these blocks; `body` where its plain text is written already.

    Its lines are as RFC 3834 and 3282 ask for: no holiday replies, and which language.
    """
    message = EmailMultiAlternatives(
        subject,
        body or mail_text(blocks),
        to=[to],
        headers={
            "Auto-Submitted": "auto-generated",
            "Content-Language": language,
            **headers,
        },
    )
    html = mail_html(subject=subject, language=language, blocks=blocks)
    message.attach_alternative(html, "text/html")
    return message
