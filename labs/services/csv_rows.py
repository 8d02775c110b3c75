"""Reading CSV so that every bad row is reported, and writing it so that Excel is safe.

Any importer can use this: read the rows of all files, check them all, then write.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: A fault of the whole row, or file, is in no column.
WHOLE = "-"
SEPARATOR = ";"
YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})
#: A spreadsheet takes a cell that starts so for a formula and runs it.
RISKY = tuple("=+-@\t\r'")
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Why a row cannot be used; prints as `file:line:column: reason`."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Row:
    """One record: where it starts, and its cells by column, trimmed."""

    file: str
    line: int
    cells: Mapping[str, str]

    def fault(self, column: str, reason: str) -> Fault:
        return Fault(self.file, self.line, column, reason)


@dataclass
class Report:
    """What an import found and did: faults, and what happened to each kind of thing."""

    faults: list[Fault] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, kind: str, outcome: str, number: int) -> None:
        """Add `number` to `created`, `changed` or `unchanged` of a kind of thing."""
        self.counts.setdefault(kind, Counter())[outcome] += number

    @property
    def bad_rows(self) -> int:
        return len({(fault.file, fault.line) for fault in self.faults})


def read_rows(
    path: Path,
    report: Report,
    *,
    required: Collection[str],
    optional: Collection[str] = (),
) -> list[Row]:
    """Return the good rows of a CSV file; what cannot be read goes into the report.

    UTF-8 with or without a byte order mark, commas, a header. Of a file whose header is
    wrong, or that is not UTF-8, no row is good. Raises OSError as `open` does.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        report.faults.append(Fault(path.name, line, WHOLE, _("This is not UTF-8.")))
        return []
    records = _records(text, path.name, report)
    line, header = next(records, (1, []))
    columns = [name.strip() for name in header]
    faults = _header_faults(columns, set(required), set(required) | set(optional))
    report.faults += [Fault(path.name, line, *fault) for fault in faults]
    if faults:
        return []
    return list(_rows(records, path.name, columns, report))


def _records(text: str, file: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line that it starts on; blank lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        # After a stray quote nobody can tell where rows begin and end.
        text = _("The file cannot be read from here on: %(why)s.") % {"why": error}
        report.faults.append(Fault(file, line, WHOLE, text))


def _header_faults(
    columns: list[str], required: set[str], known: set[str]
) -> list[tuple[str, str]]:
    if not columns:
        return [(WHOLE, _("The file is empty; the first line names the columns."))]
    faults = [(name, _("This column is missing.")) for name in required - {*columns}]
    faults += [(name, _("This column is not known.")) for name in {*columns} - known]
    twice = [name for name, times in Counter(columns).items() if times > 1]
    faults += [(name, _("This column is there twice.")) for name in twice]
    return sorted((name or WHOLE, reason) for name, reason in faults)


def _rows(
    records: Iterable[tuple[int, list[str]]],
    file: str,
    columns: list[str],
    report: Report,
) -> Iterator[Row]:
    for line, record in records:
        if len(record) != len(columns):
            text = _("There are %(found)s cells here, and %(wanted)s columns.")
            numbers = {"found": len(record), "wanted": len(columns)}
            report.faults.append(Fault(file, line, WHOLE, text % numbers))
            continue
        row = Row(file, line, dict(zip(columns, map(plain, record), strict=True)))
        bad = [name for name, cell in row.cells.items() if "\0" in cell]
        report.faults += [row.fault(name, _("There is a NUL byte.")) for name in bad]
        if not bad:
            yield row


def refuse_repeated(
    rows: Iterable[Row], key: Callable[[Row], object], column: str, report: Report
) -> list[Row]:
    """Return the rows but for those whose key came before; these are reported."""
    first: dict[object, int] = {}
    kept = []
    for row in rows:
        line = first.setdefault(key(row), row.line)
        if line == row.line:
            kept.append(row)
        else:
            text = _("The same is on line %(line)s already.") % {"line": line}
            report.faults.append(row.fault(column, text))
    return kept


def yes_or_no(cell: str) -> bool:
    """Return what a cell says; raise ValidationError where it is neither."""
    if cell.lower() in YES | NO:
        return cell.lower() in YES
    raise ValidationError(_("Write yes or no."), code="invalid")


def listed(cell: str) -> list[str]:
    """Return the items of a cell such as `xr; motion-capture`."""
    return [item.strip() for item in cell.split(SEPARATOR) if item.strip()]


def plain(cell: str) -> str:
    """Return a cell's text, without the quote that `guarded` puts before formulas."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(RISKY) else text


def guarded(value: object) -> str:
    """Return a value as a cell that no spreadsheet runs; `plain` gives it back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        value = f"{SEPARATOR} ".join(map(str, value))
    text = "" if value is None else str(value).strip()
    risky = text.startswith(RISKY) and not NUMBER.fullmatch(text)
    return f"'{text}" if risky else text


def write_rows(path: Path, columns: Collection[str], rows: Iterable[object]) -> int:
    """Write a CSV file, each row a sequence of values; return the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([guarded(value) for value in row])  # type: ignore[attr-defined]
            count += 1
    return count
