"""Who asked for and who approved a grant; a look's purpose, legal basis, grant, and the policies that decided."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply. Columns are added in place: a table made anew would lose the triggers that keep looks as they are."""
    op.add_column("grants", sa.Column("requested_by", sa.Uuid(), nullable=True))
    op.add_column("grants", sa.Column("approved_by", sa.Uuid(), nullable=True))
    op.add_column("looks", sa.Column("agency_id", sa.String(length=40), nullable=True))
    op.add_column("looks", sa.Column("purpose", sa.String(length=40), nullable=True))
    op.add_column("looks", sa.Column("legal_basis", sa.String(length=40), nullable=True))
    op.add_column("looks", sa.Column("policy_version", sa.String(length=40), nullable=True))
    op.add_column("looks", sa.Column("grant_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Not undone: it would destroy the record of what was decided and why."""
    raise NotImplementedError("restore a backup instead")
