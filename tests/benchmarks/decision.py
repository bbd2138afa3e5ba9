"""Access decisions: one inside a request, with its facts read from the store; and a long list of clips filtered for an agency."""

import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from sharing_hub import hub as hubs
from sharing_hub.domain import access as domain
from sharing_hub.domain import grants, ledger, viewers
from sharing_hub.services import access, media_lists
from sharing_hub.services import grants as grant_rows
from sharing_hub.store import sharing_tables, tables
from tests.benchmarks import figures
from tests.support import hub_site, messages, sharing, viewing

CLIPS, INCIDENTS, CAMERAS = 10_000, 100, 50
NOW = messages.NOON
_KEY = Ed25519PrivateKey.generate()
_FIRE = viewing.viewer("partner", "119", "fire-119")


def run(quick: bool) -> list[figures.Figure]:
    """Measure decisions, then fill the store and measure the list."""
    times = 300 if quick else 2000
    with tempfile.TemporaryDirectory() as folder, hub_site.opened(Path(folder)) as hub:
        sharing.fire_at_the_gate(hub)
        sharing.shared_and_granted(hub, "fire-119")
        return [*_decisions(hub, times), _list(hub, 5 if quick else 20)]


def _decisions(hub: hubs.Hub, times: int) -> list[figures.Figure]:
    def ask(viewer: viewers.Viewer, incident_id: uuid.UUID) -> None:
        asked = access.Asked(viewer, "ViewLive", "gate", incident_id)
        with hub.database.reading() as session:
            if not hub.access.decide(session, asked, NOW).decision.permitted:
                raise RuntimeError("it was denied")

    incident_id = sharing.incident(hub)
    with hub.database.reading() as session:
        question: domain.Question = hub.access.decide(
            session, access.Asked(_FIRE, "ViewLive", "gate", incident_id), NOW
        ).question
        version, book = hub.access.book(session)
    engine = hub.access.engine
    return [
        _figure("decision by the policies alone, p99", "<= 1", times, lambda: engine.decide(question, book, version)),
        _figure("decision with its facts, an operator, p99", "", times, lambda: ask(viewing.viewer(), incident_id)),
        _figure("decision with its facts, an agency, p99", "", times, lambda: ask(_FIRE, incident_id)),
    ]


def _figure(name: str, goal: str, times: int, work: Callable[[], object]) -> figures.Figure:
    took, cpu = _timed(times, work)
    words = (
        f"p50 {took[times // 2]:.2f} ms of {times}; CPU p50 {cpu[times // 2]:.2f}, p99 {cpu[times * 99 // 100]:.2f} ms"
    )
    return figures.Figure(name, took[times * 99 // 100], "ms", goal, words)


def _list(hub: hubs.Hub, times: int) -> figures.Figure:
    _fill(hub)

    def read() -> None:
        with hub.database.reading() as session:
            found, _ = media_lists.listed(session, hub.access, _FIRE, None, None, CLIPS, NOW)
        if len(found) != CLIPS // 2:
            raise RuntimeError(f"{len(found)} clips were listed")

    took, cpu = _timed(times, read)
    words = f"{INCIDENTS} incidents, {CAMERAS} cameras; half of the clips are permitted; best of {times}; CPU {cpu[times // 2]:.0f} ms p50"
    return figures.Figure(f"list of {CLIPS:,} clips for an agency", took[0], "ms", "<= 150", words)


def _fill(hub: hubs.Hub) -> None:
    """Put in incidents shared with 119, at cameras of which every second is in its grant, and their clips."""
    cameras = [f"c{number}" for number in range(CAMERAS)]
    with hub.database.writing() as session:
        agent_id = session.scalars(sa.select(tables.Agent.agent_id)).one()
        pattern = session.scalars(sa.select(tables.Event)).one()
        for camera_id in cameras:
            place = {"latitude": sharing.GATE[0], "longitude": sharing.GATE[1]}
            row = tables.Camera(camera_id=camera_id, agent_id=agent_id, name=camera_id, first_seen_at=NOW, **place)
            session.add(row)
        session.flush()
        for number in range(INCIDENTS):
            _incident(hub, session, cameras[number % CAMERAS], pattern, agent_id, number % 2 == 0)


def _incident(
    hub: hubs.Hub, session: Session, camera_id: str, pattern: tables.Event, agent_id: uuid.UUID, held: bool
) -> None:
    event_ids = [uuid.uuid4() for _ in range(CLIPS // INCIDENTS)]
    incident_id = uuid.uuid4()
    event = {
        "camera_id": camera_id, "agent_id": agent_id, "kind": "fire", "started_at": NOW, "raised_at": NOW,
        "received_at": NOW, "score": 0.9, "explanation": pattern.explanation, "software": "bench",
    }  # fmt: skip
    session.execute(tables.core(tables.Event).insert(), [{"event_id": one, **event} for one in event_ids])
    session.add(
        tables.Incident(
            incident_id=incident_id, camera_id=camera_id, kind="fire", severity=1, state="confirmed", opened_at=NOW, known_at=NOW,
            last_alarm_at=NOW, alarm_count=1, first_event_id=event_ids[0], latest_event_id=event_ids[-1], version=1,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        sharing_tables.IncidentShare(
            incident_id=incident_id, agency_id="fire-119", how="confirmed", media="still_and_live",
            purpose="emergency_response", legal_basis="18-2-3", shared_at=NOW,
        )
    )  # fmt: skip
    session.flush()
    alarm = {"incident_id": incident_id, "raised_at": NOW, "created_at": NOW}
    session.execute(
        tables.core(tables.Alarm).insert(),
        [{"alarm_id": uuid.uuid4(), "event_id": one, **alarm} for one in event_ids],
    )
    signed = messages.clip_manifest(b"x")
    row = {
        "agent_id": agent_id, "camera_id": camera_id, "form": "clip", "mime": "video/mp4", "length_bytes": 1,
        "sha256": "0" * 64, "ends_at": NOW, "gaps": (), "received_at": NOW,
        "signed": hub_site.Site(agent_id, _KEY).sign(signed),
    }  # fmt: skip
    session.execute(
        tables.core(tables.Media).insert(),
        [
            {"media_id": uuid.uuid4(), "event_id": one, "starts_at": NOW - timedelta(seconds=number % 600), **row}
            for number, one in enumerate(event_ids)
        ],
    )
    if held:
        grant = grants.Grant(
            uuid.uuid4(), "fire-119", None, frozenset({camera_id}), frozenset({"ViewRecorded"}), "emergency_response",
            "18-2-3", incident_id, None, NOW, NOW + timedelta(minutes=20), lookback_s=600,
        )  # fmt: skip
        grant_rows.issue(session, grant, ledger.HUB, NOW)


def _timed(times: int, work: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Return how long each run took and what CPU it used, in milliseconds, the shortest first: on a busy machine the first is mostly waiting."""
    took: list[float] = []
    cpu: list[float] = []
    for _ in range(times):
        start, used = time.perf_counter(), time.thread_time()
        work()
        took.append((time.perf_counter() - start) * 1000)
        cpu.append((time.thread_time() - used) * 1000)
    return sorted(took), sorted(cpu)
