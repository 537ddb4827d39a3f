"""What the rules over the catalogue let be, each with its reason. A name that no longer
needs its exception is itself a violation."""

# Tables without `organization_id`: they belong to no tenant, or are the tenant.
NOT_TENANTS = {
    "alembic_version": "the number of the schema",
    "organizations": "the tenant itself; its policy compares `id`",
    "users": "a person may be in several organizations; policy: oneself and colleagues",
    "user_identities": "a person's; policy: oneself",
    "email_tokens": "a person's; policy: oneself",
    "authenticators": "a person's; policy: oneself",
    "recovery_codes": "a person's; policy: oneself",
    "subscription_plans": "the price list, the same for everybody",
    "plan_prices": "the price list of before as well, the same for everybody",
    "spent_trials": "outlives the person and the organization; its keys are HMACs",
    "throttles": "counted before anybody is known; its keys are HMACs",
    "stripe_events": "of some it is not known, or not believed, whose they are",
    "erasures": "the owner's alone; whom it is about is gone",
    "restores": "of the deployment: that its database was restored, and when",
    "pulses": "of the deployment: that a beat is there",
}

# Tables with row-level security whose policy says something else than the tenant.
_TENANT = "NULLIF(current_setting('app.organization_id'::text, true), ''::text)"
_USER = "NULLIF(current_setting('app.user_id'::text, true), ''::text)"
MINE = f"(organization_id = ({_TENANT})::uuid)"
_ONESELF = f"(user_id = ({_USER})::uuid)"
POLICIES = {
    "organizations": f"(id = ({_TENANT})::uuid)",
    "users": (
        f"((id = ({_USER})::uuid) OR (EXISTS ( SELECT FROM members WHERE"
        f" ((members.user_id = users.id) AND (members.organization_id ="
        f" ({_TENANT})::uuid)))))"
    ),
    "user_identities": _ONESELF,
    "email_tokens": _ONESELF,
    "authenticators": _ONESELF,
    "recovery_codes": _ONESELF,
    "user_sessions": _ONESELF,
}

# Tables without row-level security; what may be done with them is pinned instead.
WITHOUT_POLICIES = {
    "alembic_version",
    "subscription_plans",
    "plan_prices",
    "stripe_events",
    "erasures",
    "restores",
    "pulses",
    "throttles",
    "spent_trials",
}

# Further policies of a tenant's logins: (table, policy) → (login, command, expression).
FURTHER_POLICIES = {
    # A worker mails a token knowing its organization and not its user.
    ("email_tokens", "colleagues"): (
        "cloudrota_worker",
        "r",
        (
            "(EXISTS ( SELECT FROM members WHERE ((members.user_id ="
            f" email_tokens.user_id) AND (members.organization_id = ({_TENANT})::uuid)"
            ")))"
        ),
    ),
}

# What the worker may delete of its tenant's: only what the plan no longer keeps.
_KEPT = "( SELECT kept_since() AS kept_since)"
_OLD_EXECUTION = (
    "(EXISTS ( SELECT FROM task_executions e WHERE ((e.id = {table}.execution_id) AND"
    f" (e.finished_at < {_KEPT}))))"
)
_OLD_FIND = "( SELECT (kept_since() - '2 days'::interval))"
_DELETABLE = {
    "task_executions": f"(finished_at < {_KEPT})",
    "execution_units": _OLD_EXECUTION.format(table="execution_units"),
    "task_results": _OLD_EXECUTION.format(table="task_results"),
    "execution_events": _OLD_EXECUTION.format(table="execution_events"),
    "artifacts": (
        "(((status)::text = ANY ((ARRAY['failed'::character varying,"
        " 'purged'::character varying])::text[])) AND "
        + _OLD_EXECUTION.format(table="artifacts")
        + ")"
    ),
    "task_runs": f"(finished_at < {_KEPT})",
    "problems": f"(closed_at < {_KEPT})",
    "deliveries": f"(at < {_KEPT})",
    "notices": (
        f"((routed_at IS NOT NULL) AND (set_aside_at IS NULL) AND (at < {_KEPT}))"
    ),
    "resources": f"(gone_at < {_OLD_FIND})",
    "resource_versions": f"(until_at < {_OLD_FIND})",
    "findings": f"(until_at < {_OLD_FIND})",
    "scope_reads": f"(read_at < {_OLD_FIND})",
    "outbox": (
        "(((status)::text <> 'pending'::text) AND"
        " (created_at < (app_now() - '30 days'::interval)))"
    ),
    "idempotency_keys": "(created_at < (app_now() - '3 days'::interval))",
}
FURTHER_POLICIES |= {
    (table, "retention"): ("cloudrota_worker", "d", is_old)
    for table, is_old in _DELETABLE.items()
}

# Tenant tables without a unique (organization_id, id) of its own.
_PARTITIONED = "partitioned by time, so that every unique key holds `at`"
WITHOUT_COMPOSITE_KEY = {
    "audit_links": "its primary key is tenant and number",
    "audit_unsealed": "its primary key is tenant and event",
    "idempotency_keys": "its primary key is tenant, actor, route and key",
    "purges": "its primary key is tenant and kind",
    "usage_months": "its primary key is tenant and month",
    "task_targets": "its primary key is tenant, task and account",
    "task_dependencies": "its primary key is tenant and both tasks",
    "notification_rule_channels": "its primary key is tenant, rule and channel",
    "notification_watches": "its primary key is tenant, rule and subject",
    "execution_events": _PARTITIONED,
    "live_events": "its primary key is tenant, transaction and number",
    "notice_wants": "its primary key is tenant and event",
    "deliveries": _PARTITIONED,
    "usage_counts": "its primary key is tenant and metric",
    "user_sessions": "a person's, as its policy says; nothing points at it",
}

# Unique keys that do not begin with the tenant, besides primary keys on `id`.
WIDER_UNIQUE_KEYS = {
    "uq_api_keys_prefix": "an API key is looked up before its tenant is known",
    "uq_subscriptions_stripe_customer_id": "Stripe's event names only the customer",
    "uq_invitations_token_hash": "looked up before anybody is known",
    "uq_channel_confirmations_token_hash": "looked up before anybody is known",
    "ix_user_sessions_token_hash": "looked up before anybody is known",
    "ix_user_sessions_previous_token_hash": "same, for a token used twice",
}

# Ids that are no foreign keys.
LOOSE_IDS = {
    "notification_watches.notice_id": "kept when the notice is purged",
    "outbox.subject_id": "of another table for each kind of job",
    "audit_events.subject_id": "of any table, and kept when the subject is erased",
    "notices.task_id": "of what happened, and kept when that is deleted before",
    "notices.run_id": "same",
    "notices.execution_id": "same",
    "notices.problem_id": "same",
    "scopes.task_id": "who read last, kept when that task's rows are purged",
    "scopes.execution_id": "same",
    "deliveries.rule_id": "by which rule, kept when that is deleted",
    "deliveries.notice_id": "what was told, kept when that is purged",
    "deliveries.problem_id": "same",
    "deliveries.bundle_id": "of one message, which is no row",
    "deliveries.replay_of": "another delivery, which may be purged before",
}

# What a tenant's table may point at with a plain foreign key.
SHARED_PARENTS = {
    "organizations": "the tenant itself",
    "users": "a person may be in several organizations",
    "subscription_plans": "the price list",
}

# Who may do what with ciphertext: the API writes it and never reads it.
CIPHERTEXT_GRANTS = {
    ("cloudrota_app", "INSERT"),
    ("cloudrota_worker", "SELECT"),
    ("cloudrota_worker", "DELETE"),
}
