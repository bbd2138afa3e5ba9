"""The district's book: read, proposed, approved by another, and every step a ledger entry.

Invariants: the book in force is the approved version with the highest number; a version is decided once; who approves is not who proposed; a version is
proposed on top of the one in force, or not at all.
"""

import functools
import hashlib
from datetime import datetime

import pydantic
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import default_district, district, viewers
from sharing_hub.domain import ledger as entries
from sharing_hub.services import ledger, views
from sharing_hub.store import database, sharing_tables, tables

MAX_BYTES = 4 * 1024 * 1024
MAX_WHY_CHARACTERS = 500
MAX_VERSIONS = 100
_TABLE = sharing_tables.DistrictVersion
# Made once: it is asked at every decision, and building a statement costs more than running it.
_NEWEST = select(sa.func.max(_TABLE.version)).where(_TABLE.state == "approved")
_ADAPTER = pydantic.TypeAdapter(district.District)
_ROWS = tables.core(_TABLE)
_IN_FORCE = (
    select(_ROWS.c.version, sa.type_coerce(_ROWS.c.book, sa.Text))
    .where(_ROWS.c.state == "approved")
    .order_by(_ROWS.c.version.desc())
    .limit(1)
)


def begin(session: Session, now: datetime, first: district.District | None = None) -> str:
    """Keep the first version where there is none yet: the default book, or the one given. A repeat does nothing.

    Returns:
        The SHA-256 of the first version, for the ledger's entry of the hub's settings: nobody decided on it, it came with the software.
    """
    kept = session.get(_TABLE, 1)
    if kept is None:
        kept = _TABLE(
            version=1, state="approved", book=first or default_district.make(), why="first version", proposed_by=None,
            proposed_by_name="hub", proposed_at=now, decided_by=None, decided_by_name="hub", decided_at=now,
        )  # fmt: skip
        session.add(kept)
    return _digest(kept.book)


def version_in_force(session: Session) -> int:
    """Return the number of the version in force; 0 where there is none."""
    return session.connection().scalar(_NEWEST) or 0


def in_force(session: Session) -> tuple[int, district.District]:
    """Return the version in force and its book.

    Raises:
        StoreError: there is none: the hub was never started on this database.
    """
    row = session.execute(_IN_FORCE).first()
    if row is None:
        raise errors.StoreError("the district's book was not begun; start the hub once, or run `jikimi-hub migrate`")
    return row[0], _parsed(row[1])


def cameras_of(session: Session, viewer: viewers.Viewer) -> frozenset[str]:
    """Return the cameras that the viewer's agency owns; of the district, which sees all, and of an agency that is not active: none are named."""
    if not viewers.is_partner(viewer):
        return frozenset()
    _, found = in_force(session)
    if found.agency(viewer.agency_id) is None:
        return frozenset()
    return frozenset(one.camera_id for one in found.cameras if one.owner == viewer.agency_id)


def readable(session: Session, viewer: viewers.Viewer, version: int | None = None) -> tuple[int, district.District]:
    """Return the version in force or the one named, for somebody of the district.

    Raises:
        Refused: the book is the district's own matter.
        NotFound: no such version.
    """
    _require_reader(viewer)
    if version is None:
        return in_force(session)
    row = session.get(_TABLE, version)
    if row is None:
        raise errors.NotFound(f"no version {version} of the district's book")
    return row.version, row.book


def versions(session: Session, viewer: viewers.Viewer) -> list[views.BookVersionView]:
    """Return who proposed and who decided which version, the newest first.

    Raises:
        Refused: the book is the district's own matter.
    """
    _require_reader(viewer)
    names = list(views.BookVersionView.model_fields)
    wanted = select(*(getattr(_TABLE, name) for name in names)).order_by(_TABLE.version.desc()).limit(MAX_VERSIONS)
    return [views.BookVersionView(**dict(zip(names, row, strict=True))) for row in session.execute(wanted)]


