"""Where a media file stands in its camera's chain, and what that proves."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chain_sequence", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("chain_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("chain_state", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("chain_detail", sa.String(length=500), nullable=True))
        batch_op.create_index("ix_media_camera_id_chain_sequence", ["camera_id", "chain_sequence"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.drop_index("ix_media_camera_id_chain_sequence")
        batch_op.drop_column("chain_detail")
        batch_op.drop_column("chain_state")
        batch_op.drop_column("chain_sha256")
        batch_op.drop_column("chain_sequence")
