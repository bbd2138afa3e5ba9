"""Messages of notices: what was decided to be told is written out, in the order of the decisions, and handed to delivery.

Invariant: a notice and its message change hands in one transaction: a kill before it leaves the notice, a kill after it the message; neither is lost or doubled.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub.domain import rules
from sharing_hub.services import deliveries, notices
from sharing_hub.store import sharing_tables, tables

MAX_AT_ONCE = 100
_TABLE = sharing_tables.Notice


def is_due(session: Session) -> bool:
    """Say whether there is a notice without its message."""
    return session.scalar(select(_TABLE.position).where(_TABLE.state == notices.PENDING).limit(1)) is not None


def write_out(session: Session, sender: deliveries.Sender, rule_of: rules.Rules, now: datetime) -> int:
    """Write the messages of the oldest notices; return how many.

    What a notice says is how things stand now: where more was decided since, the next message says the same again, which is harmless.
    """
    waiting = select(_TABLE).where(_TABLE.state == notices.PENDING).order_by(_TABLE.position).limit(MAX_AT_ONCE)
    rows = session.scalars(waiting).all()
    for row in rows:
        incident = session.get_one(tables.Incident, row.incident_id)
        share = session.get_one(sharing_tables.IncidentShare, (row.incident_id, row.agency_id))
        deliveries.write(session, sender, incident, share, row.occasion, rule_of, now)
        row.state = notices.WRITTEN
    return len(rows)
