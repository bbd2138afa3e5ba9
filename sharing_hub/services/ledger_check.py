"""Whether the ledger is what it was: every entry, hash, source row and checkpoint, from the first on.

What is found: an entry altered, removed, inserted or moved; a stored hash that is not its subtree's; a row of the record (looks, incident_history,
deletions) altered, removed or inserted; a checkpoint whose root the entries do not give, or that was not signed with the ledger's key. As all
checkpoints are compared with one growing tree, each is shown to go on from those before. What was forged together with every later hash and
checkpoint needs the hub's key, and is found by whoever kept a checkpoint: give it (`kept`).
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger, merkle, notes
from sharing_hub.services import checkpoints, ledger_sources
from sharing_hub.store import ledger_tables, tables

_BATCH = 500
_ENTRIES, _NODES = tables.core(ledger_tables.Entry), tables.core(ledger_tables.Node)

# The time as the database has it: one altered to what is no time is to be found, not to stop the search.
_COLUMNS = (
    *(column for column in _ENTRIES.c if column.name != "at"),
    sa.type_coerce(_ENTRIES.c.at, sa.String).label("at"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was.

    Attributes:
        subject: what, with its number: "ledger entry 17".
    """

    subject: str
    what: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.what}"


@dataclass(slots=True)
class _State:
    tree: merkle.Frontier
    forgotten_before: datetime | None = None
    keys: list[notes.Key] = field(default_factory=list)


def faults(
    session: Session, key: notes.Key | None, kept: Sequence[str] = (), only_this_key: bool = False
) -> Iterator[Fault]:
    """Verify the whole ledger and yield what is wrong.

    Args:
        key: the ledger's public key; None where it is lost: signatures cannot be verified then, which is a fault once there are any.
        kept: checkpoints (notes) that somebody kept outside.
        only_this_key: the key was noted outside: no other will do. Otherwise keys that the ledger itself records as its own will.
    """
    state = _State(merkle.Frontier())
    roots = _roots(session, kept)
    missing: list[tuple[ledger.Source, int, dict[str, Any]]] = []
    for batch in _batches(session):
        yield from _sources(session, batch, missing)
        expected = _expected(session, state.tree.size, len(batch))
        for row, values, complaint in batch:
            index = state.tree.size
            if row.entry_index != index:
                yield Fault(f"ledger entry {index}", f"is missing: {row.entry_index} comes in its place")
                return
            if complaint:
                yield Fault(f"ledger entry {index}", complaint)
            yield from _hashes(state, row, expected)
            _note_claims(state, values)
            yield from _checkpoints(roots.pop(state.tree.size, []), state.tree)
    yield from _end(session, state.tree, roots)
    yield from _gone(missing, state.forgotten_before)
    yield from _unrecorded(session)
    if key is None:
        if checkpoints.count(session):
            yield Fault("ledger key", "is missing: no checkpoint's signature can be verified")
        return
    yield from _signatures(session, [key] if only_this_key else [key, *state.keys], kept)


def _batches(session: Session) -> Iterator[list[tuple[Any, dict[str, Any] | None, str]]]:
    """Yield entries in order, each with its values and what is wrong with its text."""
    after = -1
    while True:
        rows = (
            session.connection()
            .execute(
                select(*_COLUMNS).where(_ENTRIES.c.entry_index > after).order_by(_ENTRIES.c.entry_index).limit(_BATCH)
            )
            .all()
        )
        if not rows:
            return
        after = rows[-1].entry_index
        yield [(row, *_read(row)) for row in rows]


def _read(row: Any) -> tuple[dict[str, Any] | None, str]:
    try:
        values = ledger.read(row.body)
        source = values["source"] or {"table": None, "key": None}
        says = (values["action"], values["at"], source["table"], source["key"])
    except (ValueError, KeyError, TypeError) as e:
        return None, f"its text was altered: {e}"
    if values["index"] != row.entry_index:
        return values, f"its text is that of entry {values['index']}: it was moved"
    has = (row.action, f"{row.at}Z".replace(" ", "T"), row.source_table, row.source_key)
    return values, "" if says == has else "its columns say something else than its text"


