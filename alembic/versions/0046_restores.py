"""Restores of the database: while one is open nothing is planned and nothing begun."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import grant

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_AN_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "restores",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("noticed_at", _AN_INSTANT, nullable=False),
        sa.Column("noticed_by", sa.String(), nullable=False),
        sa.Column("sign", sa.String(), nullable=False),
        sa.Column("resumed_at", _AN_INSTANT, nullable=True),
        sa.Column("resumed_by", sa.String(), nullable=True),
        sa.Column(
            "counts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restores")),
    )
    op.alter_column("restores", "noticed_at", server_default=sa.text("app_now()"))
    op.create_index(
        *("one_restore_is_open", "restores", [sa.text("(resumed_at IS NULL)")]),
        unique=True,
        postgresql_where=sa.text("resumed_at IS NULL"),
    )
    op.create_table(
        "pulses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("server", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("at", _AN_INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulses")),
    )
    op.create_index(
        *("there_is_one_pulse", "pulses", [sa.text("(id IS NOT NULL)")]), unique=True
    )
    grant("restores", system="SELECT, INSERT")
    grant("pulses", system="SELECT, INSERT, UPDATE (server, count, at)")
    op.execute(
        "CREATE FUNCTION is_paused() RETURNS boolean LANGUAGE sql STABLE AS $$"
        " SELECT EXISTS (SELECT FROM restores WHERE resumed_at IS NULL) $$"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION is_paused()")
    op.drop_table("pulses")
    op.drop_table("restores")
