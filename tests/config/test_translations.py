"""The Bulgarian catalogue: complete, compiled, its signs and placeholders right."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import rest_framework
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings

from config import framework_texts

ROOT = Path(settings.BASE_DIR)
ROOMS = ("labs", "booking", "notifications", "config")
COMPILED = ROOT / "config/locale/bg/LC_MESSAGES/django.mo"
SOURCE = COMPILED.with_suffix(".po")
#: As in the Makefile.
COLLECT = "makemessages", "--locale=bg", "--no-location", "--no-obsolete"
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+(?::\w+)?\}")

Row = tuple[str | None, list[str], list[str]]


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="bg", ignore_obsolete=False)


def texts(catalog: Catalog) -> Iterator[Row]:
    """Yield context, originals and translations; two where there is a plural."""
    for message in catalog:
        context: Any = message.context
        if isinstance(context, bytes):  # so they come of a compiled file
            context = context.decode()
        if message.id:
            yield context, listed(message.id), listed(message.string)


def listed(said: Any) -> list[str]:
    return [said] if isinstance(said, str) else list(said)


def originals(catalog: Catalog) -> list[tuple[str, ...]]:
    return sorted((context or "", *ids) for context, ids, _said in texts(catalog))


def test_catalogue__holds_every_text_of_the_source(tmp_path: Path) -> None:
    for room in ROOMS:
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=unwanted)
    shutil.copy(ROOT / "manage.py", tmp_path)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ATRIUM_VAR": str(tmp_path / "var"),
    }
    collected = subprocess.run(
        [sys.executable, "manage.py", *COLLECT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert collected.returncode == 0, collected.stderr  # gettext must be installed
    fresh = read(tmp_path / SOURCE.relative_to(ROOT))
    assert originals(fresh) == originals(read(SOURCE)), "run `make messages`"


def test_catalogue__nothing_empty_fuzzy_or_obsolete() -> None:
    catalog = read(SOURCE)
    rows = list(texts(catalog))
    assert not [ids for _context, ids, said in rows if not all(said)]
    assert not [ids for _context, ids, said in rows if len(ids) != len(said)]
    assert not [message.id for message in catalog if message.id and message.fuzzy]
    assert not catalog.obsolete


def test_catalogue__placeholders_agree() -> None:
    def found(text: str) -> list[str]:
        return sorted(PLACEHOLDERS.findall(text))

    wrong = [
        (ids, each)
        for _context, ids, said in texts(read(SOURCE))
        for each in said
        if all(found(each) != found(original) for original in ids)
    ]
    assert not wrong


def test_catalogue__signs_and_letters_are_bulgarian() -> None:
    """Quotes are „…“, and no Latin letter hides in a Cyrillic word."""
    mixed = re.compile(r"[а-яА-Яѝ][a-zA-Z]|[a-zA-Z][а-яА-Яѝ]")
    for _context, _ids, said in texts(read(SOURCE)):
        for each in said:
            plain = PLACEHOLDERS.sub(" ", each)
            assert not mixed.search(plain), each
            assert not set("\"'“”") & set(re.sub("„[^“]*“", "", plain)), each


def test_catalogue__header_names_nobody() -> None:
    header = SOURCE.read_text("utf-8").split("\n\n", 1)[0]
    assert "@" not in header
    assert "POT-Creation-Date" not in header


def test_compiled__is_what_the_source_says() -> None:
    with COMPILED.open("rb") as file:
        compiled = read_mo(file)
    ours = sorted(texts(compiled), key=str)
    assert ours == sorted(texts(read(SOURCE)), key=str), "run `make messages`"


def test_framework_texts__are_still_the_frameworks() -> None:
    """Plurals aside, which are lazy and do not tell their originals."""
    conf = Path(django.__file__).parent / "conf/locale/en/LC_MESSAGES/django.po"
    of_django = {ids[0] for _context, ids, _said in texts(read(conf))}
    gone = {each for each in framework_texts.FORMS if isinstance(each, str)}
    assert not gone - of_django
    modules = Path(rest_framework.__file__).parent.glob("*.py")
    source = "".join(module.read_text("utf-8") for module in modules)
    named = [each for each in framework_texts.API if isinstance(each, str)]
    assert not [each for each in named if each not in source]


# What people read. All that is theirs is made Cyrillic first: a Latin letter that is
# left is then a text of ours that nobody translated.
