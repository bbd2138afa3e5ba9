"""The ledger: what is decided or done is appended here, in the transaction that does it.

Invariants: entries are numbered from 0 without a gap; each has its hash in the tree of RFC 6962; an entry is written with what it records or
neither is. Writing transactions begin IMMEDIATE, so there is one appender at a time, whatever process it is in.

Steps of an append: (1) the size and the tree's frontier (at most 20 hashes at a million entries) are read; (2) the entries get their numbers and their
canonical bytes are hashed; (3) entries and the nodes they complete are inserted. The caller's commit makes all durable at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger, merkle
from sharing_hub.services import ledger_import
from sharing_hub.store import ledger_tables, tables

_IMPORT_BATCH = 1000
_ENTRIES, _NODES = tables.core(ledger_tables.Entry), tables.core(ledger_tables.Node)
# Made once: building a statement costs more than running it.
_SIZE = select(sa.func.max(_ENTRIES.c.entry_index))
_LEAVES = select(sa.func.max(_NODES.c.node)).where(_NODES.c.node < merkle.number_of((1, 0)))
_HASHES = select(_NODES.c.node, _NODES.c.hash).where(_NODES.c.node.in_(bindparam("nodes", expanding=True)))
_INSERT_ENTRIES, _INSERT_NODES = _ENTRIES.insert(), _NODES.insert()


def append(session: Session, *entries: ledger.Entry) -> int:
    """Add entries to the ledger, in order; return the number of the first.

    Raises:
        StoreError: the ledger was not begun, or was changed by hand: nothing may be done that cannot be recorded.
    """
    size = size_of(session)
    if size == 0:
        raise errors.StoreError("the ledger was not begun; start the hub once, or run `jikimi-hub migrate`")
    _append(session, size, entries)
    return size


def begin(session: Session, now: datetime) -> int:
    """Begin the ledger where there is none yet: import what was recorded before it, oldest first, and say so; return how many entries that made.

    A repeat does nothing: the entry that says it is the first entry after them.
    """
    if size_of(session) > 0:
        return 0
    count = 0
    for batch in _batches(ledger_import.entries(session)):
        _append(session, count, batch)
        count += len(batch)
    details: dict[str, ledger.Detail] = {"imported": count}
    begun = ledger.Entry(now, ledger.BEGUN, ledger.HUB, ledger.Subject("ledger", "ledger"), details=details)
    _append(session, count, [begun])
    return count


def note_settings(session: Session, values: dict[str, ledger.Detail], now: datetime) -> None:
    """Record the settings that decide what is kept and shown, where they are others than those recorded last."""
    _note(
        session,
        ledger.Entry(now, ledger.SETTINGS, ledger.COMMAND_LINE, ledger.Subject("settings", "hub"), details=values),
    )


def note_key(session: Session, key_text: str, now: datetime) -> None:
    """Record the key that signs checkpoints, where it is another than that recorded last."""
    details: dict[str, ledger.Detail] = {"key": key_text}
    _note(session, ledger.Entry(now, ledger.KEY_MADE, ledger.HUB, ledger.Subject("ledger", "ledger"), details=details))


def values_of(index: int, body: str) -> dict[str, Any]:
    """Return what an entry says.

    Raises:
        StoreError: its text is no entry's any more.
    """
    try:
        return ledger.read(body)
    except (ValueError, KeyError, TypeError) as e:
        raise errors.StoreError(
            f"the ledger was changed by hand: entry {index} cannot be read; run `jikimi-hub ledger verify`"
        ) from e


def size_of(session: Session) -> int:
    """Return how many entries there are.

    Raises:
        StoreError: entries and hashes are not equally many: one was removed or added by hand.
    """
    connection = session.connection()
    last, leaf = connection.scalar(_SIZE), connection.scalar(_LEAVES)
    if last != leaf:
        raise errors.StoreError(
            "the ledger was changed by hand: its entries and hashes are not equally many; run `jikimi-hub ledger verify`"
        )
    return 0 if last is None else int(last) + 1


def hashes(session: Session, nodes: Sequence[merkle.Node]) -> dict[merkle.Node, bytes]:
    """Return the hashes of these nodes.

    Raises:
        StoreError: one is missing.
    """
    if not nodes:
        return {}
    rows = session.connection().execute(_HASHES, {"nodes": [merkle.number_of(node) for node in nodes]})
    found = {merkle.node_of(number): digest for number, digest in rows}
    if len(found) != len(set(nodes)):
        raise errors.StoreError("the ledger was changed by hand: a hash is missing; run `jikimi-hub ledger verify`")
    return found


def frontier(session: Session, size: int) -> merkle.Frontier:
    """Return what the tree of this size is continued from."""
    peaks = merkle.peaks_of(0, size)
    found = hashes(session, peaks)
    return merkle.Frontier(size, tuple(found[node] for node in peaks))


def _note(session: Session, entry: ledger.Entry) -> None:
    """Append an entry where the last one of its action says something else."""
    table = ledger_tables.Entry
    found = select(table.index, table.body).where(table.action == entry.action).order_by(table.index.desc()).limit(1)
    last = session.execute(found).first()
    if last is None or values_of(*last)["details"] != ledger.as_json(entry, 0)["details"]:
        append(session, entry)


def _append(session: Session, size: int, entries: Iterable[ledger.Entry]) -> None:
    session.flush()
    tree = frontier(session, size)
    rows: list[dict[str, Any]] = []
    nodes: list[dict[str, Any]] = []
    for index, entry in enumerate(entries, size):
        body = ledger.canonical(entry, index)
        tree, made = merkle.append(tree, merkle.leaf_hash(body))
        nodes += [{"node": merkle.number_of(node), "hash": digest} for node, digest in made]
        rows.append(
            {
                "entry_index": index,
                "at": entry.at,
                "action": entry.action,
                "source_table": entry.source.table if entry.source else None,
                "source_key": entry.source.key if entry.source else None,
                "body": body.decode(),
            }
        )
    if rows:
        session.connection().execute(_INSERT_ENTRIES, rows)
        session.connection().execute(_INSERT_NODES, nodes)


def _batches(entries: Iterator[ledger.Entry]) -> Iterator[list[ledger.Entry]]:
    batch: list[ledger.Entry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _IMPORT_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
