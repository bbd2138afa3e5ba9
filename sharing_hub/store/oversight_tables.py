"""The monthly reviews of the access record: one row a month, signed by a person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from sharing_hub.store import tables


class MonthlyReview(tables.Table):
    """The check of a month's access record that the law asks for."""

    __tablename__ = "monthly_reviews"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    looks: Mapped[int]
    cues: Mapped[int]
    signed_by: Mapped[UUID | None]
    signed_by_name: Mapped[str | None] = mapped_column(String(120))
    signed_at: Mapped[datetime | None]
    note: Mapped[str | None]
