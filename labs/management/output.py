"""How commands say what happened, and what went wrong: never with a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from config.errors import DomainError, from_integrity_error
from labs.services.csv_rows import Report


@contextmanager
def refusals_as_errors() -> Iterator[None]:
    """Turn what a service refuses, and files that cannot be used, into CommandError."""
    try:
        yield
    except DomainError as error:
        raise CommandError(one_line(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
    except IntegrityError as error:
        # Somebody changed the same things between our check and our writing.
        if known := from_integrity_error(error):
            raise CommandError(one_line(known)) from error
        raise


def one_line(error: DomainError) -> str:
    """Return a refusal as one line: the fields' texts where it has them."""
    fields = error.extra.get("fields", {})
    texts = [f"{name}: {' '.join(map(str, found))}" for name, found in fields.items()]
    return "; ".join(texts) or str(error.detail)


def tell(
    command: BaseCommand, report: Report, *, skip_bad: bool, dry_run: bool
) -> None:
    """Print an import's faults and counts; CommandError where faults stopped it."""
    for fault in sorted(report.faults):
        command.stderr.write(str(fault))
    if report.faults and not skip_bad:
        raise CommandError(f"{report.bad_rows} bad rows; nothing was written.")
    for kind, counts in report.counts.items():
        told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
        command.stdout.write(f"{kind}: {told}")
    if report.faults:
        command.stderr.write(f"{report.bad_rows} bad rows were left out.")
    if dry_run:
        command.stdout.write("Nothing was written: this was a dry run.")
