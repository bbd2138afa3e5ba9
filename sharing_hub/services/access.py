"""Access: gathers what is known of a question (book, incident, share, grant, distance) and has the policies decide it.

Invariants: whatever is not known is filled with what permits least; what could not be gathered is a denial by whoever asked. The book in force is read
anew whenever its version is another.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub.domain import access, actions, district, grants, incidents, places, rules, viewers
from sharing_hub.policy import engine
from sharing_hub.services import access_sources, book

Sources = access_sources.Sources


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to do, in their own words.

    Attributes:
        camera_id: None for what shows no picture.
        purpose, legal_basis: None takes what follows from the grant, the share, or the book's own use.
        incident_id, request_id: what it is done for; None takes what the grant is for.
        masked: the level that the bytes are masked to; recorded_at: of the oldest picture, None for live.
        lent: what another hub lets this one see, where the camera stands there.
    """

    viewer: viewers.Viewer
    action: actions.Action
    camera_id: str | None
    incident_id: UUID | None = None
    request_id: UUID | None = None
    purpose: str | None = None
    legal_basis: str | None = None
    masked: actions.MaskLevel = "none"
    recorded_at: datetime | None = None
    download: bool = False
    lent: access.Lent | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A question with its facts, and the answer."""

    question: access.Question
    decision: access.Decision

    @property
    def words(self) -> str:
        """Why, in both languages."""
        return "; ".join(self.decision.reasons)


@dataclass(frozen=True, slots=True)
class _Case:
    """What is known of an incident and of its share with one agency."""

    row: access_sources.Incident | None = None
    share: access_sources.Share | None = None


class Access:
    """Decides for one hub; safe to use from every thread.

    Args:
        second_factor, training: False lets looks at pictures pass without, whatever the book says (settings, on record at the start).
    """

    def __init__(self, decider: engine.Engine, known: rules.Rules, second_factor: bool = True, training: bool = True):
        self.engine = decider
        self._rules = known
        self._asked_of_people = (second_factor, training)
        self._book: tuple[int, district.District] | None = None

    def book(self, session: Session) -> tuple[int, district.District]:
        """Return the book in force, with what the settings ask of people, and its number.

        Raises:
            StoreError: there is none.
        """
        kept, newest = self._book, book.version_in_force(session)
        if kept is None or kept[0] != newest:
            version, read = book.in_force(session)
            factor, training = self._asked_of_people
            limits = dataclasses.replace(
                read.limits,
                second_factor_needed=read.limits.second_factor_needed and factor,
                training_needed=read.limits.training_needed and training,
            )
            kept = self._book = version, dataclasses.replace(read, limits=limits)
        return kept

    def decide(self, session: Session, asked: Asked, now: datetime) -> Decided:
        """Answer what somebody asks."""
        version, known = self.book(session)
        question = self.question(access_sources.Stored(session), asked, known, now)
        return Decided(question, self.engine.decide(question, known, version))

    def question(self, sources: Sources, asked: Asked, known: district.District, now: datetime) -> access.Question:
        """Return what is asked, with every fact that is known."""
        lent = asked.lent
        facts = known.camera(asked.camera_id or "") if lent is None else _facts(asked, lent, known)
        grant = _grant(sources, asked, facts, now) if lent is None else lent.grant
        incident_id = asked.incident_id or (grant.incident_id if grant and asked.request_id is None else None)
        request_id = asked.request_id or (grant.request_id if grant else None)
        case = _case(sources, incident_id, asked.viewer.agency_id)
        if grant is not None and grant.request_id is not None and (grant.approved_by is not None or case.share is None):
            # The request is what it is for, not the incident that the picture happens to belong to.
            case, incident_id = _Case(), None
        purpose, basis = self._terms(asked, known, facts, grant, case)
        about = access.Circumstances(
            now=now,
            purpose=purpose,
            legal_basis=basis,
            incident_id=incident_id,
            incident_known=case.row is not None,
            incident_kind=case.row.kind if case.row else "",
            incident_open=case.row is not None and _is_open(case.row, known.limits, now),
            incident_confirmed=_is_confirmed(case),
            incident_began_at=case.row.opened_at if case.row else None,
            incident_shared=case.share is not None,
            share_media=case.share.media if case.share else "none",  # type: ignore[arg-type]
            request_id=request_id,
            distance_m=_distance_m(sources, case, asked.camera_id),
            grant=grant,
            approver_id=grant.approved_by if grant else None,
            requester_id=grant.requested_by if grant else None,
            letter=grant.letter if grant else None,
        )
        subject = access.Subject(asked.camera_id, facts, asked.masked, asked.recorded_at, asked.download)
        return access.Question(asked.viewer, asked.action, subject, about)

    def _terms(
        self, asked: Asked, known: district.District, facts: district.CameraFacts, grant: grants.Grant | None,
        case: _Case,
    ) -> tuple[str | None, str | None]:  # fmt: skip
        """Return purpose and legal basis: as they were named, else the grant's, the share's, or the district's own use."""
        if grant is not None:
            usual: tuple[str | None, str | None] = (grant.purpose, grant.legal_basis)
        elif asked.lent is not None:
            usual = (asked.lent.purpose, asked.lent.legal_basis)
        elif not viewers.is_of_district(asked.viewer):
            usual = (case.share.purpose, case.share.legal_basis) if case.share else (None, None)
        else:
            rule = self._rules.get(case.row.kind) if case.row else None
            use = known.use_of(rule.category if rule else "", facts)
            if asked.purpose is not None:
                use = next((one for one in known.own_use if one.purpose == asked.purpose), None)
            usual = (use.purpose, use.legal_basis) if use else (None, None)
        return (asked.purpose or usual[0], asked.legal_basis or usual[1])


