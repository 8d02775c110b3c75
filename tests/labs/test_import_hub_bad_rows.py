from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labs.models import Organisation, Resource, Site, User
from tests.labs.csv_files import FILES, PEOPLE, RESOURCES, SITES, write_hub
from tests.labs.imports import refused, run

pytestmark = pytest.mark.django_db
KINDS = ("organisations", "sites", "people", "memberships", "resources")


def test_import_hub__bad_rows__all_are_reported_and_nothing_written(
    tmp_path: Path,
) -> None:
    bad = RESOURCES.replace("Left half", "").replace(
        "premises,Right", "spaceship,Right"
    )
    people = PEOPLE.replace("boyana@startup.example,", "not an e-mail,")

    faults = refused(write_hub(tmp_path, resources=bad, people=people))

    assert faults == [
        "people.csv:2:email: Enter a valid email address.",
        "resources.csv:2:covers: The row of “left-half” cannot be used.",
        "resources.csv:2:covers: The row of “right-half” cannot be used.",
        "resources.csv:3:name: This field cannot be blank.",
        "resources.csv:4:kind: Value 'spaceship' is not a valid choice.",
    ]


def test_import_hub__skip_bad__writes_the_good_and_what_depends_is_left_out(
    tmp_path: Path,
) -> None:
    write_hub(tmp_path, sites=SITES.replace("Europe/Sofia", "Europe/Atlantis"))

    out, err = run(tmp_path, "--skip-bad")

    text = "is not an IANA time zone such as Europe/Sofia."
    assert err == [
        *[
            f"resources.csv:{line}:site: The row of “mill” cannot be used."
            for line in (2, 3, 4, 5)
        ],
        f"sites.csv:2:time_zone: Europe/Atlantis {text}",
        "5 bad rows were left out.",
    ]
    assert out[0] == "organisations: 2 created, 0 changed, 0 unchanged"
    assert (Organisation.objects.count(), User.objects.count()) == (2, 3)
    assert (Site.objects.count(), Resource.objects.count()) == (0, 0)


