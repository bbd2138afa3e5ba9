"""Notices: which agency is to be told of what became of an incident, kept in the transaction that decides it.

Messages are written of them right after (`notice_writing`): that takes longer than a decision or an alarm may wait, and needs to know how the hub is called.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from sharing_hub.domain import messages
from sharing_hub.store import sharing_tables, tables

PENDING, WRITTEN = "pending", "written"


def enqueue(
    session: Session, share: sharing_tables.IncidentShare, incident: tables.Incident, occasion: messages.Occasion, now: datetime
) -> None:  # fmt: skip
    """Keep that the agency of `share` is to be told of `incident`."""
    session.add(
        sharing_tables.Notice(
            notice_id=uuid.uuid4(), incident_id=incident.incident_id, agency_id=share.agency_id, occasion=occasion,
            created_at=now, state=PENDING,
        )
    )  # fmt: skip
