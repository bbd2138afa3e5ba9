"""Incidents without a camera, their whole workflow, the outbox of notices, and hand-overs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    _new_tables()
    with op.batch_alter_table("incident_history", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agency_id", sa.String(length=40), nullable=True))

    with op.batch_alter_table("incident_shares", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reported_wrong_at", sa.DateTime(), nullable=True))
        batch_op.create_index("ix_incident_shares_agency_id_case_number", ["agency_id", "case_number"], unique=True)

    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("latitude", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("longitude", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("opened_by_agency", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("agency_class", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("description", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("digest", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("escalation_level", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("lease_holder_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("lease_holder", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("lease_until", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("shelved_until", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("disposition", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(), nullable=True))
        for name in ("camera_id", "first_event_id", "latest_event_id"):
            batch_op.alter_column(name, nullable=True)
        batch_op.create_index("ix_incidents_known_at", ["known_at"], unique=False)
        batch_op.create_index("ix_incidents_shelved_until", ["shelved_until"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_incidents_merged_into_incidents"), "incidents", ["merged_into"], ["incident_id"]
        )
    # Escalated to the end: nobody is to be called about what happened before timers ran.
    op.execute("UPDATE incidents SET known_at = opened_at, digest = 0, escalation_level = 2")
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        for name in ("known_at", "digest", "escalation_level"):
            batch_op.alter_column(name, nullable=False)


def _new_tables() -> None:
    op.create_table(
        "handovers",
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("leader_name", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_handovers")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handovers_at"), ["at"], unique=False)

    op.create_table(
        "notices",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.String(length=40), nullable=False),
        sa.Column("occasion", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.incident_id"], name=op.f("fk_notices_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_notices")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_notices_notice_id")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index("ix_notices_state_position", ["state", "position"], unique=False)


def downgrade() -> None:
    """Not undone: it would destroy the record of what was shared."""
    raise NotImplementedError("restore a backup instead")
