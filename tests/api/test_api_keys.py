"""API keys: who makes, sees and revokes which, and what they may."""

import json
import re
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.api_keys import prefix_of
from app.core.permissions import OPEN_TO_KEYS
from app.models.audit import AuditEvent
from app.models.organization import APIKey
from app.models.user import User
from tests.api.signing import field_of
from tests.builders import make_account
from tests.conftest import ROOT, Client
from tests.personae import People, Persona

DOCUMENT = ROOT / "docs/api-keys.md"
PATH = "/api/v1/api-keys"
READING = ["accounts.read", "tasks.read"]


def wanted(**changes: Any) -> dict[str, Any]:
    return {"name": "report", "kind": "personal", "scopes": READING, **changes}


async def make(person: AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await person.post(PATH, json=wanted(**changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def bearing(client: Client, key: str) -> AsyncClient:
    one = client(None)
    one.headers["Authorization"] = f"Bearer {key}"
    return one


@pytest.fixture
def alice(client: Client, people: People) -> AsyncClient:
    return client(people.alice)


async def test_who_has_not_proven_the_address_makes_no_keys(
    client: Client, people: People, alice: AsyncClient, owner: AsyncSession
) -> None:
    """The keys would stay with whoever registered another's address."""
    unproven = update(User).where(User.id == people.alice.user_id)
    await owner.execute(unproven.values(email_verified_at=None))
    await owner.commit()
    for kind in ("personal", "service"):
        answer = await alice.post(PATH, json=wanted(kind=kind))
        refused = answer.status_code, answer.json()["code"]
        assert refused == (403, "email-not-verified")
    assert await owner.scalar(select(func.count()).select_from(APIKey)) == 0


async def test_a_key_is_shown_once_and_works_at_once(
    client: Client, people: People, alice: AsyncClient
) -> None:
    made = await make(alice, allowed_addresses=["127.0.0.1", "2001:db8::/32"])
    assert prefix_of(made["key"]) == made["prefix"]
    assert made["owner"] == {"id": str(people.alice.user_id), "name": "Alice"}
    assert made["allowed_addresses"] == ["127.0.0.1/32", "2001:db8::/32"]
    assert made["state"] == "active"
    answer = await bearing(client, made["key"]).get("/api/v1/tasks")
    assert answer.status_code == 200, answer.text
    one = await alice.get(f"{PATH}/{made['id']}")
    assert one.json()["last_used_at"] is not None
    secret = made.pop("key")
    assert one.json() == made | {"last_used_at": one.json()["last_used_at"]}
    assert (await alice.get(PATH)).json()["items"] == [one.json()]
    assert secret not in (await alice.get(PATH)).text


async def test_only_its_hash_is_kept(alice: AsyncClient, owner: AsyncSession) -> None:
    made = await make(alice)
    row = (await owner.scalars(select(APIKey))).one()
    assert made["key"].encode() not in row.secret_hash
    assert len(row.secret_hash) == 32


async def test_members_see_and_revoke_their_own(
    client: Client, people: People, alice: AsyncClient
) -> None:
    of_alice = await make(alice)
    olga = client(people.olga)
    of_olga = await make(olga)
    assert [one["id"] for one in (await olga.get(PATH)).json()["items"]] == [
        of_olga["id"]
    ]
    assert (await olga.get(f"{PATH}/{of_alice['id']}")).status_code == 404
    assert (await olga.delete(f"{PATH}/{of_alice['id']}")).status_code == 404
    assert (await olga.delete(f"{PATH}/{of_olga['id']}")).status_code == 204


async def test_administrators_see_and_revoke_all(
    client: Client, people: People
) -> None:
    of_olga = await make(client(people.olga))
    adam = client(people.adam)
    of_all = await make(adam, kind="service")
    assert of_all["owner"] is None
    seen = (await adam.get(PATH)).json()["items"]
    assert [one["id"] for one in seen] == [of_all["id"], of_olga["id"]]
    assert (await adam.delete(f"{PATH}/{of_olga['id']}")).status_code == 204
    answer = await bearing(client, of_olga["key"]).get("/api/v1/tasks")
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["olga", "clara"])
async def test_only_administrators_make_service_keys(
    client: Client, people: People, name: str
) -> None:
    answer = await client(getattr(people, name)).post(PATH, json=wanted(kind="service"))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_viewer_makes_none(client: Client, people: People) -> None:
    answer = await client(people.victor).post(PATH, json=wanted())
    assert answer.status_code == 403


@pytest.mark.parametrize("kind", ["personal", "service"])
async def test_a_key_makes_sees_and_revokes_no_keys(
    client: Client, alice: AsyncClient, kind: str, owner: AsyncSession
) -> None:
    made = await make(alice, kind=kind)
    # As if it had been made before keys could not have it.
    await owner.execute(
        text("""UPDATE api_keys SET scopes = '["api_keys.read", "api_keys.edit"]'""")
    )
    await owner.commit()
    key = bearing(client, made["key"])
    for method, path in (
        ("GET", PATH),
        ("POST", PATH),
        ("GET", f"{PATH}/{made['id']}"),
        ("DELETE", f"{PATH}/{made['id']}"),
    ):
        answer = await key.request(method, path, json=wanted())
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a scope nobody knows": ({"scopes": ["tasks.eat"]}, "/scopes/0"),
    "a scope no key may have": ({"scopes": ["api_keys.edit"]}, "/scopes/0"),
    "a scope beyond the role": (
        {"scopes": ["tasks.read", "accounts.edit"]},
        "/scopes/1",
    ),
    "no scope": ({"scopes": []}, "/scopes"),
    "an end in the past": ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
    "an end without a zone": ({"expires_at": "2099-01-01T00:00:00"}, "/expires_at"),
    "an end in no year": (
        {"expires_at": "9999-12-31T23:59:59-14:00"},
        "/expires_at",
    ),
    "no address": ({"allowed_addresses": []}, "/allowed_addresses"),
    "a word for an address": (
        {"allowed_addresses": ["10.0.0.1", "home"]},
        "/allowed_addresses/1",
    ),
    "a network with a host": (
        {"allowed_addresses": ["10.0.0.1/8"]},
        "/allowed_addresses/0",
    ),
    "IPv4 in IPv6": (
        {"allowed_addresses": ["::ffff:10.0.0.1"]},
        "/allowed_addresses/0",
    ),
    "too many addresses": (
        {"allowed_addresses": [f"10.0.0.{n}" for n in range(51)]},
        "/allowed_addresses",
    ),
    "labels without a value": ({"label_scope": {"client": []}}, "/label_scope/client"),
    "no labels": ({"label_scope": {}}, "/label_scope"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_refuses(client: Client, people: People, what: str) -> None:
    changes, pointer = WRONG[what]
    answer = await client(people.olga).post(PATH, json=wanted(**changes))
    assert (answer.status_code, field_of(answer)[1]) == (422, pointer), answer.text
    assert (await client(people.olga).get(PATH)).json()["items"] == []


# ── labels ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def limited_admin(client: Client, people: People, owner: AsyncSession) -> Persona:
    """Clara, who administers what she sees."""
    await owner.execute(
        text("UPDATE members SET role = 'admin' WHERE user_id = :user"),
        {"user": people.clara.user_id},
    )
    for number, label in ((1, "north"), (2, "south")):
        await make_account(
            owner,
            people.clara.organization_id,
            account_id=f"{number:012}",
            labels={"client": label},
            credentials=None,
        )
    await owner.commit()
    return people.clara


async def labels_seen(key: AsyncClient) -> list[str]:
    answer = await key.get("/api/v1/aws-accounts")
    assert answer.status_code == 200, answer.text
    return sorted(one["labels"]["client"] for one in answer.json()["items"])


@pytest.mark.parametrize("kind", ["personal", "service"])
async def test_who_is_limited_makes_no_wider_key(
    client: Client, limited_admin: Persona, kind: str
) -> None:
    clara = client(limited_admin)
    for beyond in ({"client": ["south"]}, {"client": ["north", "south"]}):
        answer = await clara.post(PATH, json=wanted(kind=kind, label_scope=beyond))
        assert field_of(answer) == (422, "/label_scope", "outside_scope")
    for within in (None, {"client": ["north"]}):
        made = await make(clara, kind=kind, label_scope=within)
        assert await labels_seen(bearing(client, made["key"])) == ["north"]
    # A further label narrows it further; the maker's own stays.
    made = await make(clara, kind=kind, label_scope={"stage": ["prod"]})
    assert await labels_seen(bearing(client, made["key"])) == []


async def test_a_limited_administrator_manages_no_wider_keys_of_others(
    client: Client, alice: AsyncClient, limited_admin: Persona
) -> None:
    clara = client(limited_admin)
    hidden = [
        await make(alice),
        await make(alice, kind="service"),
        await make(alice, kind="service", label_scope={"client": ["south"]}),
        await make(alice, kind="service", label_scope={"client": ["north", "south"]}),
    ]
    seen = [
        await make(alice, kind="service", label_scope={"client": ["north"]}),
        await make(clara),
        await make(clara, kind="service"),
    ]
    shown = (await clara.get(PATH)).json()["items"]
    assert {one["id"] for one in shown} == {one["id"] for one in seen}
    for one in hidden:
        assert (await clara.get(f"{PATH}/{one['id']}")).status_code == 404
        assert (await clara.delete(f"{PATH}/{one['id']}")).status_code == 404
    for one in seen:
        assert (await clara.delete(f"{PATH}/{one['id']}")).status_code == 204


# ── made and revoked once, and told ──────────────────────────────────────────────────


async def test_a_repeat_makes_no_second_key_and_knows_no_secret(
    client: Client, alice: AsyncClient, owner: AsyncSession
) -> None:
    headers = {"Idempotency-Key": "deploy-7"}
    first = await alice.post(PATH, json=wanted(), headers=headers)
    again = await alice.post(PATH, json=wanted(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() | {"key": None}
    other = await alice.post(PATH, json=wanted(name="else"), headers=headers)
    assert other.json()["code"] == "idempotency-key-reused"
    assert len((await alice.get(PATH)).json()["items"]) == 1
    kept = await owner.scalar(text("SELECT response FROM idempotency_keys"))
    assert kept == {"id": first.json()["id"]}


async def test_both_acts_are_in_the_log_and_a_second_revocation_is_none(
    alice: AsyncClient, people: People, owner: AsyncSession
) -> None:
    made = await make(alice, label_scope={"client": ["north"]})
    for _ in range(2):
        assert (await alice.delete(f"{PATH}/{made['id']}")).status_code == 204
    shown = (await alice.get(f"{PATH}/{made['id']}")).json()
    assert shown["state"] == "revoked"
    events = (await owner.scalars(select(AuditEvent).order_by(AuditEvent.at))).all()
    assert [event.action for event in events] == ["api_key.create", "api_key.revoke"]
    assert {event.actor for event in events} == {f"user:{people.alice.user_id}"}
    assert {str(event.subject_id) for event in events} == {made["id"]}
    assert events[0].detail == {
        "name": "report",
        "prefix": made["prefix"],
        "kind": "personal",
        "scopes": READING,
        "label_scope": {"client": ["north"]},
        "allowed_addresses": None,
        "expires_at": None,
    }
    assert made["key"] not in json.dumps([event.detail for event in events])


async def test_the_document_says_what_is_so(alice: AsyncClient) -> None:
    """Its example is accepted, its pattern finds the key, its scopes are all."""
    document = DOCUMENT.read_text("utf-8")
    example = document.partition("-d '")[2].partition("'")[0]
    answer = await alice.post(PATH, json=json.loads(example))
    assert answer.status_code == 201, answer.text
    (pattern,) = re.findall(r"^cr_live_\[.+$", document, re.MULTILINE)
    assert re.fullmatch(pattern, answer.json()["key"])
    can = document.partition("What a key may have:")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z_]+\.[a-z]+)`", can)) == OPEN_TO_KEYS
