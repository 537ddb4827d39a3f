"""What an execution is run by is written with its claim, under that claim's login. The
worker's login keeps its grant, for processes of the version before."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_BY = "UPDATE (catalog_version, application_version) ON task_executions"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"GRANT {_BY} TO cloudrota_system")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"REVOKE {_BY} FROM cloudrota_system")