def edited(file: str, old: str, new: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        text = FILES[file]
        assert old in text
        kind = file.removesuffix(".csv")
        return write_hub(folder, **{kind: text.replace(old, new)})

    return write


BAD = [
    # file, what stands there, what is written instead, the fault
    ("organisations.csv", "startup,Startup", "Start Up,Startup", "4:slug: "),
    ("organisations.csv", "startup,Startup", "host,Startup", "4:slug: The same is"),
    ("organisations.csv", "company", "", "2:kind: This field cannot be blank"),
    ("organisations.csv", "https://host", "javascript:host", "2:website: "),
    (
        "organisations.csv",
        ".example,yes",
        ".example,maybe",
        "2:active: Write yes or no",
    ),
    ("organisations.csv", "Startup", "x" * 121, "4:name: "),
    (
        "organisations.csv",
        "slug,name,",
        "slug,title,",
        "1:name: This column is missing",
    ),
    ("organisations.csv", "slug,name,", "slug,title,", "1:title: This column is not"),
    ("organisations.csv", "name,name_bg", "name,name", "1:name: This column is there"),
    ("organisations.csv", "startup,,yes", "startup,yes", "4:-: There are 7 cells"),
    ("organisations.csv", "startup,,yes", "startup,,yes,,", "4:-: There are 10"),
    ("organisations.csv", "Startup", "Start\0up", "4:name: There is a NUL byte"),
    ("organisations.csv", "Startup", '"Startup', "4:-: The file cannot be read"),
    ("organisations.csv", "Startup", '"Start"up', "4:-: The file cannot be read"),
    ("organisations.csv", "slug,name", "slug;name", "1:slug: This column is missing"),
    ("sites.csv", "42.697708", "91", "2:latitude: "),
    ("sites.csv", "42.697708", "NaN", "2:latitude: "),
    ("sites.csv", "42.697708", "1e999999", "2:latitude: "),
    ("sites.csv", "42.697708", "42.69770812345", "2:latitude: "),
    ("sites.csv", "Ring twice.", "x" * 2001, "2:access_notes: "),
    ("sites.csv", "Ring twice.", "x" * 140_000, "2:-: The file cannot be read"),
    ("people.csv", "Boyana,bg", "Boyana,fr", "2:language: "),
    ("people.csv", "Boyana,bg", '"Two\nlines",bg', "2:name: "),
    ("people.csv", "startup,booker\nH", "startup,boss\nH", "2:role: "),
    ("people.csv", "startup,booker\nH", "startup,\nH", "2:role: Write manager or"),
    ("people.csv", "yes,yes,,", "yes,yes,,booker", "5:role: There is no organisation"),
    ("people.csv", "host,manager", "moon,manager", "3:organisation: There is no"),
    (
        "people.csv",
        "startup,booker\ns",
        "host,booker\ns",
        "4:email: The same is on line 3",
    ),
    ("people.csv", "Hristo,en", "Hristo,bg", None),
    ("resources.csv", "Hall,Зала,,,120", "Hall,Зала,,,0", "2:people: "),
    ("resources.csv", "Hall,Зала,,,120", "Hall,Зала,,,many", "2:people: "),
    ("resources.csv", "xr; motion-capture", "XR", "5:tags: "),
    ("resources.csv", "draft,4", "draft,four", "5:units: Write a whole number"),
    ("resources.csv", "draft,4", "draft,-4", "5:units: Write a whole number"),
    ("resources.csv", "draft,4", "draft,٤", "5:units: Write a whole number"),
    ("resources.csv", "draft,4", "draft,501", "5:units: Between 1 and 500"),
    ("resources.csv", "draft,4,yes", "draft,4,no", "5:units: Only a pool"),
    ("resources.csv", "draft,4,yes", "draft,4,perhaps", "5:is_pool: Write yes or no"),
    ("resources.csv", "left-half; r", "moon; r", "2:covers: There is no resource"),
    ("resources.csv", "left-half; r", "hall; r", "2:covers: There is no resource"),
    ("resources.csv", "published,,no,l", "published,2,no,l", "2:units: A hall has"),
    ("resources.csv", "published,,no,l", "published,,yes,l", "2:is_pool: A hall is"),
    (
        "resources.csv",
        "left-half,host",
        "left-half,startup",
        "2:covers: “left-half” is",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "fault"), BAD)
def test_import_hub__bad_cell__says_where_and_why(
    tmp_path: Path, file: str, old: str, new: str, fault: str | None
) -> None:
    folder = edited(file, old, new)(tmp_path)

    if fault is None:  # two rows of one person that agree
        assert run(folder)[1] == []
        return

    assert any(line.startswith(f"{file}:{fault}") for line in refused(folder))


def test_import_hub__rows_of_one_person__must_agree(tmp_path: Path) -> None:
    people = PEOPLE.replace(
        "Hristo,en,Europe/Lisbon,no,yes,startup", "H.,en,,no,yes,startup"
    )

    assert refused(write_hub(tmp_path, people=people)) == [
        "people.csv:4:name: On line 3 this person has something else here.",
        "people.csv:4:time_zone: On line 3 this person has something else here.",
    ]


def test_import_hub__not_utf8__says_the_line(tmp_path: Path) -> None:
    write_hub(tmp_path)
    cp1251 = FILES["sites.csv"].encode("cp1251")
    (tmp_path / "sites.csv").write_bytes(cp1251)
    (tmp_path / "people.csv").write_bytes(PEOPLE.encode("utf-16"))

    faults = refused(tmp_path)

    assert "sites.csv:2:-: This is not UTF-8." in faults
    assert "people.csv:1:-: This is not UTF-8." in faults


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_import_hub__empty_file__says_so(tmp_path: Path, text: str) -> None:
    (fault,) = refused(write_hub(tmp_path, people=text))

    assert fault.endswith(":-: The file is empty; the first line names the columns.")
