"""The detectors detect: each rule over the catalogue reports what is planted against
it, each policy that is dropped shows foreign rows, and so does each query that forgets
its tenant, where no policy stands behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import true
from sqlalchemy.orm import InstrumentedAttribute

from app.models import Base
from tests.tenancy.catalogue import RULES, Rule
from tests.tenancy.routes import endpoints
from tests.tenancy.test_policies import (
    OF_A_PERSON,
    TABLES,
    logins_that_may,
    owners_seen,
)
from tests.tenancy.worlds import Ask, Worlds, asking, planted_only, without_policies

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Rule → statements, each of which it must report.
PLANTED: dict[str, list[str]] = {
    "every_table_is_a_tenants_or_says_why": [
        "CREATE TABLE of_nobody (id uuid PRIMARY KEY)",
        "ALTER TABLE subscription_plans ADD organization_id uuid",
    ],
    "row_level_security_is_forced": [
        "ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE tasks DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE new (organization_id uuid, id uuid)",
        "ALTER TABLE users NO FORCE ROW LEVEL SECURITY",
    ],
    "policies_are_the_tenants": [
        "ALTER POLICY tenant ON tasks USING (true)",
        "ALTER POLICY tenant ON tasks WITH CHECK (true)",
        "ALTER POLICY tenant ON tasks TO cloudrota_app",
        "ALTER POLICY tenant ON users USING (true)",
        "ALTER POLICY system ON tasks TO PUBLIC",
        "CREATE POLICY wide ON tasks FOR SELECT TO cloudrota_app USING (true)",
        "CREATE POLICY more ON members TO cloudrota_worker USING (true)",
        "DROP POLICY tenant ON tasks",
        "CREATE POLICY wide ON subscription_plans USING (true)",
    ],
    "rows_are_pointed_at_with_their_tenant": [
        "ALTER TABLE task_runs ADD FOREIGN KEY (task_id) REFERENCES tasks (id)",
        "ALTER TABLE tasks ADD FOREIGN KEY (id) REFERENCES user_identities NOT VALID",
    ],
    "ids_of_others_are_foreign_keys": ["ALTER TABLE tasks ADD problem_id uuid"],
    "tables_can_be_pointed_at_with_their_tenant": [
        "ALTER TABLE api_keys DROP CONSTRAINT uq_api_keys_organization_id_id",
    ],
    "unique_keys_begin_with_the_tenant": [
        "CREATE UNIQUE INDEX planted ON tasks (id, name)",
        "CREATE UNIQUE INDEX planted ON tasks (name) WHERE deleted_at IS NULL",
        "ALTER TABLE api_keys DROP CONSTRAINT uq_api_keys_prefix",
    ],
    "logins_are_nobody_special": [
        "ALTER ROLE cloudrota_app BYPASSRLS",
        "ALTER ROLE cloudrota_worker SUPERUSER",
        "ALTER ROLE cloudrota_system CREATEROLE",
        "GRANT cloudrota_owner TO cloudrota_app",
        "CREATE ROLE cloudrota_another LOGIN",
    ],
    "logins_may_only_what_is_granted": [
        "GRANT SELECT (ciphertext) ON aws_credential_versions TO cloudrota_app",
        "GRANT SELECT ON aws_credential_versions TO cloudrota_system",
        "GRANT UPDATE (detail) ON audit_events TO cloudrota_app",
        "GRANT DELETE ON audit_events TO cloudrota_worker",
        "GRANT UPDATE (hash) ON audit_links TO cloudrota_system",
        "GRANT TRUNCATE ON audit_links TO cloudrota_system",
        "GRANT DELETE ON audit_heads TO cloudrota_app",
        "GRANT TRUNCATE ON tasks TO cloudrota_worker",
        "GRANT SELECT ON execution_events_p_default TO cloudrota_app",
        "GRANT SELECT ON deliveries_p_default TO PUBLIC",
        "GRANT REFERENCES ON tasks TO cloudrota_app",
    ],
    "grants_beyond_tenants_are_pinned": [
        "GRANT SELECT (name) ON tasks TO cloudrota_system",
        "REVOKE SELECT (schedule) ON tasks FROM cloudrota_system",
        "GRANT DELETE ON outbox TO cloudrota_system",
        "GRANT UPDATE ON subscription_plans TO cloudrota_app",
    ],
    "grants_show_rows": [
        "DROP POLICY system ON tasks",
        "DROP POLICY lookup ON api_keys",
    ],
    "functions_run_as_their_caller": [
        "ALTER FUNCTION guard_status() SECURITY DEFINER",
        "ALTER FUNCTION lookup.email_token(bytea) SECURITY INVOKER",
        "ALTER FUNCTION lookup.email_token(bytea) RESET search_path",
        "ALTER FUNCTION lookup.email_token(bytea) OWNER TO cloudrota_owner",
        "GRANT EXECUTE ON FUNCTION lookup.email_token(bytea) TO PUBLIC",
    ],
    "no_view_hides_whose_rows_it_shows": [
        "CREATE VIEW everything AS SELECT * FROM tasks",
        "CREATE MATERIALIZED VIEW everything AS SELECT * FROM tasks",
    ],
    "schemas_are_the_owners": [
        "GRANT CREATE ON SCHEMA public TO cloudrota_app",
        "GRANT CREATE ON SCHEMA lookup TO PUBLIC",
    ],
}

# Models whose rows no route would show if its queries forgot their tenant, and why.
_THROUGH_ITS_EXECUTION = "found through an execution, which is the tenant's"
_NOT_READ = "no route reads it"
_NUMBERS = "a number, by its organization: tests/api/test_usage.py tells tenants apart"
BEHIND_ANOTHER = {
    "AWSCredentialVersion": "the API may not read it",
    "AuditLink": "found through an event, which is the tenant's",
    "UnsealedAuditEvent": _NOT_READ,
    "ChannelConfirmation": "found by a mailed token, or through a channel",
    "ChannelSecret": "the API may not read it",
    "ExecutionEvent": _THROUGH_ITS_EXECUTION,
    "ExecutionUnit": _THROUGH_ITS_EXECUTION,
    "Finding": _THROUGH_ITS_EXECUTION,
    "IdempotencyKey": "found by the actor, who is in one organization",
    "LiveEvent": "of the stream, which tests/api/test_events_tenancy.py attacks",
    "Member": "found by organization and user, of whom both are the caller's",
    "NoticeWant": _NOT_READ,
    "NotificationRuleChannel": "found through a rule, which is the tenant's",
    "NotificationWatch": _NOT_READ,
    "OutboxMessage": _THROUGH_ITS_EXECUTION,
    "Purge": "an instant for each kind of history, which names nobody",
    "RecordedNotice": _NOT_READ,
    "ResourceVersion": "found through a resource, which is the tenant's",
    "Scope": "found through an account, which is the tenant's",
    "ScopeRead": _THROUGH_ITS_EXECUTION,
    "Subscription": _NOT_READ,
    "TaskDependency": "found through a task, which is the tenant's",
    "TaskResult": _THROUGH_ITS_EXECUTION,
    "TaskRun": "found through a task, which is the tenant's",
    "TaskTarget": "found through a task, which is the tenant's",
    "TaskVersion": "found through a task, which is the tenant's",
    "UserSession": "a person's own",
    "UsageCount": _NUMBERS,
    "UsageMonth": _NUMBERS,
    "UsageWarning": _NOT_READ,
}


@asynccontextmanager
async def planted(
    connection: asyncpg.Connection, *statements: str
) -> AsyncIterator[None]:
    """What is planted is gone afterwards."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        for statement in statements:
            await connection.execute(statement)
        yield
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
async def test_a_rule_reports_what_is_planted(
    rule: Rule, superuser: asyncpg.Connection
) -> None:
    for statement in PLANTED[rule.__name__]:
        async with planted(superuser, statement):
            assert await rule(superuser), statement
    assert await rule(superuser) == []


