"""Rules: who is told of what and when, what is muted, and what a rule watches on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import protect

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)
_NOW = sa.text("app_now()")
_PARENTS = {
    "task_id": "tasks",
    "aws_account_id": "aws_accounts",
    "problem_id": "problems",
    "channel_id": "notification_channels",
    "rule_id": "notification_rules",
}
# Each organization is told of its problems from the start, and of their end.
_DEFAULT_RULES = """
INSERT INTO notification_rules
  (id, organization_id, name, enabled, events, wants, filters, delay_seconds, recovery)
SELECT gen_random_uuid(), c.organization_id, 'Problems', true, e.events, e.events,
  '{"severity": "info"}', 0, true
FROM notification_channels c,
  (SELECT '["problem.closed", "problem.opened"]'::jsonb AS events) e
WHERE c.name = 'Owners and admins' AND c.deleted_at IS NULL
"""
_DEFAULT_CHANNELS = """
INSERT INTO notification_rule_channels (organization_id, rule_id, channel_id)
SELECT r.organization_id, r.id, c.id FROM notification_rules r
JOIN notification_channels c ON c.organization_id = r.organization_id
WHERE c.name = 'Owners and admins' AND c.deleted_at IS NULL
"""
_DEFAULT_WANTS = """
INSERT INTO notice_wants (organization_id, event)
SELECT r.organization_id, e.event FROM notification_rules r,
  jsonb_array_elements_text(r.wants) AS e (event)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_rules()
    _create_rule_channels()
    _create_mutes()
    _create_watches()
    for statement in (_DEFAULT_RULES, _DEFAULT_CHANNELS, _DEFAULT_WANTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("watches", "mutes", "rule_channels", "rules"):
        op.drop_table(f"notification_{name}")


def _json(name: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, nullable=nullable)


def _of_organization(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id"],
        ["organizations.id"],
        name=op.f(f"fk_{table}_organization_id"),
    )


def _belongs_to(table: str, column: str) -> sa.ForeignKeyConstraint:
    parent = _PARENTS[column]
    return sa.ForeignKeyConstraint(
        ["organization_id", column],
        [f"{parent}.organization_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_organization_id_{column}"),
        ondelete="CASCADE" if column == "problem_id" else None,
    )


def _create_rules() -> None:
    op.create_table(
        "notification_rules",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _json("events"),
        _json("wants"),
        _json("filters"),
        sa.Column("after", sa.Integer(), nullable=True),
        sa.Column("delay_seconds", sa.Integer(), nullable=False),
        sa.Column("repeat_seconds", sa.Integer(), nullable=True),
        sa.Column("recovery", sa.Boolean(), nullable=False),
        _json("digest", nullable=True),
        _json("quiet_hours", nullable=True),
        sa.Column("created_at", _AT, server_default=_NOW, nullable=False),
        sa.Column("updated_at", _AT, server_default=_NOW, nullable=False),
        sa.Column("deleted_at", _AT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        _of_organization("notification_rules"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_rules")),
        sa.UniqueConstraint(
            "organization_id",
            "id",
            name=op.f("uq_notification_rules_organization_id_id"),
        ),
    )
    op.create_index(
        "uq_notification_rules_organization_id_name",
        "notification_rules",
        ["organization_id", "name"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    protect("notification_rules", app="SELECT, INSERT, UPDATE", worker="SELECT")


def _create_rule_channels() -> None:
    table = "notification_rule_channels"
    op.create_table(
        table,
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        _of_organization(table),
        _belongs_to(table, "rule_id"),
        _belongs_to(table, "channel_id"),
        sa.PrimaryKeyConstraint(
            "organization_id", "rule_id", "channel_id", name=op.f(f"pk_{table}")
        ),
    )
    op.create_index(f"ix_{table}_channel", table, ["organization_id", "channel_id"])
    protect(table, app="SELECT, INSERT, DELETE", worker="SELECT")


def _create_mutes() -> None:
    table = "notification_mutes"
    op.create_table(
        table,
        *(sa.Column(column, sa.Uuid(), nullable=True) for column in _PARENTS),
        sa.Column("until", _AT, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", _AT, server_default=_NOW, nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            f"num_nonnulls({', '.join(_PARENTS)}) = 1",
            name=op.f(f"ck_{table}_mutes_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f(f"fk_{table}_created_by")
        ),
        _of_organization(table),
        *(_belongs_to(table, column) for column in _PARENTS),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_until", table, ["organization_id", "until"])
    op.create_index(f"ix_{table}_problem", table, ["organization_id", "problem_id"])
    protect(table, app="SELECT, INSERT, DELETE", worker="SELECT")


def _create_watches() -> None:
    table = "notification_watches"
    op.create_table(
        table,
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("problem_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("since", _AT, nullable=True),
        sa.Column("told_at", _AT, nullable=True),
        sa.Column("due_at", _AT, nullable=True),
        _of_organization(table),
        _belongs_to(table, "rule_id"),
        _belongs_to(table, "problem_id"),
        sa.PrimaryKeyConstraint(
            "organization_id", "rule_id", "subject", name=op.f(f"pk_{table}")
        ),
    )
    op.create_index(
        f"ix_{table}_due_at",
        table,
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(f"ix_{table}_subject", table, ["organization_id", "subject"])
    op.create_index(f"ix_{table}_problem", table, ["organization_id", "problem_id"])
    # The API only has a mute's watches looked at again when it is lifted.
    protect(
        table,
        app="SELECT, UPDATE (due_at)",
        worker="SELECT, INSERT, UPDATE",
        system="SELECT (organization_id, due_at)",
    )
