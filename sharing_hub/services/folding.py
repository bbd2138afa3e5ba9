"""Folding: alarms of the same kind within 60 s, at one camera or at neighbours within the book's fold radius, become one incident with a count.

Invariants: an incident is where its first alarm was (so that a fire does not wander down a street from camera to camera); a camera's own health never
folds with its neighbour's; in a flood of alarms a new incident of severity 3 waits in the digest, and is kept like any other. The ids of an alarm and of an
incident follow from the event's id, so that nothing here depends on chance.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, incidents, ledger, rules
from sharing_hub.services import book, sharing, standing
from sharing_hub.store import database, tables

log = structlog.get_logger(__name__)

_ALARM_IDS = uuid.UUID("9f0c4c3c-6f0b-4c2e-9d43-6f1f7d0a1a01")
_INCIDENT_IDS = uuid.UUID("9f0c4c3c-6f0b-4c2e-9d43-6f1f7d0a1a02")
_ALARMS, _INCIDENTS = tables.core(tables.Alarm), tables.core(tables.Incident)
_FIELDS = ("opened_at", "last_alarm_at", "latest_event_id", "alarm_count", "version")
_COLUMNS = _INCIDENTS.c
# Made once: building a statement costs more than running it.
_CANDIDATES = (
    select(*(_COLUMNS[name] for name in ("camera_id", "kind", "incident_id", "state", *_FIELDS)))
    .where(_COLUMNS.camera_id.in_(bindparam("cameras", expanding=True)))
    .where(_COLUMNS.kind.in_(bindparam("kinds", expanding=True)))
    .where(_COLUMNS.last_alarm_at.between(bindparam("first"), bindparam("last")))
    .where(_COLUMNS.state.in_(incidents.OPEN_STATES))
    .order_by(_COLUMNS.last_alarm_at)
)
# No further than the bound: how many more there are does not matter.
_RECENT = select(sa.func.count()).select_from(
    select(_COLUMNS.incident_id).where(_COLUMNS.known_at > bindparam("since")).limit(bindparam("bound")).subquery()
)
_INSERT_INCIDENTS, _INSERT_ALARMS = _INCIDENTS.insert(), _ALARMS.insert()
_FOLD = (
    _INCIDENTS.update()
    .where(_COLUMNS.incident_id == bindparam("b_incident_id"))
    .values({name: bindparam(f"b_{name}") for name in _FIELDS})
)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event that is stored in this transaction and may make an alarm."""

    event_id: UUID
    camera_id: str
    kind: str
    raised_at: datetime


@dataclass(slots=True)
class _Open:
    incident_id: UUID
    state: str
    opened_at: datetime
    last_alarm_at: datetime
    latest_event_id: UUID
    alarm_count: int
    version: int


def raise_alarms(
    session: Session, occurrences: Sequence[Occurrence], rule_of: rules.Rules, now: datetime, known: standing.Standing
) -> int:
    """Make an alarm of each occurrence whose rule says so, fold it into its incident, and tell whom the matrix tells at once. Once per event.

    Returns:
        How many incidents should have been shared and could not be, because nothing can be put on record.
    """
    raised = [o for o in occurrences if rule_of[o.kind].raises_alarm]
    if not raised:
        return 0
    beside = known.neighbours(session, {o.camera_id for o in raised if rule_of[o.kind].category != "health"})
    undecided = _undecided(session, raised, beside)
    fresh: dict[UUID, dict[str, object]] = {}
    changed: dict[UUID, _Open] = {}
    alarms: list[dict[str, object]] = []
    for occurrence in raised:
        near = () if rule_of[occurrence.kind].category == "health" else beside[occurrence.camera_id]
        incident = _place(undecided, near, occurrence)
        if incident is None:
            incident = _opened(occurrence)
            undecided[occurrence.camera_id, occurrence.kind].append(incident)
            fresh[incident.incident_id] = _first(occurrence, rule_of[occurrence.kind].severity, now)
        else:
            _fold(incident, occurrence)
        changed[incident.incident_id] = incident
        alarms.append(_alarm(incident, occurrence, now))
    if fresh:
        _mark_flood(session, known.book(session), list(fresh.values()), now)
        rows = [first | _state(changed[key]) for key, first in fresh.items()]
        session.connection().execute(_INSERT_INCIDENTS, rows)
    if folded := [_state(incident) for key, incident in changed.items() if key not in fresh]:
        session.connection().execute(_FOLD, [{f"b_{name}": value for name, value in row.items()} for row in folded])
    session.connection().execute(_INSERT_ALARMS, alarms)
    for incident_id in changed:
        database.note(session, "incident", incident_id)
    return _share(session, known.book(session), fresh, now)