def read(text: bytes) -> district.District:
    """Return the book that JSON text holds.

    Raises:
        TooLarge: more than 4 MiB.
        Unprocessable: it is no book; the words name what is wrong and where.
    """
    if len(text) > MAX_BYTES:
        raise errors.TooLarge(f"the book has {len(text)} bytes; at most {MAX_BYTES}")
    try:
        return _ADAPTER.validate_json(text, strict=False, extra="forbid")
    except pydantic.ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the book"
        raise errors.Unprocessable(f"{where}: {first['msg']}") from e


def write(book: district.District) -> bytes:
    """Return the book as JSON text."""
    return _ADAPTER.dump_json(book, indent=1)


def propose(
    session: Session, viewer: viewers.Viewer, changed: district.District, on_top_of: int, why: str, now: datetime
) -> int:
    """Keep a new version that another person must approve; return its number.

    Raises:
        Refused: the viewer does not manage the rules.
        Conflict: another version came into force since, or one waits already.
        Unprocessable: no reason.
    """
    _require_manager(viewer)
    if not 1 <= len(why.strip()) <= MAX_WHY_CHARACTERS:
        raise errors.Unprocessable(f"say why the book changes, in 1 to {MAX_WHY_CHARACTERS} characters")
    version, _ = in_force(session)
    if on_top_of != version:
        raise errors.Conflict(f"version {version} is in force, not {on_top_of}; read it and change that one")
    if session.scalar(select(_TABLE.version).where(_TABLE.state == "proposed").limit(1)) is not None:
        raise errors.Conflict("another version waits for its approval; approve or reject it first")
    highest = session.scalar(select(sa.func.max(_TABLE.version))) or 0
    row = _TABLE(
        version=highest + 1, state="proposed", book=changed, why=why.strip(), proposed_by=viewer.operator_id,
        proposed_by_name=viewer.name, proposed_at=now,
    )  # fmt: skip
    session.add(row)
    _record(session, "book.proposed", row, _actor(viewer), now)
    return row.version


def decide(session: Session, viewer: viewers.Viewer, version: int, approve: bool, now: datetime) -> None:
    """Approve a proposed version, which is then in force, or reject it.

    Raises:
        NotFound: no such version.
        Conflict: it was decided already.
        Refused: the viewer does not manage the rules, or proposed it.
    """
    _require_manager(viewer)
    row = session.get(_TABLE, version)
    if row is None:
        raise errors.NotFound(f"no version {version} of the district's book")
    if row.state != "proposed":
        raise errors.Conflict(f"version {version} was {row.state} already")
    if approve and (row.proposed_by is None or row.proposed_by == viewer.operator_id):
        raise errors.Refused("a change needs two people: somebody else than its proposer approves it")
    row.state = "approved" if approve else "rejected"
    row.decided_by, row.decided_by_name, row.decided_at = viewer.operator_id, viewer.name, now
    _record(session, f"book.{row.state}", row, _actor(viewer), now)
    database.note(session, "book", str(version))


def _require_reader(viewer: viewers.Viewer) -> None:
    if not viewers.sees_rows(viewer):
        raise errors.Refused(f"the district's book is not for the role {viewer.role} of {viewer.agency_id}")


@functools.lru_cache(maxsize=4)
def _parsed(text: str) -> district.District:
    """Return the book that a row's text holds. (Values are frozen; a book of 2,500 cameras takes 20 ms to parse, and every decision asks for it.)"""
    return _ADAPTER.validate_json(text)


def _require_manager(viewer: viewers.Viewer) -> None:
    if not viewers.manages_rules(viewer):
        raise errors.Refused(f"the role {viewer.role} does not change the district's book")


def _actor(viewer: viewers.Viewer) -> entries.Actor:
    return entries.Actor("operator", viewer.name, str(viewer.operator_id), viewer.role)


def _record(
    session: Session, action: str, row: sharing_tables.DistrictVersion, by: entries.Actor, now: datetime
) -> None:
    session.flush()
    ledger.append(
        session,
        entries.Entry(
            at=now, action=action, actor=by, subject=entries.Subject("book", str(row.version)), why=row.why,
            details={"sha256": _digest(row.book)},
        ),
    )  # fmt: skip


def _digest(book: district.District) -> str:
    return hashlib.sha256(_ADAPTER.dump_json(book)).hexdigest()
