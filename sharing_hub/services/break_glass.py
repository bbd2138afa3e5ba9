"""Breaking glass: a look in an emergency without anybody's approval, told to the privacy officer at once and reviewed afterwards.

Invariants: it is for a person with a second factor, for at most the book's time and distance, and never for taking anything away; whoever has one that was
rejected, or not reviewed in time, breaks no more until that is settled.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import grants as values
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import places, requests, viewers
from sharing_hub.services import book, grants, incident_steps, ledger
from sharing_hub.store import database, request_tables, tables

_TABLE = request_tables.BrokenGlass
MAX_SENTENCE = 500
LEAST_SENTENCE = 10


@dataclass(frozen=True, slots=True)
class Emergency:
    """What the glass is broken for.

    Attributes:
        latitude, longitude: where it is, WGS 84 degrees.
        incident_id: of the incident, where there is one already.
    """

    camera_ids: tuple[str, ...]
    reason: str
    sentence: str
    latitude: float
    longitude: float
    incident_id: UUID | None = None


def smash(session: Session, viewer: viewers.Viewer, emergency: Emergency, now: datetime) -> values.Grant:
    """Break the glass; return the grant that it gives.

    Raises:
        Refused: not a person with a second factor, of a vendor, suspended, or a camera too far from the place or looking at a sensitive one.
        NotFound: a camera does not exist, or the incident does not for this viewer.
        Unprocessable: an unknown reason, or no sentence that says what happens.
    """
    version, found = book.in_force(session)
    limits = found.limits
    if not viewers.breaks_glass(viewer):
        raise errors.Refused("glass is broken by a person who proved a second factor in this session")
    agency = found.agency(viewer.agency_id)
    if agency is None or agency.kind == "vendor":
        raise errors.Refused("glass is broken by people of an active agency that may see pictures")
    dues = timedelta(hours=limits.review_due_hours), timedelta(days=limits.letter_due_days)
    if requests.is_suspended(_earlier(session, viewer.operator_id), *dues, now):
        raise errors.Refused(
            "an earlier emergency look was rejected, not reviewed in time, or its letter is missing; ask the privacy officer"
        )
    if emergency.incident_id is not None:
        incident_steps.found(session, emergency.incident_id, viewer)
    if emergency.reason not in requests.REASONS_TO_BREAK_GLASS:
        raise errors.Unprocessable(f"unknown reason; known: {', '.join(requests.REASONS_TO_BREAK_GLASS)}")
    if not LEAST_SENTENCE <= len(emergency.sentence.strip()) <= MAX_SENTENCE:
        raise errors.Unprocessable(f"say what happens, in {LEAST_SENTENCE} to {MAX_SENTENCE} characters")
    for camera_id in emergency.camera_ids:
        if found.camera(camera_id).sensitivity:
            raise errors.Refused(f"camera {camera_id} looks at a sensitive place; ask for its video instead")
        _require_near(session, camera_id, emergency, limits.break_glass_radius_m)
    grant = values.Grant(
        grant_id=grants.make_id(), agency_id=viewer.agency_id, person_id=viewer.operator_id,
        camera_ids=frozenset(emergency.camera_ids), actions=frozenset({"ViewLive", "ViewRecorded", "ViewStill"}),
        purpose="emergency_response", legal_basis="18-2-3", incident_id=emergency.incident_id,
        request_id=None if emergency.incident_id else grants.make_id(), starts_at=now,
        ends_at=now + timedelta(seconds=limits.break_glass_s), lookback_s=limits.break_glass_lookback_s,
        break_glass=True,
    )  # fmt: skip
    by = _actor(viewer)
    grants.issue(session, grant, by, now, emergency.sentence.strip())
    row = _TABLE(
        grant_id=grant.grant_id, person_id=viewer.operator_id, person_name=viewer.name, agency_id=viewer.agency_id,
        reason=emergency.reason, sentence=emergency.sentence.strip(), broken_at=now,
        review_due_at=now + timedelta(hours=limits.review_due_hours),
        letter_due_at=now + timedelta(days=limits.letter_due_days),
    )  # fmt: skip
    session.add(row)
    _record(session, "glass.broken", row, by, now, row.sentence, reason=row.reason, book_version=version)
    database.note(session, "request", grant.grant_id)
    return grant


def review(
    session: Session, viewer: viewers.Viewer, grant_id: UUID, justified: bool, note: str, now: datetime
) -> request_tables.BrokenGlass:
    """Keep what the review of an emergency look said; a rejected one ends its grant at once.

    Raises:
        NotFound: no such emergency look.
        Refused: the viewer reviews none, or it was their own.
        Conflict: it was reviewed already.
        Unprocessable: no words.
    """
    row = _row(session, grant_id)
    if not viewers.approves(viewer) or viewer.operator_id == row.person_id:
        raise errors.Refused(
            "an emergency look is reviewed by a privacy officer, leader or administrator, not by who took it"
        )
    if row.verdict is not None:
        raise errors.Conflict(f"it was reviewed already: {row.verdict}")
    if not 1 <= len(note.strip()) <= MAX_SENTENCE:
        raise errors.Unprocessable(f"say what the review found, in 1 to {MAX_SENTENCE} characters")
    row.verdict, row.review_note = ("justified" if justified else "rejected"), note.strip()
    row.reviewed_by, row.reviewed_by_name, row.reviewed_at = viewer.operator_id, viewer.name, now
    if not justified:
        grants.revoke(session, grant_id, _actor(viewer), "its review rejected it", now)
    _record(session, "glass.reviewed", row, _actor(viewer), now, row.review_note, verdict=row.verdict)
    database.note(session, "request", grant_id)
    return row


def add_letter(
    session: Session, viewer: viewers.Viewer, grant_id: UUID, letter: str, now: datetime
) -> request_tables.BrokenGlass:
    """Keep the number of the official letter that follows an emergency look.

    Raises:
        NotFound: no such emergency look of this viewer's agency.
        Unprocessable: no number.
    """
    row = _row(session, grant_id)
    if row.agency_id != viewer.agency_id and not viewers.is_of_district(viewer):
        raise errors.NotFound(f"no emergency look {grant_id}")
    if not 1 <= len(letter.strip()) <= 100:
        raise errors.Unprocessable("give the letter's number, in 1 to 100 characters")
    row.letter = letter.strip()
    _record(session, "glass.letter", row, _actor(viewer), now, None, letter=row.letter)
    return row


def listed(session: Session, viewer: viewers.Viewer, limit: int = 200) -> list[request_tables.BrokenGlass]:
    """Return the emergency looks that a viewer may read, those due for review first."""
    wanted = select(_TABLE).order_by(_TABLE.verdict.is_not(None), _TABLE.broken_at.desc()).limit(limit)
    if viewers.is_partner(viewer):
        return list(session.scalars(wanted.where(_TABLE.agency_id == viewer.agency_id)))
    return list(session.scalars(wanted)) if viewers.sees_rows(viewer) else []


def _require_near(session: Session, camera_id: str, emergency: Emergency, radius_m: float) -> None:
    camera = session.get(tables.Camera, camera_id)
    if camera is None:
        raise errors.NotFound(f"no camera {camera_id[:63]}")
    if camera.latitude is None or camera.longitude is None:
        raise errors.Refused(f"the place of camera {camera_id} is not known, so it cannot be near")
    away = places.distance_m((camera.latitude, camera.longitude), (emergency.latitude, emergency.longitude))
    if not away <= radius_m:  # also where it is not a number
        raise errors.Refused(
            f"camera {camera_id} is {away:.0f} m from the place; an emergency look goes {radius_m:.0f} m at most"
        )


def looks_by(session: Session, grant: values.Grant) -> int:
    """Return how many looks at pictures were permitted by an emergency look's grant: what its review asks about."""
    table = tables.Look
    meanwhile = table.at.between(grant.starts_at, grant.ends_at)  # by the index: the record holds two years
    mine = (table.grant_id == grant.grant_id) & (table.decision == "permit")
    counted = select(func.count()).select_from(table).where(meanwhile, mine)
    return session.scalar(counted) or 0


def _earlier(session: Session, person_id: UUID) -> list[requests.Broken]:
    rows = session.execute(select(_TABLE.broken_at, _TABLE.verdict, _TABLE.letter).where(_TABLE.person_id == person_id))
    return [requests.Broken(at, verdict, letter is not None) for at, verdict, letter in rows]


def _row(session: Session, grant_id: UUID) -> request_tables.BrokenGlass:
    row = session.get(_TABLE, grant_id)
    if row is None:
        raise errors.NotFound(f"no emergency look {grant_id}")
    return row


def _actor(viewer: viewers.Viewer) -> entries.Actor:
    return entries.Actor("operator", viewer.name, str(viewer.operator_id), viewer.role)


def _record(
    session: Session, action: str, row: request_tables.BrokenGlass, by: entries.Actor, now: datetime, why: str | None,
    **details: entries.Detail,
) -> None:  # fmt: skip
    session.flush()
    ledger.append(
        session,
        entries.Entry(
            at=now, action=action, actor=by, subject=entries.Subject("grant", str(row.grant_id)),
            purpose="emergency_response", legal_basis="18-2-3", why=why, details={"agency_id": row.agency_id, **details},
        ),
    )  # fmt: skip
