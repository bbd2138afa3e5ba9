"""Requests for video, their recordings, and glass broken in an emergency."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "video_requests",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("agency_id", sa.String(length=40), nullable=False),
        sa.Column("camera_ids", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("legal_basis", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=100), nullable=True),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("mask_level", sa.String(length=20), nullable=False),
        sa.Column("export_mode", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=120), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=120), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decision_why", sa.String(length=500), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("fault", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_video_requests")),
    )
    with op.batch_alter_table("video_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_video_requests_agency_id"), ["agency_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_video_requests_asked_at"), ["asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_video_requests_state"), ["state"], unique=False)

    op.create_table(
        "broken_glass",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(length=120), nullable=False),
        sa.Column("agency_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("broken_at", sa.DateTime(), nullable=False),
        sa.Column("review_due_at", sa.DateTime(), nullable=False),
        sa.Column("letter_due_at", sa.DateTime(), nullable=False),
        sa.Column("letter", sa.String(length=100), nullable=True),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_by_name", sa.String(length=120), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(), nullable=True),
        sa.Column("review_note", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.grant_id"], name=op.f("fk_broken_glass_grant_id_grants")),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_broken_glass")),
    )
    with op.batch_alter_table("broken_glass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_broken_glass_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_broken_glass_review_due_at"), ["review_due_at"], unique=False)

    op.create_table(
        "requested_recordings",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("keep_clear", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recording_requests.request_id"],
            name=op.f("fk_requested_recordings_recording_id_recording_requests"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["video_requests.request_id"],
            name=op.f("fk_requested_recordings_request_id_video_requests"),
        ),
        sa.PrimaryKeyConstraint("request_id", "recording_id", name=op.f("pk_requested_recordings")),
    )


def downgrade() -> None:
    """Not undone: it would destroy the record of what was shared."""
    raise NotImplementedError("restore a backup instead")
