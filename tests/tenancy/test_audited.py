"""Each route that changes something writes one audit event, in the transaction of its
effect: every one of the application, in a world where it has something to change."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from pyotp import TOTP

from app.core.embedded import PostgresServer
from app.core.ids import new_id
from app.core.passwords import hash_password
from app.core.tokens import hash_token
from app.models.user import EmailTokenPurpose
from app.services import channel_confirmations, invitations
from app.services.email_tokens import text_of
from tests.tenancy.routes import Endpoint, endpoints
from tests.tenancy.worlds import SPARE, Ask, Worlds, asking, at, clone

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "world_audited"
CHANGING = [one for one in endpoints() if not one.only_reads]
PASSWORD = "a walk along the river"

# Routes after which there is no event, and why.
UNRECORDED = {
    "POST /api/v1/auth/refresh": "a session goes on, and nothing else",
    "POST /api/v1/auth/read-invitation": "it is looked at, and changes nothing",
    "POST /api/v1/webhooks/stripe": "a hint: what it is about is not known yet",
    "POST /api/v1/subscription/checkout": "needs a Stripe: tests/api/test_checkout.py",
    "POST /api/v1/subscription/portal": "needs a Stripe: tests/api/test_checkout.py",
}
# Routes that do several acts in one transaction.
SEVERAL = {
    # The example disables it, too.
    "PATCH /api/v1/tasks/{id}": {"task.edit", "task.disable"},
    "POST /api/v1/auth/register": {"organization.register", "session.start"},
    # An event for each role, and for each account that is new.
    "POST /api/v1/aws-credentials/bulk": {
        "aws_credentials.connected",
        "aws_account.connected",
    },
    # The last way into an account, and all that nothing can be done with any more.
    "DELETE /api/v1/aws-credentials/{id}": {
        "aws_credentials.deleted",
        "aws_account.disconnected",
        "task.target_dropped",
        "task.disabled",
    },
}


@dataclass
class Scene:
    """A world, in which Alice is about to ask for something with what is her own."""

    superuser: asyncpg.Connection
    ask: Ask
    worlds: Worlds
    body: Any = None
    """Instead of the example with Acme's ids."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Members of the body that are others than in its example."""
    ids: dict[str, Any] = field(default_factory=dict)
    """Ids of the path that are others than of Acme's rows."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def user_id(self) -> Any:
        return self.worlds.people.alice.user_id


# ── what must be there for a route to have an effect ─────────────────────────────


async def _a_password(scene: Scene) -> None:
    await scene.superuser.execute(
        "UPDATE users SET password_hash = $1 WHERE id = $2",
        *(await hash_password(PASSWORD), scene.user_id),
    )


async def _a_refresh_cookie(scene: Scene) -> None:
    await _a_password(scene)
    entry = {"email": "alice@example.com", "password": PASSWORD}
    answer = await scene.ask(None, "POST", "/api/v1/auth/login", body=entry)
    assert answer.status_code == 200
    scene.headers = {"X-Cloudrota-CSRF": "1"}


def _a_mailed_token(purpose: EmailTokenPurpose) -> Callable[[Scene], Awaitable[None]]:
    async def arrange(scene: Scene) -> None:
        id = new_id()
        token = text_of(scene.worlds.full, purpose, id)
        await scene.superuser.execute(
            "INSERT INTO email_tokens (id, user_id, purpose, token_hash, expires_at)"
            " VALUES ($1, $2, $3, $4, app_now() + interval '10 minutes')",
            *(id, scene.user_id, purpose.value, hash_token(token)),
        )
        scene.changes["token"] = token

    return arrange


async def _another_address(scene: Scene) -> None:
    scene.changes["email"] = "new@example.com"


async def _ones_own_session(scene: Scene) -> None:
    scene.ids["id"] = scene.worlds.people.alice.actor.session_id


async def _another_organization(scene: Scene) -> None:
    other = scene.worlds.foreign.organization_id
    await scene.superuser.execute(
        "INSERT INTO members (id, organization_id, user_id, role)"
        " VALUES ($1, $2, $3, 'viewer')",
        *(new_id(), other, scene.user_id),
    )
    scene.changes["organization_id"] = str(other)


def _an_execution(status: str) -> Callable[[Scene], Awaitable[None]]:
    async def arrange(scene: Scene) -> None:
        await scene.superuser.execute("SET session_replication_role = replica")
        await scene.superuser.execute(
            "UPDATE task_executions SET status = $1, finished_at = NULL,"
            " kind = 'mutate' WHERE id = $2",
            *(status, scene.worlds.north.id_of("task_executions")),
        )

    return arrange


async def _nothing_after_it(scene: Scene) -> None:
    await scene.superuser.execute("DELETE FROM task_dependencies")


async def _what_failed(scene: Scene) -> None:
    failed = scene.worlds.north.id_of("task_executions")
    scene.body = {"execution_ids": [str(failed)]}


async def _another_member(scene: Scene) -> None:
    """Whom Alice may change: Adam."""
    adam = scene.worlds.people.adam.user_id
    found = "SELECT id FROM members WHERE user_id = $1"
    scene.ids["id"] = await scene.superuser.fetchval(found, adam)


async def _an_heir(scene: Scene) -> None:
    await _another_member(scene)
    scene.changes["member_id"] = str(scene.ids.pop("id"))


async def _another_owner(scene: Scene) -> None:
    adam = scene.worlds.people.adam.user_id
    await scene.superuser.execute(
        "UPDATE members SET role = 'owner' WHERE user_id = $1", adam
    )


async def _another_name(scene: Scene) -> None:
    scene.changes["name"] = "Ajax"


async def _an_invitation(scene: Scene) -> None:
    invitation = scene.worlds.north.id_of("invitations")
    token = invitations.token_of(scene.worlds.full, invitation)
    await scene.superuser.execute(
        "UPDATE invitations SET token_hash = $1, email = 'new@example.com',"
        " expires_at = app_now() + interval '10 minutes' WHERE id = $2",
        *(hash_token(token), invitation),
    )
    scene.changes["token"] = token


def _entered(body: dict[str, Any]) -> Callable[[Scene], Awaitable[None]]:
    """Without ids: which there may be depends on the type."""

    async def arrange(scene: Scene) -> None:
        scene.body = body

    return arrange


_OF_MANAGERS = {"configuration": {"type": "email", "to": "managers"}}


async def _a_confirmation(scene: Scene) -> None:
    id = scene.worlds.north.id_of("channel_confirmations")
    token = channel_confirmations.token_of(scene.worlds.full, id)
    await scene.superuser.execute(
        "UPDATE channel_confirmations SET token_hash = $1, used_at = NULL,"
        " expires_at = app_now() + interval '10 minutes', address = ("
        " SELECT configuration ->> 'address' FROM notification_channels c"
        " WHERE c.id = channel_id) WHERE id = $2",
        *(hash_token(token), id),
    )
    scene.changes["token"] = token


async def _a_deletion_to_come(scene: Scene) -> None:
    await scene.superuser.execute(
        "UPDATE organizations SET deletion_due_at = app_now()"
    )


async def _a_proof(scene: Scene) -> None:
    await _a_password(scene)
    scene.body = {"password": PASSWORD}


async def _an_authenticator(scene: Scene) -> None:
    made = await _by_alice(scene, "/api/v1/auth/mfa/totp", None)
    scene.changes["code"] = TOTP(made["secret"]).now()


async def _a_second_factor(scene: Scene) -> None:
    await _an_authenticator(scene)
    code = {"code": scene.changes.pop("code")}
    await _by_alice(scene, "/api/v1/auth/mfa/totp/confirm", code)


async def _by_alice(scene: Scene, url: str, body: Any) -> Any:
    token = scene.worlds.people.alice.token
    answer = await scene.ask(token, "POST", url, body=body)
    assert answer.is_success, answer.text
    return answer.json()


async def _one_thing_to_mute(scene: Scene) -> None:
    account_id = str(scene.worlds.north.id_of("aws_accounts"))
    scene.body = {"account_id": account_id, "until": "2100-01-01T00:00:00Z"}


async def _what_waits_for_the_mute(scene: Scene) -> None:
    """The mute's row goes, and leaves no trace but what is looked at again."""
    await scene.superuser.execute(
        "UPDATE notification_watches w SET due_at = m.until FROM notification_mutes m"
        " WHERE m.organization_id = w.organization_id AND m.id = $1",
        scene.worlds.north.id_of("notification_mutes"),
    )