def _undecided(
    session: Session, raised: Sequence[Occurrence], beside: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], list[_Open]]:
    times = [o.raised_at for o in raised]
    bounds = {
        "cameras": list({o.camera_id for o in raised}.union(*beside.values())),
        "kinds": list({o.kind for o in raised}),
        "first": min(times) - incidents.FOLD_WINDOW,
        "last": max(times) + incidents.FOLD_WINDOW,
    }
    rows = session.connection().execute(_CANDIDATES, bounds)
    found: dict[tuple[str, str], list[_Open]] = defaultdict(list)
    for row in rows:
        camera_id, kind, incident_id, state, opened_at, last_alarm_at, latest_event_id, alarm_count, version = row
        incident = _Open(incident_id, state, opened_at, last_alarm_at, latest_event_id, alarm_count, version)
        found[camera_id, kind].append(incident)
    return found


def _place(
    undecided: Mapping[tuple[str, str], Sequence[_Open]], near: Sequence[str], occurrence: Occurrence
) -> _Open | None:
    """Return the incident that an alarm belongs to: the camera's own latest, else its nearest neighbour's."""
    for camera_id in (occurrence.camera_id, *near):
        for incident in reversed(undecided.get((camera_id, occurrence.kind), ())):
            if incidents.folds(incident.state, incident.last_alarm_at, occurrence.raised_at):
                return incident
    return None


def _mark_flood(
    session: Session, found: district.District | None, fresh: Sequence[dict[str, object]], now: datetime
) -> None:
    """Put new incidents of severity 3 into the digest while more of any severity are new than a person can look at."""
    if all(row["severity"] != 3 for row in fresh):
        return
    limits = found.limits if found else district.Limits()
    before = recent(session, limits, now)
    for number, row in enumerate(fresh, 1):
        row["digest"] = row["severity"] == 3 and before + number > limits.flood_alarms


def recent(session: Session, limits: district.Limits, now: datetime) -> int:
    """Return how many incidents became known within the book's time, counted to one more than makes a flood."""
    since = now - timedelta(seconds=limits.flood_window_s)
    return session.connection().scalar(_RECENT, {"since": since, "bound": limits.flood_alarms + 1}) or 0


def is_flood(session: Session, now: datetime) -> bool:
    """Say whether more incidents became known lately than the book lets a person look at; where no book was begun, by the default."""
    try:
        limits = book.in_force(session)[1].limits
    except errors.StoreError:
        limits = district.Limits()
    return recent(session, limits, now) > limits.flood_alarms


def _share(
    session: Session, found: district.District | None, fresh: Mapping[UUID, dict[str, object]], now: datetime
) -> int:
    """Tell whom the matrix tells before anybody confirmed. Events are kept even where nothing can be put on record; then nobody is told."""
    told = {cell.kind for cell in found.matrix if cell.when == "auto"} if found and fresh else set()
    wanted = [key for key, first in fresh.items() if first["kind"] in told]
    if found is None or not wanted:
        return 0
    try:
        with session.begin_nested():
            for row in session.scalars(select(tables.Incident).where(tables.Incident.incident_id.in_(wanted))):
                sharing.share_by_matrix(session, found, row, "auto", ledger.HUB, now)
    except errors.StoreError as e:
        log.error("incidents were not shared: it could not be put on record", error=e.detail, count=len(wanted))
        return len(wanted)
    return 0


def _opened(occurrence: Occurrence) -> _Open:
    incident_id = uuid.uuid5(_INCIDENT_IDS, str(occurrence.event_id))
    return _Open(incident_id, "new", occurrence.raised_at, occurrence.raised_at, occurrence.event_id, 1, 1)


def _fold(incident: _Open, occurrence: Occurrence) -> None:
    incident.alarm_count += 1
    incident.version += 1
    incident.opened_at = min(incident.opened_at, occurrence.raised_at)
    if occurrence.raised_at >= incident.last_alarm_at:
        incident.last_alarm_at = occurrence.raised_at
        incident.latest_event_id = occurrence.event_id


def _first(occurrence: Occurrence, severity: int, now: datetime) -> dict[str, object]:
    return {
        "known_at": now,
        "digest": False,
        "escalation_level": 0,
        "camera_id": occurrence.camera_id,
        "kind": occurrence.kind,
        "severity": severity,
        "state": "new",
        "first_event_id": occurrence.event_id,
    }


def _state(incident: _Open) -> dict[str, object]:
    return {
        "incident_id": incident.incident_id,
        "opened_at": incident.opened_at,
        "last_alarm_at": incident.last_alarm_at,
        "latest_event_id": incident.latest_event_id,
        "alarm_count": incident.alarm_count,
        "version": incident.version,
    }


def _alarm(incident: _Open, occurrence: Occurrence, now: datetime) -> dict[str, object]:
    return {
        "alarm_id": uuid.uuid5(_ALARM_IDS, str(occurrence.event_id)),
        "event_id": occurrence.event_id,
        "incident_id": incident.incident_id,
        "raised_at": occurrence.raised_at,
        "created_at": now,
    }
