"""Emergency bells: a press opens an incident of severity 1, as real as a call, and the matrix tells whom at once.

Invariant: a press that is sent again, and more presses of the same bell within 60 s while nobody has decided, are the same incident.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import district, incidents, rules, sight, viewers
from sharing_hub.services import book, incident_steps, sharing
from sharing_hub.store import tables

_PRESSES = uuid.UUID("9f0c4c3c-6f0b-4c2e-9d43-6f1f7d0a1a05")
_TABLE = tables.Incident


@dataclass(frozen=True, slots=True)
class Press:
    """A bell that somebody pressed.

    Attributes:
        press_id: made by the sender; a repeat is harmless.
    """

    bell_id: str
    press_id: str
    place: sight.Point
    words: str | None = None


def press(
    session: Session, viewer: viewers.Viewer, pressed: Press, rule_of: rules.Rules, now: datetime
) -> tables.Incident:
    """Open an incident for a bell, or count the press to the one that is open.

    Raises:
        Refused: the caller is neither of the district's control room nor of an agency that keeps bells.
        Unprocessable: the place cannot be.
    """
    found = book.in_force(session)[1]
    _require_bell_keeper(found, viewer)
    if not sight.is_possible(pressed.place):
        raise errors.Unprocessable("the place is not in Korea: degrees of WGS 84")
    incident_id = uuid.uuid5(_PRESSES, f"{viewer.agency_id} {pressed.bell_id} {pressed.press_id}")
    known = session.get(_TABLE, incident_id)
    if known is not None:
        return known
    by, ringing = incident_steps.by_of(viewer), _ringing(session, viewer, pressed.bell_id, now)
    if ringing is not None:
        ringing.last_alarm_at = now
        incident_steps.record(session, ringing, by, "update", ringing.state, now, "pressed again", pressed.words)
        return ringing
    row = _row(viewer, pressed, incident_id, rule_of, now)
    session.add(row)
    incident_steps.record(session, row, by, "open", "new", now, None, row.description)
    sharing.share_by_matrix(session, found, row, "opened", by.actor(), now)
    return row


def _require_bell_keeper(found: district.District, viewer: viewers.Viewer) -> None:
    agency = found.agency(viewer.agency_id)
    keeps = viewers.is_partner(viewer) and agency is not None and agency.kind == "facility"
    if not keeps and not viewers.decides_incidents(viewer):
        raise errors.Refused("bells are rung by the control room's systems and by facilities")


def _ringing(session: Session, viewer: viewers.Viewer, bell_id: str, now: datetime) -> tables.Incident | None:
    wanted = select(_TABLE).where(
        _TABLE.kind == rules.EMERGENCY_BELL,
        _TABLE.agency_class == bell_id,
        _TABLE.opened_by_agency.is_not_distinct_from(_keeper(viewer)),
        _TABLE.state.in_(incidents.OPEN_STATES),
        _TABLE.last_alarm_at >= now - incidents.FOLD_WINDOW,
    )
    return session.scalar(wanted.order_by(_TABLE.last_alarm_at.desc()).limit(1))


def _row(
    viewer: viewers.Viewer, pressed: Press, incident_id: uuid.UUID, rule_of: rules.Rules, now: datetime
) -> tables.Incident:
    return _TABLE(
        incident_id=incident_id, kind=rules.EMERGENCY_BELL, severity=rule_of[rules.EMERGENCY_BELL].severity, state="new",
        opened_at=now, known_at=now, last_alarm_at=now, alarm_count=0, latitude=pressed.place.latitude,
        longitude=pressed.place.longitude, opened_by_agency=_keeper(viewer), agency_class=pressed.bell_id,
        description=pressed.words, digest=False, escalation_level=0, version=0,
    )  # fmt: skip


def _keeper(viewer: viewers.Viewer) -> str | None:
    return None if viewers.is_of_district(viewer) else viewer.agency_id
