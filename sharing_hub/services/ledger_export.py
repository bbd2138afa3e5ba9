"""The ledger as one file that can be verified offline: by `jikimi-hub ledger verify-export`, or by whoever knows RFC 6962 and signed notes.

Form: a first line {"form", "key", "size"}; then a line for each entry: its hash in hex, a space, the very text that is hashed; a last line
{"checkpoint"} with the signed note over all of them and its co-signatures. (The hashes only help to name the entry that was altered.)
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import merkle, notes
from sharing_hub.services import checkpoints, ledger
from sharing_hub.store import ledger_tables

FORM = "jikimi ledger export 1"
EXPORTED = "ledger.exported"
MAX_LINE_BYTES = 64 * 1024
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """What a bundle was shown to hold.

    Attributes:
        cosigned_by: the names on the co-signatures; their keys are not in the bundle, so that these are not verified unless they were given.
    """

    key: notes.Key
    size: int
    root: bytes
    cosigned_by: tuple[str, ...]


def note_export(session: Session, now: datetime) -> None:
    """Put on record that the ledger is about to be exported."""
    ledger.append(session, entries.Entry(now, EXPORTED, entries.COMMAND_LINE, entries.Subject("ledger", "ledger")))


def lines(session: Session, key: notes.Key) -> Iterator[str]:
    """Yield the bundle's lines: everything that the latest checkpoint covers.

    Raises:
        NotFound: there is no checkpoint yet.
    """
    note = checkpoints.note(session)
    size = notes.parse(note)[0].size
    yield json.dumps({"form": FORM, "key": key.text(), "size": size})
    table = ledger_tables.Entry
    wanted = select(table.body).where(table.index < size).order_by(table.index)
    for body in session.scalars(wanted.execution_options(yield_per=_ROWS_AT_ONCE)):
        yield f"{merkle.leaf_hash(body.encode()).hex()} {body}"
    yield json.dumps({"checkpoint": note})


def verify(bundle: Iterable[str], expected: notes.Key | None = None) -> Verified:
    """Verify a bundle, read from its lines.

    Args:
        expected: the ledger's key as somebody knows it from elsewhere; the bundle's own otherwise, which a forger could have put there.

    Raises:
        Unprocessable: with the number of the entry, or the line, that is wrong.
    """
    reading = iter(bundle)
    head = _json(next(reading, ""), "the first line")
    if head.get("form") != FORM or not isinstance(head.get("size"), int):
        raise errors.Unprocessable(f"the first line is not that of a {FORM}")
    key = notes.key_of(str(head.get("key")))
    if expected is not None and expected != key:
        raise errors.Unprocessable(f"the bundle is of {key.name}, not of {expected.name}, or its key is another")
    tree = merkle.Frontier()
    while tree.size < head["size"]:
        tree = _taken(tree, next(reading, ""))
    last = _json(next(reading, ""), "the last line")
    if next(reading, ""):
        raise errors.Unprocessable(f"there is more after entry {tree.size - 1} and the checkpoint: a line was inserted")
    return _signed(str(last.get("checkpoint")), tree, key)


def _taken(tree: merkle.Frontier, line: str) -> merkle.Frontier:
    digest, _, body = line.removesuffix("\n").partition(" ")
    try:
        if len(body) > MAX_LINE_BYTES:
            raise ValueError("it is too long")
        if entries.read(body)["index"] != tree.size:
            raise ValueError("the line is another's: an entry was removed, inserted or moved")
        leaf = merkle.leaf_hash(body.encode())
        if leaf.hex() != digest:
            raise ValueError("it does not give the hash beside it: it was altered")
    except (ValueError, TypeError, KeyError) as e:
        raise errors.Unprocessable(f"ledger entry {tree.size}: {e}") from e
    return merkle.append(tree, leaf)[0]


def _signed(note: str, tree: merkle.Frontier, key: notes.Key) -> Verified:
    checkpoint, text, signatures = notes.parse(note)
    if checkpoint.origin != key.name or not notes.is_signed(text, signatures, key):
        raise errors.Unprocessable("the checkpoint is not signed with the ledger's key")
    if (checkpoint.size, checkpoint.root) != (tree.size, tree.root()):
        raise errors.Unprocessable(f"entries 0 to {tree.size - 1} do not give the checkpoint's root: one was altered")
    others = tuple(signature.name for signature in signatures if signature.name != key.name)
    return Verified(key, tree.size, tree.root(), others)


def _json(line: str, what: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError as e:
        raise errors.Unprocessable(f"{what} is missing or not JSON") from e
    if not isinstance(values, dict):
        raise errors.Unprocessable(f"{what} is not a JSON object")
    return values
