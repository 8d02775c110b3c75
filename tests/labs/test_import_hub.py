from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labs.models import (
    Membership,
    Organisation,
    QualificationType,
    Resource,
    Site,
    Unit,
    User,
)
from tests import factories
from tests.labs.csv_files import (
    FILES,
    PEOPLE,
    QUALIFICATION_TYPES,
    RESOURCES,
    SITES,
    write_hub,
)
from tests.labs.imports import refused, rows, run

pytestmark = pytest.mark.django_db
KINDS = (
    *("organisations", "sites", "people", "memberships"),
    *("qualification types", "resources"),
)


def test_import_hub__good_files__everything_is_there(tmp_path: Path) -> None:
    out, err = run(write_hub(tmp_path))

    assert err == []
    assert out == [
        "organisations: 2 created, 0 changed, 0 unchanged",
        "sites: 1 created, 0 changed, 0 unchanged",
        "people: 3 created, 0 changed, 0 unchanged",
        "memberships: 3 created, 0 changed, 0 unchanged",
        "qualification types: 2 created, 0 changed, 0 unchanged",
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
    required = hall.required_qualifications.order_by("slug")
    assert [(each.slug, each.validity_months) for each in required] == [
        ("aid", None),
        ("lift", 60),
    ]
    halves = Resource.objects.filter(slug__endswith="half")
    assert set(hall.parts.all()) == set(halves)
    assert set(hall.units.all()) == set(Unit.objects.filter(resources__in=halves))
    assert Unit.objects.count() == 6


def test_import_hub__twice__changes_nothing(tmp_path: Path) -> None:
    run(write_hub(tmp_path))
    before = rows()

    out, _err = run(tmp_path)

    assert rows() == before
    counts = dict(zip(KINDS, (2, 1, 3, 3, 2, 4), strict=True))
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
    for model in (Membership, User, Site, QualificationType, Organisation):
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
        "qualification types: 0 created, 0 changed, 2 unchanged",
        "resources: 0 created, 3 changed, 1 unchanged",
    ]
    benches = Resource.objects.get(slug="benches")
    assert kept < set(benches.units.values_list("pk", flat=True))
    hall = Resource.objects.get(slug="hall")
    assert [part.slug for part in hall.parts.all()] == ["left-half"]
    assert hall.units.count() == 1


def test_import_hub__other_qualifications__are_required_then(tmp_path: Path) -> None:
    run(write_hub(tmp_path))
    resources = RESOURCES.replace("lift; aid", "aid")

    out, _err = run(write_hub(tmp_path, resources=resources))

    assert out[-1] == "resources: 0 created, 1 changed, 3 unchanged"
    hall = Resource.objects.get(slug="hall")
    assert [each.slug for each in hall.required_qualifications.all()] == ["aid"]


def test_import_hub__unknown_qualification_or_owner__is_refused(
    tmp_path: Path,
) -> None:
    wrong = {
        "resources": RESOURCES.replace("lift; aid", "flying"),
        "qualification_types": QUALIFICATION_TYPES.replace("60,host", "0,nobody"),
    }
    err = refused(write_hub(tmp_path, **wrong))
    assert [line.split(": ")[0] for line in err] == [
        "qualification_types.csv:2:organisation",
        "qualification_types.csv:2:validity_months",
        "resources.csv:2:qualifications",
    ]


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
            f"lab{n},host,mill,laboratory,Lab,,,,2,,draft,2,yes,,aid" for n in numbered
        )
        write_hub(tmp_path, people=PEOPLE + people, resources=RESOURCES + labs)
        with CaptureQueriesContext(connection) as captured:
            run(tmp_path)
        return len(captured)

    run(write_hub(tmp_path))

    assert queries(50) == queries(100) < 40
