"""Who looks: a person or a system of an agency with a role, as the session or token proved it.

Invariant: a role that is not in the table may nothing (deny is the default); what was not proved (second factor, training, shift) is not true.
"""

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from sharing_hub.domain import district

Role = Literal["operator", "leader", "admin", "auditor", "privacy_officer", "desk", "partner", "partner_lead", "vendor"]
"""The district's roles; partner and partner_lead are an agency's people and systems; a vendor sees health data, never pictures."""
ROLES: tuple[str, ...] = get_args(Role)

PICTURE_ROLES = frozenset({"operator", "leader", "admin"})
ROW_ROLES = PICTURE_ROLES | {"auditor", "privacy_officer", "desk"}
DECIDING_ROLES = PICTURE_ROLES
LOOK_READING_ROLES = frozenset({"admin", "auditor", "privacy_officer"})
PARTNER_ROLES = frozenset({"partner", "partner_lead"})
REGISTER_READING_ROLES = LOOK_READING_ROLES | {"leader", "privacy_officer"}
RULE_ROLES = frozenset({"admin", "privacy_officer"})
ASKING_ROLES = PICTURE_ROLES | {"desk", "privacy_officer"}
APPROVING_ROLES = frozenset({"leader", "privacy_officer", "admin"})
DISTRICT_ROLES = ROW_ROLES
PEOPLE_READING_ROLES = frozenset({"admin", "privacy_officer", "auditor"})
SHIFT_ROLES = frozenset({"operator", "leader", "desk"})
LEADING_ROLES = frozenset({"leader", "admin"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person within a session, or an agency's system with a token.

    Attributes:
        role: as stored; may be a word this version does not know.
        session_id: the login it belongs to; None for the command line and for systems.
        agency_id: whose person or system it is.
        unit: the part of the agency.
        system: it is no person.
        second_factor: proved in this session.
        trained: the training for looking at personal video is valid now.
        on_shift: on duty now.
    """

    operator_id: UUID
    name: str
    role: str
    session_id: UUID | None = None
    agency_id: str = district.OWNER
    unit: str = ""
    system: bool = False
    second_factor: bool = False
    trained: bool = False
    on_shift: bool = False


def sees_rows(viewer: Viewer) -> bool:
    """Say whether the viewer may read cameras, events and incidents (not pictures)."""
    return is_of_district(viewer) and viewer.role in ROW_ROLES


def sees_pictures(viewer: Viewer) -> bool:
    """Say whether the viewer may look at stills, clips, ranges and live views."""
    return is_of_district(viewer) and viewer.role in PICTURE_ROLES


def reads_looks(viewer: Viewer) -> bool:
    """Say whether the viewer may read who looked at what."""
    return is_of_district(viewer) and viewer.role in LOOK_READING_ROLES


def reads_ledger(viewer: Viewer) -> bool:
    """Say whether the viewer may read the ledger: every row, and no picture."""
    return is_of_district(viewer) and viewer.role in LOOK_READING_ROLES


def reads_registers(viewer: Viewer) -> bool:
    """Say whether the viewer may read the registers that the law asks for."""
    return is_of_district(viewer) and viewer.role in REGISTER_READING_ROLES


def decides_incidents(viewer: Viewer) -> bool:
    """Say whether the viewer may acknowledge, confirm and dismiss."""
    return is_of_district(viewer) and viewer.role in DECIDING_ROLES


def manages_rules(viewer: Viewer) -> bool:
    """Say whether the viewer may propose and approve changes of the district's book and rules."""
    return viewer.agency_id == district.OWNER and viewer.role in RULE_ROLES and not viewer.system


def is_of_district(viewer: Viewer) -> bool:
    """Say whether the viewer belongs to the agency that owns the hub."""
    return viewer.agency_id == district.OWNER


def is_partner(viewer: Viewer) -> bool:
    """Say whether the viewer is somebody, or a system, of another agency."""
    return viewer.agency_id != district.OWNER and viewer.role in PARTNER_ROLES


def asks_for_video(viewer: Viewer) -> bool:
    """Say whether the viewer may ask for recorded video: agencies' people and systems, and the district's but auditors and vendors."""
    return is_partner(viewer) or (is_of_district(viewer) and viewer.role in ASKING_ROLES)


def approves(viewer: Viewer) -> bool:
    """Say whether the viewer may decide on requests of others and review broken glass: people of the district only."""
    return is_of_district(viewer) and viewer.role in APPROVING_ROLES and not viewer.system


def breaks_glass(viewer: Viewer) -> bool:
    """Say whether the viewer is somebody who may look in an emergency without approval: a person with a second factor, never a system."""
    return viewer.second_factor and not viewer.system and (is_partner(viewer) or viewer.role in PICTURE_ROLES)


def leads(viewer: Viewer) -> bool:
    """Say whether the viewer leads a shift: signs it off, puts urgent incidents aside and others on duty."""
    return is_of_district(viewer) and viewer.role in LEADING_ROLES and not viewer.system


def may(viewer: Viewer) -> tuple[str, ...]:
    """Return what the viewer's role opens, in words that a page can choose its views by; what decides is always asked again where it is done."""
    glass = not viewer.system and (is_partner(viewer) or sees_pictures(viewer))
    opened = {
        "see_rows": sees_rows(viewer), "see_shared": is_partner(viewer) and not viewer.system, "see_pictures": sees_pictures(viewer), "decide_incidents": decides_incidents(viewer),
        "lead_shift": leads(viewer), "ask_for_video": asks_for_video(viewer), "approve": approves(viewer), "break_glass": glass,
        "read_looks": reads_looks(viewer), "read_ledger": reads_ledger(viewer), "read_registers": reads_registers(viewer),
        "manage_book": manages_rules(viewer), "read_people": reads_people(viewer, viewer.agency_id),
        "manage_people": manages(viewer, viewer.agency_id, "partner"), "administer": manages(viewer, district.OWNER, "operator"),
        "certify_training": certifies_training(viewer, district.OWNER, "operator"),
        "set_shifts": sets_shifts(viewer, district.OWNER, "operator"), "stand_shift": _stands_shifts(viewer),
    }  # fmt: skip
    return tuple(word for word, is_open in opened.items() if is_open)


def _stands_shifts(viewer: Viewer) -> bool:
    return is_of_district(viewer) and viewer.role in SHIFT_ROLES and not viewer.system


def fits(role: str, agency_id: str) -> bool:
    """Say whether somebody of this agency can have this role: the district's roles are the district's people's only, and the others nobody's of it."""
    return role in (DISTRICT_ROLES if agency_id == district.OWNER else PARTNER_ROLES | {"vendor"})


def manages(viewer: Viewer, agency_id: str, role: str) -> bool:
    """Say whether the viewer invites, changes and disables such people: the administrator everybody, an agency's lead the agency's people."""
    if viewer.system:
        return False
    if is_of_district(viewer):
        return viewer.role == "admin"
    return viewer.role == "partner_lead" and viewer.agency_id == agency_id and role in PARTNER_ROLES


def certifies_training(viewer: Viewer, agency_id: str, role: str) -> bool:
    """Say whether the viewer notes until when these people's training is valid."""
    is_officer = is_of_district(viewer) and viewer.role == "privacy_officer" and not viewer.system
    return is_officer or manages(viewer, agency_id, role)


def sets_shifts(viewer: Viewer, agency_id: str, role: str) -> bool:
    """Say whether the viewer puts these people on and off duty."""
    is_leader = is_of_district(viewer) and viewer.role == "leader" and not viewer.system
    return (is_leader and agency_id == district.OWNER and role in SHIFT_ROLES) or manages(viewer, agency_id, role)


def reads_people(viewer: Viewer, agency_id: str) -> bool:
    """Say whether the viewer may read who the people of this agency are."""
    if viewer.system:
        return False
    if is_of_district(viewer):
        return viewer.role in PEOPLE_READING_ROLES or (viewer.role == "leader" and agency_id == district.OWNER)
    return viewer.role == "partner_lead" and viewer.agency_id == agency_id
