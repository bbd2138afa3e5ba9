"""What auditors and administrators read of the ledger: entries, proofs, checkpoints. Never a picture."""

import base64
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import merkle, viewers
from sharing_hub.services import checkpoints, ledger
from sharing_hub.store import ledger_tables, queries


class EntryView(BaseModel):
    """An entry; `hash` is SHA-256 over a zero byte and the entry's canonical JSON (RFC 8785), in base64."""

    index: int
    hash: str
    entry: dict[str, Any]


class EntriesView(BaseModel):
    """Entries in order; `size` is how many there are in all, `next` the first of the next page."""

    items: list[EntryView]
    size: int
    next: int | None


class InclusionView(BaseModel):
    """A proof that a tree holds an entry (RFC 9162 2.1.3): hashes in base64, the nearest to the leaf first."""

    index: int
    size: int
    hash: str
    proof: list[str]


class ConsistencyView(BaseModel):
    """A proof that a tree is the beginning of another (RFC 9162 2.1.4)."""

    first: int
    second: int
    proof: list[str]


def page(session: Session, viewer: viewers.Viewer, start: int, limit: int) -> EntriesView:
    """Return entries from number `start` on.

    Raises:
        Refused: the role does not read the ledger.
    """
    require_reader(viewer)
    table, size = ledger_tables.Entry, ledger.size_of(session)
    statement = queries.visible_to(viewer).ledger().where(table.index >= start).order_by(table.index).limit(limit)
    items = [_view(row) for row in session.scalars(statement)]
    following = start + len(items)
    return EntriesView(items=items, size=size, next=following if items and following < size else None)


def checkpoint(session: Session, viewer: viewers.Viewer, size: int | None) -> str:
    """Return a checkpoint as a signed note, the latest or that of a size.

    Raises:
        Refused: the role neither reads the ledger nor is an agency's.
        NotFound: there is none.
    """
    require_keeper(viewer)
    return checkpoints.note(session, size)


def inclusion(session: Session, viewer: viewers.Viewer, index: int, size: int) -> InclusionView:
    """Return the proof that the tree of `size` entries holds entry `index`. Raises as `checkpoint`."""
    require_keeper(viewer)
    leaf, proof = checkpoints.inclusion(session, index, size)
    return InclusionView(index=index, size=size, hash=_text(leaf), proof=[_text(one) for one in proof])


def consistency(session: Session, viewer: viewers.Viewer, first: int, second: int) -> ConsistencyView:
    """Return the proof that the tree of `first` entries is the beginning of that of `second`. Raises as `checkpoint`."""
    require_keeper(viewer)
    proof = checkpoints.consistency(session, first, second)
    return ConsistencyView(first=first, second=second, proof=[_text(one) for one in proof])


def require_reader(viewer: viewers.Viewer) -> None:
    """Refuse a viewer whose role does not read the ledger.

    Raises:
        Refused: so.
    """
    if not viewers.reads_ledger(viewer):
        raise errors.Refused(f"the ledger is for administrators and auditors, not for the role {viewer.role}")


def require_keeper(viewer: viewers.Viewer) -> None:
    """Refuse a viewer who may not keep roots and proofs: hashes, from which nobody learns what an entry says, but sees that none was changed.

    Raises:
        Refused: the role neither reads the ledger nor is an agency's.
    """
    if not viewers.is_partner(viewer):
        require_reader(viewer)


def _view(row: ledger_tables.Entry) -> EntryView:
    values = ledger.values_of(row.index, row.body)
    return EntryView(index=row.index, hash=_text(merkle.leaf_hash(row.body.encode())), entry=values)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
