"""Running the import as an operator does, and what is in the tables then."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from labs.models import (
    Coverage,
    Membership,
    Organisation,
    QualificationType,
    Resource,
    Site,
    Unit,
    User,
)


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
    people = (Organisation, Site, User, Membership, QualificationType)
    models = (*people, Resource, Unit, Coverage)
    through = (Resource.parts.through, Resource.required_qualifications.through)
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in (*models, *through)
    }