def _facts(asked: Asked, lent: access.Lent, known: district.District) -> district.CameraFacts:
    """Return what is known of another hub's camera: whether it was installed for the purpose is what that hub judged when it shared it."""
    purpose = known.purpose(lent.purpose)
    installed_for = purpose.camera_purposes if purpose is not None else ()
    return district.CameraFacts(asked.camera_id or "", owner=lent.owner, purposes=installed_for)


def _grant(known: Sources, asked: Asked, facts: district.CameraFacts, now: datetime) -> grants.Grant | None:
    """Return the grant that a viewer leans on: one in force that covers it, else the last one, which says why not.

    The district's own people lean on one only where they name the request that it was given for, or broke the glass themselves.
    """
    if asked.camera_id is None:
        return None
    if viewers.is_of_district(asked.viewer) and asked.request_id is None:
        return _glass(known, asked, now)
    named = known.grants(asked.viewer, asked.camera_id)
    fits = [
        grant
        for grant in named
        if grants.permits(grant, asked.action, asked.camera_id, now)
        and _is_meant(grant, asked)
        and _reaches(grant, asked)
    ]
    if fits:
        # One by an approved request goes before one of the incident alone: it opens more.
        return next((grant for grant in fits if grant.approved_by is not None), fits[0])
    last = named[0] if named else None
    # A still may be seen by the share alone, an own camera without any grant: one that ended must not stand in the way of that.
    is_needed = asked.action != "ViewStill" and facts.owner != asked.viewer.agency_id
    return last if last is not None and is_needed and _is_meant(last, asked) else None


def _glass(known: Sources, asked: Asked, now: datetime) -> grants.Grant | None:
    """Return the glass that somebody of the district broke for this camera, where it opens what is asked for: what it does not is asked for without it."""
    if asked.camera_id is None:
        return None
    for grant in known.grants(asked.viewer, asked.camera_id):
        broke = grant.break_glass and grant.person_id == asked.viewer.operator_id
        seen = asked.recorded_at is None or asked.recorded_at >= grant.starts_at - timedelta(seconds=grant.lookback_s)
        fits = grants.permits(grant, asked.action, asked.camera_id, now) and _is_meant(grant, asked)
        if broke and seen and fits and asked.incident_id in (None, grant.incident_id):
            return grant
    return None


def _reaches(grant: grants.Grant, asked: Asked) -> bool:
    """Say whether a grant for one stretch of recorded video is for this one."""
    if asked.recorded_at is None or grant.covers_from is None or grant.covers_until is None:
        return True
    return grant.covers_from <= asked.recorded_at < grant.covers_until


def _is_meant(grant: grants.Grant, asked: Asked) -> bool:
    named = asked.request_id, asked.incident_id
    case = (grant.request_id, grant.incident_id)
    fits_case = all(want is None or want == has for want, has in zip(named, case, strict=True)) or (
        grant.request_id is not None and asked.request_id is None
    )
    return fits_case and asked.purpose in (None, grant.purpose) and asked.legal_basis in (None, grant.legal_basis)


def _case(known: Sources, incident_id: UUID | None, agency_id: str) -> _Case:
    """Return what is known of an incident; of one that is not shared with an agency, to that agency, no more than of one that there is not."""
    if incident_id is None:
        return _Case()
    row, share = known.case(incident_id, agency_id)
    if agency_id == district.OWNER:
        return _Case(row)
    return _Case() if share is None or share.withdrawn_at is not None else _Case(row, share)


def _is_open(row: access_sources.Incident, limits: district.Limits, now: datetime) -> bool:
    if row.state not in incidents.OVER_STATES:
        return True
    ended_at = row.closed_at or row.decided_at
    return ended_at is not None and now < ended_at + timedelta(seconds=limits.after_close_s)


def _is_confirmed(case: _Case) -> bool:
    if case.share is not None and case.share.how == "opened":
        return True
    if case.row is None:
        return False
    if case.row.opened_by_agency is not None or case.row.kind == rules.EMERGENCY_BELL:
        return True  # somebody called, or pressed
    ended_unconfirmed = case.row.state == "closed" and case.row.decided_at is None
    return case.row.state not in incidents.UNCONFIRMED_STATES and not ended_unconfirmed


def _distance_m(known: Sources, case: _Case, camera_id: str | None) -> float | None:
    if case.row is None or camera_id is None:
        return None
    row, there = case.row, None
    if row.latitude is not None and row.longitude is not None:
        there = (row.latitude, row.longitude)  # as whoever opened it said
    elif row.camera_id == camera_id:
        return 0.0
    elif row.camera_id is not None:
        there = known.place(row.camera_id)
    here = known.place(camera_id)
    return None if there is None or here is None else places.distance_m(there, here)
