"""A limit that has changed is warned of anew, in the same month too."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_TABLE = "usage_warnings"
_BEFORE = ("organization_id", "month", "metric", "threshold")
_NOW = (*_BEFORE, "allowed")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _be_unique_by(_NOW, instead_of=_BEFORE)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "DELETE FROM usage_warnings later USING usage_warnings first"
        " WHERE (later.organization_id, later.month, later.metric, later.threshold)"
        " = (first.organization_id, first.month, first.metric, first.threshold)"
        " AND later.id > first.id"
    )
    _be_unique_by(_BEFORE, instead_of=_NOW)


def _be_unique_by(columns: tuple[str, ...], *, instead_of: tuple[str, ...]) -> None:
    op.drop_constraint(_name(instead_of), _TABLE)
    op.create_unique_constraint(_name(columns), _TABLE, list(columns))


def _name(columns: tuple[str, ...]) -> str:
    return op.f(f"uq_{_TABLE}_{'_'.join(columns)}")
