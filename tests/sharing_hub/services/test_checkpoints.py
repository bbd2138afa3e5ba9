"""Checkpoints are signed where the ledger grew, never over two stories, and co-signed only by registered witnesses."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharing_hub import errors, ledger_key, worker
from sharing_hub import hub as hubs
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import merkle, notes
from sharing_hub.services import checkpoints, ledger, ledger_check
from sharing_hub.store import ledger_tables
from tests.support import hub_site, recorded

PRIVATE = Ed25519PrivateKey.generate()
FIRE = notes.Key("fire.example.org", notes.COSIGNATURE, PRIVATE.public_key().public_bytes_raw())


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        yield hub


def grow(hub: hubs.Hub, count: int = 1) -> None:
    entry = entries.Entry(hub.clock(), "test.done", entries.HUB, entries.Subject("thing", "1"))
    with hub.database.writing() as session:
        ledger.append(session, *[entry] * count)


def sizes(hub: hubs.Hub) -> list[int]:
    with hub.database.reading() as session:
        return list(session.scalars(sa.select(ledger_tables.Checkpoint.size).order_by("size")))


def latest(hub: hubs.Hub) -> str:
    with hub.database.reading() as session:
        return checkpoints.note(session)


def test_a_checkpoint_is_signed_only_when_there_is_something_new(hub: hubs.Hub) -> None:
    worker.sign_checkpoint(hub)
    worker.sign_checkpoint(hub)
    grow(hub, 3)
    worker.sign_checkpoint(hub)
    assert sizes(hub) == [3, 6]
    checkpoint, text, signatures = notes.parse(latest(hub))
    assert (checkpoint.size, checkpoint.origin) == (6, hub.ledger_key.public.name)
    assert notes.is_signed(text, signatures, hub.ledger_key.public)


def test_every_entry_and_every_growth_is_proved_against_the_signed_roots(hub: hubs.Hub) -> None:
    for count in (1, 2, 5, 1, 9):
        grow(hub, count)
        worker.sign_checkpoint(hub)
    with hub.database.reading() as session:
        roots = {size: notes.parse(checkpoints.note(session, size))[0].root for size in sizes(hub)}
        bodies = list(session.scalars(sa.select(ledger_tables.Entry.body).order_by(ledger_tables.Entry.index)))
        for size, root in roots.items():
            for index in range(size):
                leaf, proof = checkpoints.inclusion(session, index, size)
                assert leaf == merkle.leaf_hash(bodies[index].encode())
                assert merkle.includes(leaf, index, size, proof, root)
            for second in [other for other in roots if other >= size]:
                proof = checkpoints.consistency(session, size, second)
                assert merkle.is_consistent((size, second), proof, root, roots[second])


def test_the_hub_does_not_sign_a_second_story(hub: hubs.Hub, tmp_path: Path) -> None:
    worker.sign_checkpoint(hub)
    recorded.force(tmp_path, "UPDATE ledger_nodes SET hash = zeroblob(32) WHERE node >= 1 << 48")
    grow(hub)
    with pytest.raises(errors.StoreError, match="no longer has the root that was signed at 3 entries"):
        worker.sign_checkpoint(hub)
    assert sizes(hub) == [3]


def test_the_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub:
        first = hub.ledger_key.public
    with hub_site.opened(tmp_path) as hub:
        assert hub.ledger_key.public == first
    assert ledger_key.public_of(tmp_path) == first
    (path,) = (tmp_path / ledger_key.FOLDER).iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in repr(hub.ledger_key)
    path.write_text("damaged")
    with pytest.raises(errors.StoreError, match="cannot be read as a key"):
        ledger_key.load(tmp_path)


def cosign(hub: hubs.Hub, key: notes.Key, size: int, private: Ed25519PrivateKey = PRIVATE, later_s: float = 0) -> None:
    _, text, _ = notes.parse(latest(hub))
    line = notes.cosign(text, key, private, hub.clock() + timedelta(seconds=later_s)).line()
    with hub.database.writing() as session:
        checkpoints.cosign(session, size, line, hub.clock())


def test_a_witness_s_signature_is_kept_once_and_given_with_the_checkpoint(hub: hubs.Hub) -> None:
    with hub.database.writing() as session:
        checkpoints.add_witness(session, FIRE.name, FIRE.text(), hub.clock())
        checkpoints.add_witness(session, FIRE.name, FIRE.text(), hub.clock())
    worker.sign_checkpoint(hub)
    plain = latest(hub)
    cosign(hub, FIRE, 4)
    cosign(hub, FIRE, 4, later_s=60)
    _, text, signatures = notes.parse(latest(hub))
    assert latest(hub).startswith(plain)
    assert [signature.name for signature in signatures] == [hub.ledger_key.public.name, FIRE.name]
    assert notes.signed_at(text, signatures[1], FIRE) == hub.clock()
    assert recorded.actions(hub).count(checkpoints.ADDED) == 1
    with hub.database.reading() as session:
        assert list(ledger_check.faults(session, hub.ledger_key.public)) == []


def test_a_signature_that_is_no_witness_s_over_this_checkpoint_is_refused(hub: hubs.Hub) -> None:
    worker.sign_checkpoint(hub)
    with pytest.raises(errors.Unauthenticated):
        cosign(hub, FIRE, 3)
    with hub.database.writing() as session:
        checkpoints.add_witness(session, FIRE.name, FIRE.text(), hub.clock())
    stranger = Ed25519PrivateKey.generate()
    for size, private, later_s in ((3, stranger, 0), (1, PRIVATE, 0), (3, PRIVATE, 3600)):
        with pytest.raises(errors.Unauthenticated):
            cosign(hub, FIRE, size, private, later_s)
    cosign(hub, FIRE, 3)


def test_an_altered_cosignature_is_named_by_the_check(hub: hubs.Hub, tmp_path: Path) -> None:
    with hub.database.writing() as session:
        checkpoints.add_witness(session, FIRE.name, FIRE.text(), hub.clock())
    worker.sign_checkpoint(hub)
    cosign(hub, FIRE, 4)
    line = notes.cosign("another text\n", FIRE, PRIVATE, hub.clock()).line()
    recorded.force(tmp_path, "UPDATE ledger_cosignatures SET line = ?", line)
    with hub.database.reading() as session:
        (fault,) = ledger_check.faults(session, hub.ledger_key.public)
    assert str(fault) == f"checkpoint at 4 entries: the co-signature of {FIRE.name} is not over it"


def test_a_witness_keeps_its_key(hub: hubs.Hub) -> None:
    other = notes.Key(FIRE.name, FIRE.kind, bytes(32))
    with hub.database.writing() as session:
        checkpoints.add_witness(session, FIRE.name, FIRE.text(), hub.clock())
        with pytest.raises(errors.Conflict):
            checkpoints.add_witness(session, FIRE.name, other.text(), hub.clock())
        with pytest.raises(errors.Unprocessable):
            checkpoints.add_witness(session, "police", FIRE.text(), hub.clock())
        assert checkpoints.witnesses(session) == [FIRE]


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3), (0, 4)])
def test_there_is_no_proof_of_what_is_not_there(hub: hubs.Hub, index: int, size: int) -> None:
    with hub.database.reading() as session:
        with pytest.raises(errors.NotFound):
            checkpoints.inclusion(session, index, size)
        with pytest.raises(errors.NotFound):
            checkpoints.consistency(session, size, 4)