async def _nothing_taken_by_the_endpoint(scene: Scene) -> None:
    await scene.superuser.execute(
        "UPDATE deliveries SET channel_id = NULL, endpoint_id = $1"
        " WHERE channel_id = $2",
        scene.worlds.north.id_of("webhook_endpoints"),
        scene.worlds.north.id_of("notification_channels"),
    )


ARRANGED: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "POST /api/v1/auth/register": _another_address,
    "POST /api/v1/auth/login": _a_password,
    "POST /api/v1/auth/logout": _a_refresh_cookie,
    "POST /api/v1/auth/verify-email": _a_mailed_token(EmailTokenPurpose.VERIFY_EMAIL),
    "POST /api/v1/auth/reset-password": _a_mailed_token(
        EmailTokenPurpose.RESET_PASSWORD
    ),
    "POST /api/v1/auth/change-password": _a_password,
    "POST /api/v1/auth/switch": _another_organization,
    "POST /api/v1/auth/step-up": _a_proof,
    "POST /api/v1/auth/mfa/totp/confirm": _an_authenticator,
    "DELETE /api/v1/auth/mfa/totp": _a_second_factor,
    "POST /api/v1/auth/mfa/recovery-codes": _a_second_factor,
    "POST /api/v1/auth/leave": _another_owner,
    "POST /api/v1/auth/delete-account": _another_owner,
    "POST /api/v1/auth/accept-invitation": _an_invitation,
    "POST /api/v1/notification-channels": _entered(
        {"name": "Managers", **_OF_MANAGERS}
    ),
    "PATCH /api/v1/notification-channels/{id}": _entered(_OF_MANAGERS),
    "POST /api/v1/notification-channels/confirm": _a_confirmation,
    "PATCH /api/v1/members/{id}": _another_member,
    "DELETE /api/v1/members/{id}": _another_member,
    "PATCH /api/v1/organization": _another_name,
    "POST /api/v1/organization/transfer": _an_heir,
    "DELETE /api/v1/organization/deletion": _a_deletion_to_come,
    "DELETE /api/v1/auth/sessions/{id}": _ones_own_session,
    "POST /api/v1/executions/{id}/resolve": _an_execution("interrupted"),
    "POST /api/v1/executions/{id}/cancel": _an_execution("queued"),
    "POST /api/v1/executions/rerun": _what_failed,
    "DELETE /api/v1/tasks/{id}": _nothing_after_it,
    "POST /api/v1/notification-mutes": _one_thing_to_mute,
    "DELETE /api/v1/notification-mutes/{id}": _what_waits_for_the_mute,
    "POST /api/v1/webhook-endpoints/{id}/deliveries/replay": (
        _nothing_taken_by_the_endpoint
    ),
}


