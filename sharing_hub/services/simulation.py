"""Simulation: who could do something to a camera at a time, and why; nothing is recorded, for nobody looks.

The simulated are nobody in particular: a grant to one person opens nothing to them unless they are given that person's id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import actions, district, viewers
from sharing_hub.services import access, views

NOBODY = UUID(int=0)
_DISTRICT_ROLES = ("operator", "leader", "admin", "privacy_officer", "auditor", "desk")


@dataclass(frozen=True, slots=True)
class Who:
    """Whom the answer is wanted for; None takes all.

    Attributes:
        role: one of `viewers.ROLES`.
        proved: second factor and training are taken for proved.
    """

    agency_id: str | None = None
    role: str | None = None
    person_id: UUID = NOBODY
    proved: bool = True


@dataclass(frozen=True, slots=True)
class What:
    """What they would do."""

    camera_id: str
    action: actions.Action = "ViewLive"
    incident_id: UUID | None = None
    request_id: UUID | None = None
    purpose: str | None = None
    legal_basis: str | None = None
    masked: actions.MaskLevel = "none"
    recorded_at: datetime | None = None
    download: bool = False


class SimulatedView(views.View):
    """What one kind of viewer would be answered."""

    agency_id: str
    role: str
    action: str
    permitted: bool
    rule_ids: tuple[str, ...]
    reasons: tuple[str, ...]
    purpose: str | None
    legal_basis: str | None
    grant_id: UUID | None
    distance_m: float | None
    mask_level: str
    policy_version: str


def require_reader(session: Session, gate: access.Access, viewer: viewers.Viewer, now: datetime) -> None:
    """Refuse whoever may not read the record: a simulation tells who is shared with.

    Raises:
        Refused: the policies do not permit ReadAudit.
    """
    decided = gate.decide(session, access.Asked(viewer, "ReadAudit", None), now)
    if not decided.decision.permitted:
        raise errors.Refused(decided.words)


def run(session: Session, gate: access.Access, who: Who, what: What, at: datetime) -> list[SimulatedView]:
    """Answer for each agency and role asked for, by agency and role.

    Raises:
        NotFound: no such active agency in the book.
        Unprocessable: no such role.
    """
    _, book = gate.book(session)
    if who.agency_id is not None and book.agency(who.agency_id) is None:
        known = ", ".join(one.agency_id for one in book.agencies if one.active)
        raise errors.NotFound(f"no active agency {who.agency_id[:40]} in the book; known: {known}")
    if who.role is not None and who.role not in viewers.ROLES:
        raise errors.Unprocessable(f"no role {who.role[:40]}; known: {', '.join(viewers.ROLES)}")
    return [_answer(session, gate, viewer, what, at) for viewer in _viewers(book, who)]


def _viewers(book: district.District, who: Who) -> Iterator[viewers.Viewer]:
    for agency in book.agencies:
        if not agency.active or who.agency_id not in (None, agency.agency_id):
            continue
        for role in (who.role,) if who.role is not None else _roles(agency):
            yield viewers.Viewer(
                who.person_id, "simulated", role, agency_id=agency.agency_id, second_factor=who.proved,
                trained=who.proved, on_shift=True,
            )  # fmt: skip


def _roles(agency: district.Agency) -> tuple[str, ...]:
    if agency.agency_id == district.OWNER:
        return _DISTRICT_ROLES
    return ("vendor",) if agency.kind == "vendor" else ("partner",)


def _answer(session: Session, gate: access.Access, viewer: viewers.Viewer, what: What, at: datetime) -> SimulatedView:
    asked = access.Asked(
        viewer, what.action, what.camera_id, what.incident_id, what.request_id, what.purpose, what.legal_basis,
        what.masked, what.recorded_at, what.download,
    )  # fmt: skip
    decided = gate.decide(session, asked, at)
    about, decision = decided.question.circumstances, decided.decision
    return SimulatedView(
        agency_id=viewer.agency_id,
        role=viewer.role,
        action=what.action,
        permitted=decision.permitted,
        rule_ids=decision.rule_ids,
        reasons=decision.reasons,
        purpose=about.purpose,
        legal_basis=about.legal_basis,
        grant_id=about.grant.grant_id if about.grant else None,
        distance_m=about.distance_m,
        mask_level=decision.mask_level,
        policy_version=decision.policy_version,
    )
