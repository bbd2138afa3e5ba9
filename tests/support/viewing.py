"""Viewers for tests."""

import uuid

from sharing_hub.domain import district, viewers


def viewer(role: str = "operator", name: str = "kim", agency_id: str = district.OWNER) -> viewers.Viewer:
    """Return somebody with this role who proved all that can be proved."""
    return viewers.Viewer(
        uuid.uuid5(uuid.NAMESPACE_OID, name),
        name,
        role,
        uuid.uuid5(uuid.NAMESPACE_OID, f"session {name}"),
        agency_id=agency_id,
        second_factor=True,
        trained=True,
        on_shift=True,
    )
