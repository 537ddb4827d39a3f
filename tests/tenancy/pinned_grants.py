"""What is granted beyond any tenant, by table and privilege, column by column: each is
a decision. `*` is the whole table."""

Grants = dict[tuple[str, str], set[str]]

# To the logins of the API and the worker, on tables that no policy protects.
UNPROTECTED_GRANTS: dict[str, Grants] = {
    "cloudrota_app": {
        ("stripe_events", "SELECT"): {"id"},
        ("stripe_events", "INSERT"): {"*"},
        ("subscription_plans", "SELECT"): {"*"},
    },
    "cloudrota_worker": {("subscription_plans", "SELECT"): {"*"}},
}

# To the login `system`, which sees every tenant's rows.
SYSTEM_GRANTS: Grants = {
    ("aws_accounts", "SELECT"): {"connected", "id", "labels", "organization_id"},
    ("execution_events", "SELECT"): {"*"},
    ("execution_events", "INSERT"): {"*"},
    ("organizations", "SELECT"): {"deleted_at", "id"},
    ("outbox", "SELECT"): {"*"},
    ("outbox", "INSERT"): {"*"},
    ("outbox", "UPDATE"): {
        "attempts",
        "available_at",
        "done_at",
        "error",
        "fence",
        "lease_until",
        "status",
    },
    ("stripe_events", "SELECT"): {"*"},
    ("subscription_plans", "SELECT"): {"*"},
    ("subscriptions", "SELECT"): {
        "id",
        "organization_id",
        "past_due_since",
        "plan_code",
        "status",
    },
    ("task_executions", "SELECT"): {"*"},
    ("task_executions", "INSERT"): {"*"},
    ("task_executions", "UPDATE"): {
        "attempt",
        "deadline",
        "error",
        "fence",
        "finished_at",
        "hinted_at",
        "lease_owner",
        "lease_until",
        "reason",
        "started_at",
        "status",
    },
    ("task_runs", "SELECT"): {"*"},
    ("task_runs", "INSERT"): {"*"},
    ("task_runs", "UPDATE"): {"finished_at", "reason", "status"},
    ("task_targets", "SELECT"): {"*"},
    ("task_versions", "SELECT"): {"id", "organization_id", "task_id", "version"},
    ("tasks", "SELECT"): {
        "deleted_at",
        "enabled",
        "id",
        "kind",
        "misfire_grace_seconds",
        "next_run_at",
        "organization_id",
        "overlap",
        "priority",
        "schedule",
        "selector",
        "timeout_seconds",
        "timezone",
        "version",
    },
    ("tasks", "UPDATE"): {"disabled_reason", "enabled", "next_run_at"},
}