@pytest.mark.parametrize("table", TABLES)
async def test_a_dropped_policy_shows_foreign_rows(
    table: str, superuser: asyncpg.Connection, worlds: Worlds
) -> None:
    mine, theirs = worlds.north.organization_id, worlds.foreign.organization_id
    everybody = "TO cloudrota_app, cloudrota_worker USING (true)"
    wide = (
        f"DROP POLICY tenant ON {table}",
        f"CREATE POLICY tenant ON {table} {everybody}",
    )
    for login in await logins_that_may(superuser, "SELECT", table):
        async with planted(superuser, *wide):
            assert {mine, theirs} <= await owners_seen(superuser, table, login, mine)
        if table not in OF_A_PERSON:
            assert await owners_seen(superuser, table, login, mine) == {mine}


# ── queries that forget their tenant ─────────────────────────────────────────────

TENANT_MODELS = sorted(
    mapper.class_.__name__
    for mapper in Base.registry.mappers
    if "organization_id" in mapper.columns
)


def _forget_tenant(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    """`Model.organization_id == <a tenant>` is true of every row from now on."""
    compare = InstrumentedAttribute.__eq__

    def forgetful(self: InstrumentedAttribute[Any], other: object) -> Any:
        is_forgotten = self.key == "organization_id" and self.class_.__name__ == model
        if is_forgotten and isinstance(other, UUID):
            return true()
        return compare(self, other)

    monkeypatch.setattr(InstrumentedAttribute, "__eq__", forgetful)


async def _foreign_rows_shown(ask: Ask, worlds: Worlds) -> list[str]:
    """The routes that show Mallory something of Acme's, asked for it by id or not."""
    traces = worlds.north.traces | worlds.south.traces
    shown = []
    for endpoint in endpoints():
        if endpoint.method != "GET" or endpoint.permission is None:
            continue
        if endpoint.is_stream:
            continue  # it does not end; its own tests plant the same
        url = endpoint.url(worlds.north.ids_for(endpoint.nouns))
        query = {
            name: str(worlds.north.id_of(endpoint.query_ids[name]))
            for name in endpoint.required_query
        }
        query |= planted_only(endpoint)
        answer = await ask(worlds.people.mallory.token, "GET", url, query=query)
        text = answer.text if answer.status_code == 200 else ""
        if any(trace in text for trace in traces):
            shown.append(endpoint.path)
    return shown


@pytest.mark.parametrize("model", TENANT_MODELS)
async def test_a_query_that_forgets_its_tenant_is_noticed(
    model: str,
    worlds: Worlds,
    monkeypatch: pytest.MonkeyPatch,
    template_app: FastAPI,
) -> None:
    """Or the model is excused, for as long as that is true."""
    async with asking(without_policies(worlds.full), template_app) as ask:
        with monkeypatch.context() as patch:
            _forget_tenant(patch, model)
            shown = await _foreign_rows_shown(ask, worlds)
    assert bool(shown) == (model not in BEHIND_ANOTHER), shown


async def test_policies_hold_where_every_query_forgets_its_tenant(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asking(worlds.full) as ask:
        with monkeypatch.context() as patch:
            for model in TENANT_MODELS:
                _forget_tenant(patch, model)
            assert await _foreign_rows_shown(ask, worlds) == []
