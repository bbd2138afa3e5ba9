"""The ledger's tables: entries, the hashes of its tree, signed checkpoints, witnesses.

Invariant: all but the witnesses are append-only (triggers refuse UPDATE and DELETE; `tables.APPEND_ONLY`).
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_hub.store import tables


class Entry(tables.Table):
    """One thing that was decided or done. Append-only; its hash is the leaf in `ledger_nodes`."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_entries_at", "at"),
        # A row is recorded once.
        Index("uq_ledger_entries_source_table", "source_table", "source_key", unique=True),
    )

    index: Mapped[int] = mapped_column("entry_index", primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(40))
    source_table: Mapped[str | None] = mapped_column(String(30))
    """The table and key of the row that it was made of, where there is one."""
    source_key: Mapped[str | None] = mapped_column(String(36))
    body: Mapped[str] = mapped_column(Text)
    """Canonical JSON (RFC 8785): the very text that is hashed."""


class Node(tables.Table):
    """The hash of a complete subtree; level 0 holds the entries' own. Append-only: a complete subtree never changes."""

    __tablename__ = "ledger_nodes"

    node: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    """Level and position as one number (`domain.merkle.number_of`)."""
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class Checkpoint(tables.Table):
    """The tree's root at a size, signed by the hub. Append-only."""

    __tablename__ = "ledger_checkpoints"

    size: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text)


class Witness(tables.Table):
    """Somebody outside who co-signs checkpoints."""

    __tablename__ = "ledger_witnesses"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(300))
    """As signed notes write it: NAME+KEYID+BASE64."""
    added_at: Mapped[datetime]


class Cosignature(tables.Table):
    """A witness's signature over a checkpoint. Append-only."""

    __tablename__ = "ledger_cosignatures"

    size: Mapped[int] = mapped_column(ForeignKey("ledger_checkpoints.size"), primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(ForeignKey("ledger_witnesses.name"), primary_key=True)
    line: Mapped[str] = mapped_column(String(500))
    received_at: Mapped[datetime]
