from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labs.models import Coverage, Membership, Organisation, Resource, Site, Unit, User
from tests import factories
from tests.labs.csv_files import FILES, PEOPLE, RESOURCES, SITES, write_hub

pytestmark = pytest.mark.django_db
KINDS = ("organisations", "sites", "people", "memberships", "resources")


def run(folder: Path, *options: str) -> tuple[list[str], list[str]]:
    """Import and return the lines it said, and the faults."""
    out, err = io.StringIO(), io.StringIO()
    call_command("import_hub", folder, *options, stdout=out, stderr=err, no_color=True)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def refused(folder: Path) -> list[str]:
    """Import what cannot be imported; return the faults."""
    err = io.StringIO()
    before = rows()
    with pytest.raises(CommandError, match=r"bad rows; nothing was written"):
        call_command("import_hub", folder, stderr=err, no_color=True)
    assert rows() == before
    return err.getvalue().splitlines()


def rows() -> dict[str, list[object]]:
    models = (Organisation, Site, User, Membership, Resource, Unit, Coverage)
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in (*models, Resource.parts.through)
    }


def test_import_hub__good_files__everything_is_there(tmp_path: Path) -> None:
    out, err = run(write_hub(tmp_path))

    assert err == []
    assert out == [
        "organisations: 2 created, 0 changed, 0 unchanged",
        "sites: 1 created, 0 changed, 0 unchanged",
        "people: 3 created, 0 changed, 0 unchanged",
        "memberships: 3 created, 0 changed, 0 unchanged",
        "resources: 4 created, 0 changed, 0 unchanged",
    ]
    assert (
        Organisation.objects.get(slug="host").description == "Studios, labs\nand more"
    )
    hristo = User.objects.get(email="hristo@host.example")
    assert not hristo.has_usable_password()
    assert set(hristo.memberships.values_list("organisation__slug", "role")) == {
        ("host", "manager"),
        ("startup", "booker"),
    }
    assert User.objects.get(email="stella@hub.example").is_hub_staff
    benches = Resource.objects.get(slug="benches")
    assert (benches.is_pool, benches.tags) == (True, ["xr", "motion-capture"])
    assert benches.units.count() == 4
    hall = Resource.objects.get(slug="hall")
    halves = Resource.objects.filter(slug__endswith="half")
    assert set(hall.parts.all()) == set(halves)
    assert set(hall.units.all()) == set(Unit.objects.filter(resources__in=halves))
    assert Unit.objects.count() == 6


def test_import_hub__twice__changes_nothing(tmp_path: Path) -> None:
    run(write_hub(tmp_path))
    before = rows()

    out, _err = run(tmp_path)

    assert rows() == before
    counts = dict(zip(KINDS, (2, 1, 3, 3, 4), strict=True))
    assert out == [
        f"{kind}: 0 created, 0 changed, {n} unchanged" for kind, n in counts.items()
    ]


def test_import_hub__export_import__changes_nothing(tmp_path: Path) -> None:
    run(write_hub(tmp_path))
    odd = {
        "name": "=HYPERLINK(1)",
        "description": "'quoted'\r\nlines, \"and\" commas ; here\t",
        "description_bg": "-5",
    }
    Organisation.objects.filter(slug="host").update(**odd)
    Organisation.objects.filter(slug="startup").update(name="  @cmd", is_active=False)
    Site.objects.update(latitude="-33.5", longitude=None)
    User.objects.filter(is_hub_staff=True).update(name="'=1+1")
    before = rows()
    exported = tmp_path / "new" / "folder"

    call_command("export_hub", exported, stdout=io.StringIO())
    out, _err = run(exported)

    assert rows() == before
    assert all(" 0 created, 0 changed, " in line for line in out)
    text = (exported / "organisations.csv").read_text()
    assert "'=HYPERLINK" in text
    assert ",-5," in text  # a number is no formula


def test_import_hub__exported__makes_the_same_hub_elsewhere(tmp_path: Path) -> None:
    run(write_hub(tmp_path))
    first, second = tmp_path / "first", tmp_path / "second"
    call_command("export_hub", first, stdout=io.StringIO())
    Resource.objects.all().delete()
    Unit.objects.all().delete()
    for model in (Membership, User, Site, Organisation):
        model._default_manager.all().delete()

    run(first)
    call_command("export_hub", second, stdout=io.StringIO())

    for name in FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_import_hub__changed_cells__change_those(tmp_path: Path) -> None:
    run(write_hub(tmp_path))
    resources = (
        RESOURCES.replace("draft,4,yes", "published,5,yes")
        .replace("Right half", "Right side")
        .replace("left-half; right-half", "left-half")
    )
    people = PEOPLE.replace("startup,booker", "startup,manager").replace("Stella", "S.")
    kept = set(Resource.objects.get(slug="benches").units.values_list("pk", flat=True))

    out, _err = run(write_hub(tmp_path, resources=resources, people=people))

    assert out[2:] == [
        "people: 0 created, 1 changed, 2 unchanged",
        "memberships: 0 created, 2 changed, 1 unchanged",
        "resources: 0 created, 3 changed, 1 unchanged",
    ]
    benches = Resource.objects.get(slug="benches")
    assert kept < set(benches.units.values_list("pk", flat=True))
    hall = Resource.objects.get(slug="hall")
    assert [part.slug for part in hall.parts.all()] == ["left-half"]
    assert hall.units.count() == 1


