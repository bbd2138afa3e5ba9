"""Checkpoints: the ledger's root, signed by the hub, for others to keep and co-sign.

Invariants: the hub signs a checkpoint only where its tree still has, at the size of the checkpoint before, the root of that one: it never signs two
stories. A kill between an append and its checkpoint loses nothing: the entries are durable, and the next checkpoint covers them.

Steps of a checkpoint: (1) one transaction reads size and frontier; (2) the last checkpoint's root is compared with the tree's at its size; (3) the note is
signed and its row is committed; only then is it given to anybody.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors, ledger_key
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import merkle, notes
from sharing_hub.services import ledger
from sharing_hub.store import ledger_tables

CLOCKS_APART = timedelta(minutes=5)
"""How far a witness's clock may be ahead of the hub's."""
ADDED = "ledger.witness_added"


def make(session: Session, key: ledger_key.LedgerKey, now: datetime) -> int | None:
    """Sign the ledger as it is, where it has grown since the last checkpoint; return its size then, else None.

    Raises:
        StoreError: the ledger was changed by hand.
    """
    size, last = ledger.size_of(session), _latest(session)
    if size == 0 or (last is not None and last.size == size):
        return None
    if last is not None:
        checkpoint, _, _ = notes.parse(last.note)
        if last.size > size or ledger.frontier(session, last.size).root() != checkpoint.root:
            raise errors.StoreError(
                f"the ledger was changed by hand: it no longer has the root that was signed at {last.size} entries; "
                "run `jikimi-hub ledger verify`"
            )
    root = ledger.frontier(session, size).root()
    session.add(ledger_tables.Checkpoint(size=size, made_at=now, note=key.sign(size, root)))
    return size


def note(session: Session, size: int | None = None) -> str:
    """Return a checkpoint with every co-signature on it, the latest or that of a size.

    Raises:
        NotFound: there is none.
    """
    row = _latest(session) if size is None else session.get(ledger_tables.Checkpoint, size)
    if row is None:
        raise errors.NotFound("no checkpoint" + ("" if size is None else f" at {size} entries"))
    table = ledger_tables.Cosignature
    lines = session.scalars(select(table.line).where(table.size == row.size).order_by(table.received_at, table.witness))
    return row.note + "".join(line + "\n" for line in lines)


def add_witness(session: Session, name: str, key_text: str, now: datetime) -> notes.Key:
    """Let somebody co-sign checkpoints; a repeat does nothing.

    Raises:
        Unprocessable: the key is not one, or is another name's.
        Conflict: the name has another key.
    """
    key = notes.key_of(key_text)
    if key.name != name:
        raise errors.Unprocessable(f"the key is that of {key.name}, not of {name[:200]}")
    row = session.get(ledger_tables.Witness, name)
    if row is not None:
        if row.key != key.text():
            raise errors.Conflict(f"{name} is a witness already, with another key; a new key gets a new name")
        return key
    session.add(ledger_tables.Witness(name=name, key=key.text(), added_at=now))
    subject = entries.Subject("witness", name)
    details: dict[str, entries.Detail] = {"key": key.text()}
    ledger.append(session, entries.Entry(now, ADDED, entries.COMMAND_LINE, subject, details=details))
    return key


def witnesses(session: Session) -> list[notes.Key]:
    """Return who co-signs, by name."""
    table = ledger_tables.Witness
    return [notes.key_of(text) for text in session.scalars(select(table.key).order_by(table.name))]


def require_witness(session: Session, size: int, line: str, now: datetime) -> notes.Signature:
    """Return the signature of a line that a registered witness made over the checkpoint of this size.

    Raises:
        Unprocessable: it is no signature line.
        Unauthenticated: it is no registered witness's, or not over this checkpoint: the two are told alike.
    """
    signature = notes.signature_of(line)
    witness = session.get(ledger_tables.Witness, signature.name)
    row = session.get(ledger_tables.Checkpoint, size)
    at = None
    if witness is not None and row is not None:
        _, text, _ = notes.parse(row.note)
        at = notes.signed_at(text, signature, notes.key_of(witness.key))
    if at is None or at > now + CLOCKS_APART:
        raise errors.Unauthenticated("the signature is not a registered witness's over the checkpoint of this size")
    return signature


def cosign(session: Session, size: int, line: str, now: datetime) -> None:
    """Keep a witness's signature over the checkpoint of this size; one that is kept already stays as it is. Raises as `require_witness`."""
    signature = require_witness(session, size, line, now)
    if session.get(ledger_tables.Cosignature, (size, signature.name)) is None:
        made = ledger_tables.Cosignature(size=size, witness=signature.name, line=signature.line(), received_at=now)
        session.add(made)


def inclusion(session: Session, index: int, size: int) -> tuple[bytes, list[bytes]]:
    """Return the hash of an entry, and the proof that the tree of `size` entries holds it.

    Raises:
        NotFound: there is no such entry, or no tree of this size yet.
    """
    if not 0 <= index < size <= ledger.size_of(session):
        raise errors.NotFound(f"no entry {index} in a ledger of {size} entries")
    spans = merkle.inclusion_spans(index, size)
    found = ledger.hashes(session, [(0, index), *merkle.nodes_of(spans)])
    return found[0, index], merkle.hashed(spans, found.__getitem__)


def consistency(session: Session, first: int, second: int) -> list[bytes]:
    """Return the proof that the tree of `first` entries is the beginning of that of `second`.

    Raises:
        NotFound: there is no tree of one of these sizes.
    """
    if not 0 < first <= second <= ledger.size_of(session):
        raise errors.NotFound(f"no ledgers of {first} and {second} entries")
    spans = merkle.consistency_spans(first, second)
    return merkle.hashed(spans, ledger.hashes(session, merkle.nodes_of(spans)).__getitem__)


def count(session: Session) -> int:
    """Return how many checkpoints there are."""
    return session.scalar(select(sa.func.count()).select_from(ledger_tables.Checkpoint)) or 0


def _latest(session: Session) -> ledger_tables.Checkpoint | None:
    table = ledger_tables.Checkpoint
    return session.scalar(select(table).order_by(table.size.desc()).limit(1))