def _expected(session: Session, start: int, count: int) -> dict[merkle.Node, bytes]:
    """Return the stored hashes of the nodes that these entries complete."""
    found: dict[merkle.Node, bytes] = {}
    for level in range((start + count).bit_length() + 1):
        first, last = start >> level, (start + count - 1) >> level
        rows = session.connection().execute(
            select(_NODES.c.node, _NODES.c.hash).where(
                _NODES.c.node.between(merkle.number_of((level, first)), merkle.number_of((level, last)))
            )
        )
        found.update({merkle.node_of(number): digest for number, digest in rows})
    return found


def _hashes(state: _State, row: Any, expected: dict[merkle.Node, bytes]) -> Iterator[Fault]:
    state.tree, made = merkle.append(state.tree, merkle.leaf_hash(row.body.encode()))
    for (level, position), digest in made:
        stored = expected.get((level, position))
        if stored == digest:
            continue
        subject = f"ledger entry {position}" if level == 0 else f"ledger hash {level}/{position}"
        span = "" if level == 0 else f" of entries {position << level} to {((position + 1) << level) - 1}"
        yield Fault(subject, f"its hash{span} is missing" if stored is None else f"does not give the hash{span} stored")


def _sources(
    session: Session,
    batch: list[tuple[Any, dict[str, Any] | None, str]],
    missing: list[tuple[ledger.Source, int, dict[str, Any]]],
) -> Iterator[Fault]:
    """Compare entries with the rows they were made of."""
    named = [
        (ledger.Source(values["source"]["table"], values["source"]["key"]), row.entry_index, values)
        for row, values, complaint in batch
        if values is not None and values["source"] is not None and not complaint
    ]
    made = _made(session, [source for source, _, _ in named])
    for source, index, values in named:
        if source not in made:
            yield Fault(f"ledger entry {index}", f"the row {source.key} of {source.table} can no longer be read")
            continue
        entry = made[source]
        if entry is None:
            missing.append((source, index, values))
        elif ledger.as_json(replace(entry, imported=values["imported"]), index) != values:
            yield Fault(f"ledger entry {index}", f"the row {source.key} of {source.table} was altered afterwards")


def _made(session: Session, sources: list[ledger.Source]) -> dict[ledger.Source, ledger.Entry | None]:
    """Return the entries that these rows make now, None for a row that is gone; without those that cannot be read."""
    try:
        found = ledger_sources.named(session, sources)
    except (ValueError, TypeError):
        if len(sources) == 1:
            return {}
        return {one: entry for source in sources for one, entry in _made(session, [source]).items()}
    return {source: found.get(source) for source in sources}


def _note_claims(state: _State, values: dict[str, Any] | None) -> None:
    """Remember what an entry says that later ones, or what is missing, are judged by."""
    if values is None:
        return
    before = ledger_sources.forgotten_before(values)
    if before is not None:
        state.forgotten_before = max(before, state.forgotten_before or before)
    if values["action"] == ledger.KEY_MADE:
        with contextlib.suppress(errors.Unprocessable, KeyError, TypeError):
            state.keys.append(notes.key_of(str(values["details"]["key"])))


def _gone(
    missing: list[tuple[ledger.Source, int, dict[str, Any]]], forgotten_before: datetime | None
) -> Iterator[Fault]:
    """Name the rows that are gone, except looks whose time was over, which a later entry says."""
    for source, index, values in missing:
        at = datetime.fromisoformat(values["at"])
        if source.table == ledger_sources.LOOKS and forgotten_before is not None and at < forgotten_before:
            continue
        yield Fault(f"ledger entry {index}", f"the row {source.key} of {source.table} was removed")