def test_import_hub__fewer_columns__leaves_what_is_there(tmp_path: Path) -> None:
    run(write_hub(tmp_path))
    before = rows()
    for name in FILES:
        (tmp_path / name).unlink()
    (tmp_path / "resources.csv").write_text(
        "slug,organisation,site,kind,name\n"
        "hall,host,mill,premises,Hall\n"
        "benches,host,mill,laboratory,Benches\n"
    )

    out, _err = run(tmp_path)

    assert out[-1] == "resources: 0 created, 0 changed, 2 unchanged"
    assert rows() == before


def test_import_hub__dry_run__counts_and_writes_nothing(tmp_path: Path) -> None:
    before = rows()

    out, _err = run(write_hub(tmp_path), "--dry-run")

    assert rows() == before
    assert out[0] == "organisations: 2 created, 0 changed, 0 unchanged"
    assert out[-1] == "Nothing was written: this was a dry run."


def test_import_hub__byte_order_mark_and_crlf__are_fine(tmp_path: Path) -> None:
    write_hub(tmp_path)
    for name, text in FILES.items():
        marked = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        (tmp_path / name).write_bytes(marked)

    _out, err = run(tmp_path)

    assert err == []


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


def test_import_hub__units_in_use__are_reported(tmp_path: Path) -> None:
    run(write_hub(tmp_path))
    benches = Resource.objects.get(slug="benches")
    factories.set_policy(benches)
    factories.publish(benches)
    Resource.objects.filter(slug="benches").update(listing="published")
    booker = User.objects.get(email="boyana@startup.example")
    factories.reserve(benches, booker, factories.wish(quantity=3))

    fewer = RESOURCES.replace("draft,4", "published,2")
    (fault,) = refused(write_hub(tmp_path, resources=fewer))

    text = "Only 1 of the units to be removed are not in use."
    assert fault == f"resources.csv:5:units: {text}"
    run(write_hub(tmp_path, resources=RESOURCES.replace("draft,4", "published,3")))
    assert benches.units.count() == 3


def test_import_hub__what_must_stay__stays(tmp_path: Path) -> None:
    run(write_hub(tmp_path))
    sites = SITES.replace("Europe/Sofia", "Europe/Lisbon") + SITES.splitlines()[
        1
    ].replace("mill", "annexe")
    resources = RESOURCES.replace("benches,host,mill", "benches,startup,mill").replace(
        "hall,host,mill", "hall,host,annexe"
    )

    faults = refused(write_hub(tmp_path, sites=sites, resources=resources))

    assert (
        "sites.csv:2:time_zone: The zone cannot change: the site has resources."
        in faults
    )
    text = "A resource stays with its organisation."
    sites_only = write_hub(
        tmp_path, sites=sites.replace("Lisbon", "Sofia"), resources=resources
    )
    assert refused(sites_only) == [
        "resources.csv:2:site: A hall and its parts stay together.",
        f"resources.csv:5:organisation: {text}",
    ]


def test_import_hub__no_such_folder_or_files__one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        run(tmp_path / "none")
    with pytest.raises(CommandError, match=r"none of organisations\.csv, sites\.csv"):
        run(tmp_path)
    (tmp_path / "sites.csv").mkdir()
    with pytest.raises(CommandError, match="Is a directory"):
        run(tmp_path)


def test_export_hub__where_it_cannot__one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match=r"Not a directory|File exists"):
        call_command("export_hub", tmp_path / "file" / "folder")


def test_import_hub__more_rows__no_more_queries(tmp_path: Path) -> None:
    def queries(count: int) -> int:
        numbered = [str(n) for n in range(count)]
        people = "\n".join(
            f"p{n}@example.com,P,en,,no,yes,host,booker" for n in numbered
        )
        labs = "\n".join(
            f"lab{n},host,mill,laboratory,Lab,,,,2,,draft,2,yes," for n in numbered
        )
        write_hub(tmp_path, people=PEOPLE + people, resources=RESOURCES + labs)
        with CaptureQueriesContext(connection) as captured:
            run(tmp_path)
        return len(captured)

    run(write_hub(tmp_path))

    assert queries(50) == queries(100) < 40
