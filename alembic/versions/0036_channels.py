"""What channels and webhook endpoints need to be used: names, limits to labels, tests,
ciphertext of its own, and proof that an address is read by who wants it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import drop_lookup_function, grant, lookup_function, protect

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_CHANNELS, _ENDPOINTS = _TABLES = ("notification_channels", "webhook_endpoints")
_TYPE = "ck_notification_channels_channeltype"
_TYPES = "'email', 'slack', 'teams', 'discord', 'pagerduty', 'opsgenie', 'sns'"
_SECRET = "ck_notification_channels_secret_has_fingerprint"  # noqa: S105 — a check
_NAMES = "uq_{}_organization_id_name"
_LOOKUP = "channel_confirmation(wanted bytea)"
# Who runs an organization is told without having set anything up.
_DEFAULT = """
INSERT INTO notification_channels
  (id, organization_id, name, type, configuration, verified_at)
SELECT gen_random_uuid(), id, 'Owners and admins', 'email',
  '{"type": "email", "to": "managers"}', app_now()
FROM organizations WHERE deleted_at IS NULL
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(_ENDPOINTS, sa.Column("name", sa.String(), nullable=False))
    for table in _TABLES:
        op.drop_column(table, "secret_envelope")
        for column in _shared():
            op.add_column(table, column)
        op.create_index(
            _NAMES.format(table),
            table,
            ["organization_id", "name"],
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        grant(table, worker="UPDATE (tested_at, test_error)")
    _extend_channels()
    _extend_endpoints()
    _create_channel_secrets()
    _create_channel_confirmations()
    op.execute(_DEFAULT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop_lookup_function(_LOOKUP)
    op.drop_table("channel_confirmations")
    op.drop_table("channel_secrets")
    op.drop_constraint(op.f(_SECRET), _CHANNELS, type_="check")
    op.drop_constraint(op.f(_TYPE), _CHANNELS, type_="check")
    op.alter_column(_CHANNELS, "type", type_=sa.String())
    for column in _OF_SECRETS:
        op.drop_column(_CHANNELS, column)
        op.drop_column(_ENDPOINTS, column)
    op.drop_column(_ENDPOINTS, "previous_until")
    op.drop_index(_NAMES.format(_CHANNELS), _CHANNELS)
    op.drop_column(_ENDPOINTS, "name")
    op.execute("DELETE FROM deliveries")
    for table in _TABLES:
        for made in _shared():
            op.drop_column(table, made.name)
        # What is there has lost its secret.
        op.execute(f"DELETE FROM {table}")  # noqa: S608 — our own tables
        is_optional = table == _CHANNELS
        op.add_column(table, _json("secret_envelope", nullable=is_optional))


def _shared() -> list[sa.Column[object]]:
    return [
        _json("label_scope", nullable=True),
        _instant("test_requested_at", nullable=True),
        _instant("tested_at", nullable=True),
        sa.Column("test_error", sa.String(), nullable=True),
    ]


_OF_SECRETS = (
    "secret_version",
    "secret_last4",
    "secret_fingerprint",
    "secret_stored_at",
)


def _extend_channels() -> None:
    version = sa.Column(
        "secret_version", sa.Integer(), server_default="0", nullable=False
    )
    op.add_column(_CHANNELS, version)
    op.add_column(_CHANNELS, sa.Column("secret_last4", sa.String(), nullable=True))
    op.add_column(
        _CHANNELS, sa.Column("secret_fingerprint", sa.String(), nullable=True)
    )
    op.add_column(_CHANNELS, _instant("secret_stored_at", nullable=True))
    op.alter_column(_CHANNELS, "type", type_=sa.String(32))
    op.create_check_constraint(op.f(_TYPE), _CHANNELS, f"type IN ({_TYPES})")
    op.create_check_constraint(
        op.f(_SECRET), _CHANNELS, "(secret_version = 0) = (secret_fingerprint IS NULL)"
    )


def _extend_endpoints() -> None:
    version = sa.Column(
        "secret_version", sa.Integer(), server_default="1", nullable=False
    )
    op.add_column(_ENDPOINTS, version)
    op.add_column(_ENDPOINTS, sa.Column("secret_last4", sa.String(), nullable=False))
    op.add_column(
        _ENDPOINTS, sa.Column("secret_fingerprint", sa.String(), nullable=False)
    )
    op.add_column(_ENDPOINTS, _instant("secret_stored_at", server_default=_NOW))
    op.add_column(_ENDPOINTS, _instant("previous_until", nullable=True))


def _create_channel_secrets() -> None:
    recipients = {"channel_id": _CHANNELS, "endpoint_id": _ENDPOINTS}
    op.create_table(
        "channel_secrets",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(column, sa.Uuid(), nullable=True) for column in recipients),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        _instant("created_at", server_default=_NOW),
        sa.CheckConstraint(
            "(channel_id IS NULL) <> (endpoint_id IS NULL)",
            name=op.f("ck_channel_secrets_one_recipient"),
        ),
        _of_organization("channel_secrets"),
        *(
            _belongs_to("channel_secrets", column, table)
            for column, table in recipients.items()
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "id", name=op.f("pk_channel_secrets")
        ),
        *(
            sa.UniqueConstraint(
                "organization_id",
                column,
                "version",
                name=op.f(f"uq_channel_secrets_organization_id_{column}_version"),
            )
            for column in recipients
        ),
    )
    # As with access keys: the API writes them and never reads them.
    protect("channel_secrets", app="INSERT", worker="SELECT, DELETE")


def _create_channel_confirmations() -> None:
    table = "channel_confirmations"
    op.create_table(
        table,
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        _instant("created_at", server_default=_NOW),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
        _of_organization(table),
        _belongs_to(table, "channel_id", _CHANNELS),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["users.id"], name=op.f(f"fk_{table}_asked_by")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{table}_token_hash")),
    )
    op.create_index("ix_channel_confirmations_expires_at", table, ["expires_at"])
    protect(
        table,
        app="SELECT, INSERT, UPDATE (used_at)",
        worker="SELECT",
        lookup="SELECT (organization_id, token_hash)",
    )
    # As with invitations: nobody can use it any more.
    op.execute(f"GRANT SELECT (id, expires_at), DELETE ON {table} TO cloudrota_system")
    op.execute(
        f"CREATE POLICY system ON {table} TO cloudrota_system"
        " USING (expires_at < app_now() - interval '30 days') WITH CHECK (false)"
    )
    lookup_function(
        _LOOKUP,
        "TABLE (organization_id uuid)",
        f"SELECT organization_id FROM {table} WHERE token_hash = wanted",  # noqa: S608 — our own table
    )


# ── columns and constraints as they are everywhere ───────────────────────────────

_NOW = sa.text("app_now()")


def _json(name: str, *, nullable: bool) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=nullable)


def _instant(
    name: str, *, nullable: bool = False, server_default: sa.TextClause | None = None
) -> sa.Column[object]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        nullable=nullable,
        server_default=server_default,
    )


def _of_organization(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id"],
        ["organizations.id"],
        name=op.f(f"fk_{table}_organization_id"),
    )


def _belongs_to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", column],
        [f"{parent}.organization_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_organization_id_{column}"),
    )
