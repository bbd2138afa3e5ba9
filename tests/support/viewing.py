"""Viewers for tests."""

import uuid

from sharing_hub.domain import viewers


def viewer(role: str = "operator", name: str = "kim") -> viewers.Viewer:
    """Return somebody with this role."""
    return viewers.Viewer(
        uuid.uuid5(uuid.NAMESPACE_OID, name), name, role, uuid.uuid5(uuid.NAMESPACE_OID, f"session {name}")
    )
