"""Chains the audit log by hashes, per organization; the heads leave the database."""

import sqlalchemy as sa
from alembic import op
from tenancy import grant, protect

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("detail_salt", sa.LargeBinary()),
    ("detail_seal", sa.LargeBinary()),
    ("address", sa.String()),
    ("user_agent", sa.String()),
    ("origin_salt", sa.LargeBinary()),
    ("origin_seal", sa.LargeBinary()),
    ("once", sa.String()),
)
_FUNCTIONS = (
    # What PostgreSQL says a document is, so that nobody need agree on how to write it.
    """
CREATE FUNCTION audit_seal(salt bytea, said jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(salt || convert_to(said::text, 'UTF8'))
$$""",
    """
CREATE FUNCTION audit_origin(address text, user_agent text, request_id text)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_array(address, user_agent, request_id)
$$""",
    # Whoever writes an event, by whatever statement, does not choose its seals.
    """
CREATE FUNCTION seal_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.detail_salt := uuid_send(gen_random_uuid());
  NEW.detail_seal := audit_seal(NEW.detail_salt, NEW.detail);
  NEW.origin_salt := uuid_send(gen_random_uuid());
  NEW.origin_seal := audit_seal(NEW.origin_salt,
    audit_origin(NEW.address, NEW.user_agent, NEW.request_id));
  RETURN NEW;
END $$""",
    """
CREATE FUNCTION await_audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_unsealed (organization_id, event_id)
  SELECT organization_id, id FROM new_rows;
  RETURN NULL;
END $$""",
)
_TRIGGERS = (
    """
CREATE TRIGGER seal BEFORE INSERT ON audit_events
FOR EACH ROW EXECUTE FUNCTION seal_audit_event()""",
    """
CREATE TRIGGER await_link AFTER INSERT ON audit_events REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION await_audit_link()""",
)
_OLD_EVENTS = (
    """
UPDATE audit_events SET detail_salt = uuid_send(gen_random_uuid()),
  origin_salt = uuid_send(gen_random_uuid())""",
    """
UPDATE audit_events SET detail_seal = audit_seal(detail_salt, detail),
  origin_seal = audit_seal(origin_salt, audit_origin(address, user_agent, request_id))
""",
    """
INSERT INTO audit_unsealed (organization_id, event_id)
SELECT organization_id, id FROM audit_events""",
)
_SEALED = (
    "id, organization_id, at, actor, action, subject_type, subject_id,"
    " detail_seal, origin_seal"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, kind in _COLUMNS:
        op.add_column("audit_events", sa.Column(name, kind, nullable=True))
    _create_unsealed()
    _create_links()
    _create_heads()
    for statement in (*_FUNCTIONS, *_OLD_EVENTS):
        op.execute(statement)
    for name in ("detail_seal", "origin_seal"):
        op.alter_column("audit_events", name, nullable=False)
    for statement in _TRIGGERS:
        op.execute(statement)
    op.create_index(
        "uq_audit_events_organization_id_once",
        "audit_events",
        ["organization_id", "once"],
        unique=True,
        postgresql_where=sa.text("once IS NOT NULL"),
    )
    _index_instants("id")
    # The beat links events whose texts it may not read.
    op.execute("DROP POLICY system ON audit_events")
    op.execute(
        "CREATE POLICY system ON audit_events TO cloudrota_system"
        " USING (true) WITH CHECK (true)"
    )
    grant("audit_events", system=f"SELECT ({_SEALED})")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("audit_heads", "audit_links"):
        op.drop_table(name)
    op.execute("DROP TRIGGER await_link ON audit_events")
    op.execute("DROP TRIGGER seal ON audit_events")
    op.execute("DROP FUNCTION await_audit_link(), seal_audit_event()")
    op.execute("DROP FUNCTION audit_origin(text, text, text), audit_seal(bytea, jsonb)")
    op.drop_table("audit_unsealed")
    revoke = "REVOKE {} ON audit_events FROM cloudrota_system"
    op.execute(revoke.format(f"SELECT ({_SEALED})"))
    op.execute("DROP POLICY system ON audit_events")
    op.execute(
        "CREATE POLICY system ON audit_events FOR INSERT TO cloudrota_system"
        " WITH CHECK (true)"
    )
    _index_instants()
    op.drop_index("uq_audit_events_organization_id_once", "audit_events")
    for name, _ in _COLUMNS:
        op.drop_column("audit_events", name)


def _index_instants(*further: str) -> None:
    op.drop_index("ix_audit_events_at", "audit_events")
    columns = ["organization_id", "at", *further]
    op.create_index("ix_audit_events_at", "audit_events", columns)


def _of_event(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "event_id"],
        ["audit_events.organization_id", "audit_events.id"],
        name=op.f(f"fk_{table}_organization_id_event_id"),
    )


def _create_unsealed() -> None:
    op.create_table(
        "audit_unsealed",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "event_id", name=op.f("pk_audit_unsealed")
        ),
        _of_event("audit_unsealed"),
    )
    op.create_index("ix_audit_unsealed_event_id", "audit_unsealed", ["event_id"])
    protect(
        "audit_unsealed",
        app="SELECT, INSERT",
        worker="INSERT",
        system="SELECT, INSERT, DELETE",
    )


def _create_links() -> None:
    op.create_table(
        "audit_links",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "sealed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organization_id", "seq", name=op.f("pk_audit_links")),
        sa.UniqueConstraint(
            "organization_id",
            "event_id",
            name=op.f("uq_audit_links_organization_id_event_id"),
        ),
        _of_event("audit_links"),
    )
    protect("audit_links", app="SELECT", system="SELECT, INSERT")


def _create_heads() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_audit_heads_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "seq"],
            ["audit_links.organization_id", "audit_links.seq"],
            name=op.f("fk_audit_heads_organization_id_seq"),
        ),
        *(
            sa.UniqueConstraint(
                "organization_id",
                column,
                name=op.f(f"uq_audit_heads_organization_id_{column}"),
            )
            for column in ("id", "day", "seq")
        ),
    )
    protect("audit_heads", app="SELECT", worker="SELECT", system="SELECT, INSERT")