def _unrecorded(session: Session) -> Iterator[Fault]:
    """Name the rows that no entry was made of."""
    for table, key in (
        (ledger_sources.LOOKS, tables.Look.look_id),
        (ledger_sources.HISTORY, tables.IncidentHistory.entry_id),
        (ledger_sources.DELETIONS, tables.Deletion.deletion_id),
    ):
        recorded = select(_ENTRIES.c.entry_index).where(
            _ENTRIES.c.source_table == table, _ENTRIES.c.source_key == sa.cast(key, sa.String)
        )
        for found in session.scalars(select(key).where(~recorded.exists())):
            yield Fault(f"{table} row {found}", "was inserted by hand: the ledger has no entry of it")


def _roots(session: Session, kept: Sequence[str]) -> dict[int, list[tuple[str, notes.Checkpoint | None]]]:
    """Return what is said of the root at each size, by whom."""
    found: dict[int, list[tuple[str, notes.Checkpoint | None]]] = {}
    for row in session.scalars(select(ledger_tables.Checkpoint)):
        checkpoint = _parsed(row.note)
        found.setdefault(row.size, []).append((f"checkpoint at {row.size} entries", checkpoint))
    for number, note in enumerate(kept, 1):
        checkpoint, _, _ = notes.parse(note)
        found.setdefault(checkpoint.size, []).append((f"kept checkpoint {number}", checkpoint))
    return found


def _checkpoints(said: list[tuple[str, notes.Checkpoint | None]], tree: merkle.Frontier) -> Iterator[Fault]:
    for subject, checkpoint in said:
        if checkpoint is None or checkpoint.size != tree.size:
            yield Fault(subject, "its text was altered")
        elif checkpoint.root != tree.root():
            yield Fault(subject, f"entries 0 to {tree.size - 1} no longer give its root")


def _end(
    session: Session, tree: merkle.Frontier, roots: dict[int, list[tuple[str, notes.Checkpoint | None]]]
) -> Iterator[Fault]:
    for size in sorted(roots):
        for subject, _ in roots[size]:
            yield Fault(
                f"ledger entry {tree.size}", f"is missing: the {subject} covers {size} entries, {tree.size} are left"
            )
    beyond = select(_NODES.c.node).where(
        _NODES.c.node.between(merkle.number_of((0, tree.size)), merkle.number_of((1, 0)) - 1)
    )
    for position in session.connection().scalars(beyond.order_by(_NODES.c.node)):
        yield Fault(f"ledger entry {position}", "is missing: only its hash is left")
    if tree.size == 0:
        yield Fault("ledger", "is empty: it was never begun, or was removed")


def _signatures(session: Session, keys: Sequence[notes.Key], kept: Sequence[str]) -> Iterator[Fault]:
    stored = [
        (f"checkpoint at {row.size} entries", row.note) for row in session.scalars(select(ledger_tables.Checkpoint))
    ]
    every = [*stored, *((f"kept checkpoint {number}", note) for number, note in enumerate(kept, 1))]
    texts: dict[int, str] = {}
    for subject, note in every:
        try:
            checkpoint, text, signatures = notes.parse(note)
        except errors.Unprocessable as e:
            yield Fault(subject, f"its text was altered: {e.detail}")
            continue
        texts[checkpoint.size] = text
        if not any(checkpoint.origin == key.name and notes.is_signed(text, signatures, key) for key in keys):
            yield Fault(subject, "is not signed with the ledger's key")
    yield from _cosignatures(session, texts)


def _cosignatures(session: Session, texts: dict[int, str]) -> Iterator[Fault]:
    table, witness = ledger_tables.Cosignature, ledger_tables.Witness
    rows = session.execute(select(table, witness.key).join(witness, witness.name == table.witness)).all()
    for row, key_text in rows:
        text = texts.get(row.size, "")
        if notes.signed_at(text, notes.signature_of(row.line), notes.key_of(key_text)) is None:
            yield Fault(f"checkpoint at {row.size} entries", f"the co-signature of {row.witness} is not over it")


def _parsed(note: str) -> notes.Checkpoint | None:
    try:
        return notes.parse(note)[0]
    except errors.Unprocessable:
        return None
