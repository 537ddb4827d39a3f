"""Organizations that will be deleted, people who want to be, and what was erased."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "organizations",
        sa.Column("deletion_due_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column(
        "users",
        sa.Column("erasure_asked_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.execute("GRANT UPDATE (deletion_due_at) ON organizations TO cloudrota_app")
    op.execute("GRANT UPDATE (erasure_asked_at) ON users TO cloudrota_app")
    # The owner's alone: it outlives whom it is about, and says nothing about them.
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "counts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("erasures")
    op.drop_column("users", "erasure_asked_at")
    op.drop_column("organizations", "deletion_due_at")
