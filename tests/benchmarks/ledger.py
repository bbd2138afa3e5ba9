"""The ledger: durable appends per second (SQLite WAL, synchronous=FULL), and proofs at a million entries.

Entries are looks as the hub writes them. To reach the million, entries beyond the measured ones are put in with a short text of their own: a proof
reads hashes alone, and they are as many.
"""

import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sharing_hub import hub as hubs
from sharing_hub import settings
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import merkle, viewers
from sharing_hub.services import checkpoints, ledger, looks
from sharing_hub.store import ledger_tables, tables
from tests.benchmarks import figures

MILLION = 1_000_000
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_FILL = 20_000
_PROOFS = 300


def run(quick: bool) -> list[figures.Figure]:
    """Measure appends, then fill the ledger (a tenth of it when `quick`) and measure proofs."""
    size = MILLION // 10 if quick else MILLION
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings.check(settings.Settings(data_dir=Path(folder)))
        with hubs.opened(chosen, lambda: NOW) as hub:
            found = [
                _appends(hub, 100, 20 if quick else 100),
                _appends(hub, 1, 200 if quick else 1000),
                _looks(hub, 200),
            ]
            _fill(hub, size)
            return [*found, *_proofs(hub, size), _appends(hub, 100, 20, f" at {size:,} entries")]


def _appends(hub: hubs.Hub, batch: int, times: int, where: str = "") -> figures.Figure:
    chance = Random(f"{batch} {where}")
    start = time.perf_counter()
    for _ in range(times):
        with hub.database.writing() as session:
            ledger.append(session, *(_entry(chance) for _ in range(batch)))
    rate = batch * times / (time.perf_counter() - start)
    goal = ">= 1000" if batch > 1 else ""
    return figures.Figure(f"ledger, {batch} a transaction{where}", rate, "entries/s", goal, f"{batch * times} entries")


def _looks(hub: hubs.Hub, times: int) -> figures.Figure:
    viewer = viewers.Viewer(uuid.UUID(int=1), "kim", "operator", uuid.UUID(int=2), second_factor=True, trained=True)
    subject = looks.Subject("live", "gate", "gate")
    reason = looks.Reason("alarm", "10.0.0.7")
    took = _timed(times, lambda: looks.look(hub.database, hub.access, viewer, subject, reason, NOW))
    return figures.Figure(
        "ledger, a look with its row and entry", took[times // 2], "ms", "", f"p50 of {times}, durable"
    )


def _proofs(hub: hubs.Hub, size: int) -> list[figures.Figure]:
    chance = Random(2)
    with hub.database.reading() as session:
        root = ledger.frontier(session, size).root()
    indices = [chance.randrange(size) for _ in range(_PROOFS)]

    def prove(index: int) -> None:
        with hub.database.reading() as session:
            leaf, proof = checkpoints.inclusion(session, index, size)
        if not merkle.includes(leaf, index, size, proof, root):
            raise RuntimeError(f"the proof of entry {index} proves nothing")

    def compare(first: int) -> None:
        with hub.database.reading() as session:
            checkpoints.consistency(session, first, size)

    drawn = iter(indices)
    inclusion = _timed(_PROOFS, lambda: prove(next(drawn)))
    sizes = iter(indices)
    consistency = _timed(_PROOFS, lambda: compare(next(sizes) + 1))
    words = f"p50 {inclusion[_PROOFS // 2]:.2f} ms; read, made and verified; {_PROOFS} entries drawn at random"
    return [
        figures.Figure(f"ledger, inclusion proof at {size:,}, p95", inclusion[_PROOFS * 95 // 100], "ms", "<= 5", words),
        figures.Figure(
            f"ledger, consistency proof to {size:,}, p95", consistency[_PROOFS * 95 // 100], "ms", "<= 5",
            f"p50 {consistency[_PROOFS // 2]:.2f} ms",
        ),
    ]  # fmt: skip


def _timed(times: int, work: Callable[[], object]) -> list[float]:
    """Return how long each run took, in milliseconds, the shortest first."""
    took: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took)


def _entry(chance: Random) -> entries.Entry:
    return entries.Entry(
        at=NOW,
        action="look.live",
        actor=entries.Actor("operator", "kim", str(uuid.UUID(int=chance.getrandbits(128))), "operator"),
        subject=entries.Subject("camera", "gate"),
        camera_id="gate",
        decision="permit",
        rule_ids=("operators-leaders-and-admins-look",),
        source_address="10.0.0.7",
        why="alarm",
        source=entries.Source("looks", uuid.UUID(int=chance.getrandbits(128)).hex + "x"),
    )


def _fill(hub: hubs.Hub, size: int) -> None:
    rows, nodes = tables.core(ledger_tables.Entry), tables.core(ledger_tables.Node)
    while True:
        with hub.database.writing() as session:
            start = ledger.size_of(session)
            if start >= size:
                return
            tree = ledger.frontier(session, start)
            new: list[dict[str, object]] = []
            hashes: list[dict[str, object]] = []
            for index in range(start, min(size, start + _FILL)):
                tree, made = merkle.append(tree, merkle.leaf_hash(str(index).encode()))
                new.append({"entry_index": index, "at": NOW, "action": "fill", "body": str(index)})
                hashes += [{"node": merkle.number_of(node), "hash": digest} for node, digest in made]
            session.connection().execute(rows.insert(), new)
            session.connection().execute(nodes.insert(), hashes)
