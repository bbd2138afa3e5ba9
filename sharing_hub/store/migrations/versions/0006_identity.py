"""People's agencies, training and shifts; invitations, passkeys, and agencies' systems."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply. Columns are added one by one: SQLite would make a table anew for a batch, and others refer to this one."""
    for column in (
        sa.Column("agency_id", sa.String(length=40), nullable=False, server_default="district"),
        sa.Column("unit", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("trained_until", sa.Date(), nullable=True),
        sa.Column("shift_starts_at", sa.DateTime(), nullable=True),
        sa.Column("shift_ends_at", sa.DateTime(), nullable=True),
        sa.Column("external_id", sa.String(length=300), nullable=True),
    ):
        op.add_column("operators", column)
    op.create_index("ix_operators_agency_id", "operators", ["agency_id"], unique=False)
    op.create_index("ix_operators_external_id", "operators", ["external_id"], unique=True)
    op.add_column("operator_sessions", sa.Column("second_factor_at", sa.DateTime(), nullable=True))
    _people()
    _systems()


def _people() -> None:
    op.create_table(
        "invitations",
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("agency_id", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("trained_until", sa.Date(), nullable=True),
        sa.Column("made_by_name", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.operator_id"], name=op.f("fk_invitations_operator_id_operators")
        ),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_invitations_secret_sha256")),
    )
    op.create_index("ix_invitations_agency_id", "invitations", ["agency_id"], unique=False)
    op.create_table(
        "passkeys",
        sa.Column("passkey_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=2048), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.operator_id"], name=op.f("fk_passkeys_operator_id_operators")
        ),
        sa.PrimaryKeyConstraint("passkey_id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index("ix_passkeys_operator_id", "passkeys", ["operator_id"], unique=False)
    op.create_table(
        "passkey_challenges",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("challenge_sha256", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["operator_sessions.session_id"],
            name=op.f("fk_passkey_challenges_session_id_operator_sessions"),
        ),
        sa.PrimaryKeyConstraint("session_id", "purpose", name=op.f("pk_passkey_challenges")),
    )  # fmt: skip
    op.create_index("ix_passkey_challenges_expires_at", "passkey_challenges", ["expires_at"], unique=False)


def _systems() -> None:
    op.create_table(
        "clients",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("agreement", sa.String(length=100), nullable=False),
        sa.Column("agreement_until", sa.Date(), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=True),
        sa.Column("made_by_name", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_clients")),
        sa.UniqueConstraint("name", name=op.f("uq_clients_name")),
    )
    op.create_index("ix_clients_agency_id", "clients", ["agency_id"], unique=False)
    op.create_table(
        "client_keys",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(length=100), nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("jwk", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("retired_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name=op.f("fk_client_keys_client_id_clients")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_client_keys")),
        sa.UniqueConstraint("thumbprint", name=op.f("uq_client_keys_thumbprint")),
    )
    op.create_index("ix_client_keys_client_id", "client_keys", ["client_id"], unique=False)
    op.create_table(
        "client_assertions",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("jti_sha256", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"], name=op.f("fk_client_assertions_client_id_clients")
        ),
        sa.PrimaryKeyConstraint("client_id", "jti_sha256", name=op.f("pk_client_assertions")),
    )
    op.create_index("ix_client_assertions_expires_at", "client_assertions", ["expires_at"], unique=False)
    op.create_table(
        "access_tokens",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name=op.f("fk_access_tokens_client_id_clients")),
        sa.ForeignKeyConstraint(["key_id"], ["client_keys.key_id"], name=op.f("fk_access_tokens_key_id_client_keys")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_access_tokens")),
    )
    op.create_index("ix_access_tokens_client_id", "access_tokens", ["client_id"], unique=False)
    op.create_index("ix_access_tokens_expires_at", "access_tokens", ["expires_at"], unique=False)


def downgrade() -> None:
    """Not undone: it would forget who belongs to which agency."""
    raise NotImplementedError("restore a backup instead")
