"""The registers that the law asks for, rendered from the ledger: provision to third parties, personal video, access record.

Each is a table for one month of Korean time, with the form's columns. A look by another agency is a provision, like a package that was handed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import viewers
from sharing_hub.services import book, ledger, register_columns
from sharing_hub.store import ledger_tables, queries

EXPORTED = "register.exported"
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Register:
    """A register of one month.

    Attributes:
        columns: each column's name in Korean and in English.
        rows: as many cells as columns.
    """

    letter: register_columns.Letter
    month: str
    title: tuple[str, str]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[register_columns.Cells, ...]


def read(session: Session, viewer: viewers.Viewer, letter: register_columns.Letter, month: str) -> Register:
    """Return a register of a month, `YYYY-MM` in Korean time.

    Raises:
        Refused: the role does not read registers.
        Unprocessable: not a month.
    """
    require_reader(viewer)
    starts_at, ends_at = month_of(month)
    kind = register_columns.KINDS[letter]
    names = {agency.agency_id: agency.ko for agency in book.in_force(session)[1].agencies}
    rows: list[register_columns.Cells] = []
    for values in _entries(session, viewer, starts_at, ends_at):
        cells = kind.cells(values, names)
        if cells is not None:
            rows.append((str(len(rows) + 1), *cells))
    columns = (("번호", "No."), *kind.columns)
    return Register(letter, month, kind.title, columns, tuple(rows))


def require_reader(viewer: viewers.Viewer) -> None:
    """Refuse a viewer whose role does not read registers.

    Raises:
        Refused: so.
    """
    if not viewers.reads_registers(viewer):
        raise errors.Refused(f"registers are for leaders, administrators and auditors, not for the role {viewer.role}")


def note_export(
    session: Session,
    by: entries.Actor,
    letter: register_columns.Letter,
    month: str,
    form: str,
    source_address: str | None,
    now: datetime,
) -> None:
    """Put on record that a register is about to be handed out."""
    subject = entries.Subject("register", f"{letter} {month}")
    details: dict[str, entries.Detail] = {"form": form}
    entry = entries.Entry(now, EXPORTED, by, subject, source_address=source_address, details=details)
    ledger.append(session, entry)


def month_of(month: str) -> tuple[datetime, datetime]:
    """Return when a month of Korean time begins and ends.

    Raises:
        Unprocessable: not `YYYY-MM`.
    """
    found = _MONTH.fullmatch(month)
    if found is None:
        raise errors.Unprocessable("a month is written YYYY-MM, e.g. 2026-11")
    year, number = int(found[1]), int(found[2])
    begins = datetime(year, number, 1, tzinfo=register_columns.KOREA)
    ends = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=register_columns.KOREA)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def _entries(
    session: Session, viewer: viewers.Viewer, starts_at: datetime, ends_at: datetime
) -> Iterator[register_columns.Values]:
    table = ledger_tables.Entry
    statement = queries.visible_to(viewer).registers().where(table.at >= starts_at, table.at < ends_at)
    for row in session.scalars(statement.order_by(table.index).execution_options(yield_per=_ROWS_AT_ONCE)):
        yield ledger.values_of(row.index, row.body)
