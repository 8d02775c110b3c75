"""What an import is going to write, worked out row by row before it writes."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from labs.services.csv_rows import WHOLE, Fault, Report, Row, listed, yes_or_no

M = TypeVar("M", bound=models.Model)


@dataclass
class Plan(Generic[M]):
    """All things of one kind by key: those in the database, then as the file has it."""

    kind: str
    known: dict[Any, M]
    missing: StrOrPromise = ""
    refused: set[Any] = field(default_factory=set)
    new: list[M] = field(default_factory=list)
    changed: list[M] = field(default_factory=list)
    unchanged: int = 0

    def refuse(self, key: object, faults: Iterable[Fault], report: Report) -> None:
        """Report a row and remember its key: what depends on it is bad too."""
        self.refused.add(key)
        report.faults += faults

    def accept(self, key: object, before: M | None, after: M) -> None:
        """Take a good row: `after` is what its thing becomes."""
        self.known[key] = after
        if before is None:
            self.new.append(after)
        elif same(before, after):
            self.unchanged += 1
        else:
            self.changed.append(after)

    def find(self, row: Row, column: str, faults: list[Fault]) -> M | None:
        """Return the thing that a cell names, or None and a fault."""
        key = row.cells[column]
        if key in self.refused:
            text = _("The row of “%(key)s” cannot be used.")
            faults.append(row.fault(column, text % {"key": key}))
        elif key in self.known:
            return self.known[key]
        else:
            faults.append(row.fault(column, str(self.missing) % {"key": key}))
        return None

    def write(self, manager: models.Manager[M], fields: Iterable[str]) -> None:
        """Write what is new and what changed, in bulk."""
        manager.bulk_create(self.new, batch_size=500)
        if self.changed:
            manager.bulk_update(self.changed, list(fields), batch_size=500)

    def tell(self, report: Report) -> None:
        """Count the outcome into the report."""
        report.count(self.kind, "created", len(self.new))
        report.count(self.kind, "changed", len(self.changed))
        report.count(self.kind, "unchanged", self.unchanged)


def filled(before: M, row: Row, fields: Mapping[str, str]) -> tuple[M, list[Fault]]:
    """Return a copy of a thing with a row's cells in it, and what is wrong with them.

    A column that is not there, or an empty cell where a value is needed and there is a
    usual one, leaves what the thing has.
    """
    after, faults = copy.copy(before), []
    for column, name in fields.items():
        if column not in row.cells:
            continue
        target = cast("models.Field[Any, Any]", after._meta.get_field(name))
        cell = row.cells[column]
        if cell or target.blank or not target.has_default():
            try:
                setattr(after, name, target.clean(_value(target, cell), after))
            except ValidationError as error:
                faults.append(row.fault(column, " ".join(error.messages)))
    if not faults and not same(before, after):
        faults = _row_faults(after, row)
    return after, faults


def same(before: models.Model, after: models.Model) -> bool:
    """Whether a row changes nothing; white space around a text does not count."""
    return all(
        _trimmed(getattr(before, each.attname))
        == _trimmed(getattr(after, each.attname))
        for each in before._meta.concrete_fields
    )


def _value(target: models.Field[Any, Any], cell: str) -> object:
    if isinstance(target, models.BooleanField):
        return yes_or_no(cell)
    if isinstance(target, ArrayField):
        return listed(cell)
    return None if target.null and not cell else cell


def _row_faults(instance: models.Model, row: Row) -> list[Fault]:
    """Return what `clean` has against several fields together."""
    try:
        instance.clean()
    except ValidationError as error:
        return [
            row.fault(column if column in row.cells else WHOLE, text)
            for column, texts in error.message_dict.items()
            for text in texts
        ]
    return []


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value
