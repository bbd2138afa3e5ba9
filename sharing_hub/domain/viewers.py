"""Who looks: an operator with a role, as the session proved it.

Invariant: a role that is not in the table may nothing (deny is the default).
"""

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

Role = Literal["operator", "leader", "admin", "auditor"]
ROLES: tuple[str, ...] = get_args(Role)

PICTURE_ROLES = frozenset({"operator", "leader", "admin"})
ROW_ROLES = PICTURE_ROLES | {"auditor"}
DECIDING_ROLES = PICTURE_ROLES
LOOK_READING_ROLES = frozenset({"admin", "auditor"})
REGISTER_READING_ROLES = LOOK_READING_ROLES | {"leader"}


@dataclass(frozen=True, slots=True)
class Viewer:
    """An operator within a session.

    Attributes:
        role: as stored; may be a word this version does not know.
        session_id: the login it belongs to; None for the command line.
    """

    operator_id: UUID
    name: str
    role: str
    session_id: UUID | None = None


def sees_rows(viewer: Viewer) -> bool:
    """Say whether the viewer may read cameras, events and incidents (not pictures)."""
    return viewer.role in ROW_ROLES


def sees_pictures(viewer: Viewer) -> bool:
    """Say whether the viewer may look at stills, clips, ranges and live views."""
    return viewer.role in PICTURE_ROLES


def reads_looks(viewer: Viewer) -> bool:
    """Say whether the viewer may read who looked at what."""
    return viewer.role in LOOK_READING_ROLES


def reads_ledger(viewer: Viewer) -> bool:
    """Say whether the viewer may read the ledger: every row, and no picture."""
    return viewer.role in LOOK_READING_ROLES


def reads_registers(viewer: Viewer) -> bool:
    """Say whether the viewer may read the registers that the law asks for."""
    return viewer.role in REGISTER_READING_ROLES


def decides_incidents(viewer: Viewer) -> bool:
    """Say whether the viewer may acknowledge, confirm and dismiss."""
    return viewer.role in DECIDING_ROLES
