"""Tables of delivery: where agencies want to be told, what they were told, and how each sending went.

Invariant: a message is written in the transaction that decides on it, with one delivery for each of the agency's endpoints; neither is ever changed but
for the delivery's state.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from sharing_hub.store import tables


class Endpoint(tables.Table):
    """Where an agency's system wants to be told. The secret follows from its id and generation (`webhook_key`)."""

    __tablename__ = "endpoints"

    endpoint_id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(String(40), index=True)
    url: Mapped[str]
    form: Mapped[str] = mapped_column(String(20))
    """cloudevents or cap."""
    generation: Mapped[int]
    added_by_name: Mapped[str] = mapped_column(String(120))
    added_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Message(tables.Table):
    """What an agency was told of an incident, in every form; agencies also pull these."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_agency_id_position", "agency_id", "position"),
        Index("ix_messages_incident_id_agency_id", "incident_id", "agency_id"),
    )

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[UUID] = mapped_column(unique=True)
    agency_id: Mapped[str] = mapped_column(String(40))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.incident_id"))
    occasion: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    cloud_event: Mapped[bytes] = mapped_column(LargeBinary)
    cap: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


class Delivery(tables.Table):
    """One message on its way to one endpoint."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_state_next_at", "state", "next_at"),)

    delivery_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.message_id"), index=True)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("endpoints.endpoint_id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    """pending, delivered or dead."""
    attempts: Mapped[int]
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    last_fault: Mapped[str] = mapped_column(default="")
    last_status: Mapped[int | None]
    ended_at: Mapped[datetime | None]