# ── what is compared ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "endpoint", [one for one in CHANGING if str(one) not in UNRECORDED], ids=str
)
async def test_a_route_that_changes_something_writes_one_event_with_its_effect(
    endpoint: Endpoint,
    worlds: Worlds,
    postgres_server: PostgresServer,
    template_app: FastAPI,
) -> None:
    dsn = postgres_server.superuser_dsn
    await clone(dsn, SPARE, NAME)
    superuser = await asyncpg.connect(dsn, database=NAME)
    try:
        async with asking(at(worlds.full, NAME), template_app) as ask:
            scene = Scene(superuser, ask, worlds)
            if str(endpoint) in ARRANGED:
                await ARRANGED[str(endpoint)](scene)
            before = await superuser.fetchval("SELECT pg_current_xact_id()::text")
            said = await _do(endpoint, scene)
            written = await _written_since(superuser, int(before))
            events = await _events_since(superuser, int(before))
    finally:
        await superuser.close()
    assert written, f"see ARRANGED: it had no effect, and said {said}"
    assert set(events) == set(written), "events and effects are of other transactions"
    recorded = [action for actions in events.values() for action in actions]
    if str(endpoint) in SEVERAL:
        assert set(recorded) == SEVERAL[str(endpoint)]
    else:
        assert len(recorded) == 1, recorded


async def _do(endpoint: Endpoint, scene: Scene) -> str:
    own = scene.worlds.north
    body = scene.body or endpoint.body_of(own.id_of)
    if scene.changes:
        body = body | scene.changes
    answer = await scene.ask(
        scene.worlds.people.alice.token,
        endpoint.method,
        endpoint.url(own.ids_for(endpoint.nouns) | scene.ids),
        body=body,
        headers=scene.headers,
    )
    assert answer.is_success, f"see ARRANGED: it said {answer.text}"
    return answer.text


async def _written_since(superuser: asyncpg.Connection, xid: int) -> dict[int, Any]:
    """The tables of which rows were made or changed, by transaction, but for what an
    event itself brings along."""
    tables = await superuser.fetch(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'audit%'"
    )
    found: dict[int, set[str]] = {}
    for table in tables:
        rows = await superuser.fetch(
            "SELECT DISTINCT xmin::text::bigint AS xid"  # noqa: S608 — our own tables
            f" FROM {table['name']} WHERE xmin::text::bigint > $1",
            xid,
        )
        for row in rows:
            found.setdefault(row["xid"], set()).add(table["name"])
    return found


async def _events_since(
    superuser: asyncpg.Connection, xid: int
) -> dict[int, list[str]]:
    rows = await superuser.fetch(
        "SELECT xmin::text::bigint AS xid, action FROM audit_events"
        " WHERE xmin::text::bigint > $1",
        xid,
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row["xid"], []).append(row["action"])
    return found


async def test_what_is_said_of_a_route_is_of_one_that_is_there() -> None:
    named = UNRECORDED.keys() | SEVERAL.keys() | ARRANGED.keys()
    assert named <= {str(endpoint) for endpoint in CHANGING}
