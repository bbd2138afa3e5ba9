"""The district's book, grants, and which incident is shared with whom."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "district_versions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_by_name", sa.String(length=120), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=120), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_district_versions")),
    )
    with op.batch_alter_table("district_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_district_versions_state"), ["state"], unique=False)

    op.create_table(
        "grants",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("legal_basis", sa.String(length=40), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("lookback_s", sa.Integer(), nullable=False),
        sa.Column("covers_from", sa.DateTime(), nullable=True),
        sa.Column("covers_until", sa.DateTime(), nullable=True),
        sa.Column("mask_level", sa.String(length=20), nullable=False),
        sa.Column("export_mode", sa.String(length=10), nullable=False),
        sa.Column("letter", sa.String(length=100), nullable=True),
        sa.Column("break_glass", sa.Boolean(), nullable=False),
        sa.Column("made_by_name", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_why", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_grants")),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index("ix_grants_agency_id_ends_at", ["agency_id", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_grants_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "grant_cameras",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("camera_id", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.grant_id"], name=op.f("fk_grant_cameras_grant_id_grants")),
        sa.PrimaryKeyConstraint("grant_id", "camera_id", name=op.f("pk_grant_cameras")),
    )
    with op.batch_alter_table("grant_cameras", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grant_cameras_camera_id"), ["camera_id"], unique=False)

    op.create_table(
        "incident_shares",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.String(length=40), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("media", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("legal_basis", sa.String(length=40), nullable=False),
        sa.Column("case_number", sa.String(length=80), nullable=True),
        sa.Column("shared_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.incident_id"], name=op.f("fk_incident_shares_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("incident_id", "agency_id", name=op.f("pk_incident_shares")),
    )
    with op.batch_alter_table("incident_shares", schema=None) as batch_op:
        batch_op.create_index("ix_incident_shares_agency_id_shared_at", ["agency_id", "shared_at"], unique=False)


def downgrade() -> None:
    """Not undone: it would destroy the record of what was shared."""
    raise NotImplementedError("restore a backup instead")
