"""Connecting, changing and deleting ways into AWS accounts, over HTTP."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import Envelope, LocalKeys, decrypt
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.aws_account import AWSCredentialVersion, CredentialsStatus
from app.models.outbox import OutboxMessage
from app.services import onboarding
from app.services.credential_opening import StoredKey, place_of
from tests.builders import make_account, make_credentials
from tests.conftest import Client
from tests.personae import People

PATH = "/api/v1/aws-credentials"
ARN = "arn:aws:iam::123456789012:role/Cloudrota"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

ROLE = {"kind": "role", "name": "Production", "role_arn": ARN}
KEY = {
    "kind": "access_key",
    "name": "Reports",
    "access_key_id": KEY_ID,
    "secret_access_key": SECRET,
}


def _fields(problem: dict[str, Any]) -> set[tuple[str, str]]:
    return {(field["pointer"], field["code"]) for field in problem["errors"]}


# ── connecting ───────────────────────────────────────────────────────────────────


async def test_connects_a_role_and_asks_for_its_verification(
    client: Client, people: People, owner: AsyncSession
) -> None:
    answer = await client(people.adam).post(PATH, json=ROLE)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["status"], made["purpose"]) == ("pending", "read")
    assert made["verification_pending"] is True
    account = (
        await client(people.alice).get(f"/api/v1/aws-accounts/{made['aws_account_id']}")
    ).json()
    assert (account["account_id"], account["name"]) == ("123456789012", "Production")
    assert account["connected"] is True
    message = (await owner.scalars(select(OutboxMessage))).one()
    assert (message.kind, str(message.subject_id)) == (
        "credentials.verify",
        made["id"],
    )
    events = await owner.scalars(select(AuditEvent.action).order_by(AuditEvent.id))
    assert events.all() == ["aws_account.connected", "aws_credentials.connected"]


async def test_connecting_again_continues_the_account(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        known = await make_account(
            session,
            people.alice.organization_id,
            name="History",
            connected=False,
            credentials=None,
        )
    made = (await client(people.alice).post(PATH, json=ROLE)).json()
    assert made["aws_account_id"] == str(known.id)
    shown = await client(people.alice).get(f"/api/v1/aws-accounts/{known.id}")
    assert (shown.json()["name"], shown.json()["connected"]) == ("History", True)


async def test_no_answer_ever_contains_the_secret(
    client: Client, people: People
) -> None:
    alice = client(people.alice)
    made = await alice.post(PATH, json=KEY)
    path = f"{PATH}/{made.json()['id']}"
    answers = [
        made,
        await alice.get(path),
        await alice.get(PATH),
        await alice.patch(path, json={"name": "Renamed"}),
        await alice.post(f"{path}/verify"),
        await alice.post(PATH, json={**KEY, "name": "Renamed"}),
        await alice.post(PATH, json={**KEY, "name": "x", "unknown": 1}),
        await alice.post(PATH, json={**KEY, "access_key_id": "ASIA0000000000000000"}),
        await alice.post(PATH, json={**KEY, "secret_access_key": f"{SECRET} {SECRET}"}),
    ]
    assert [answer.status_code for answer in answers] == [
        *(201, 200, 200, 200, 202),
        *(409, 422, 422, 422),
    ]
    for answer in answers:
        assert SECRET not in answer.text
        assert KEY_ID not in answer.text
    assert made.json()["access_key_last4"] == KEY_ID[-4:]
    assert made.json()["aws_account_id"] is None


async def test_the_key_is_stored_only_encrypted_for_its_own_row(
    client: Client, people: People, owner: AsyncSession, configured: Settings
) -> None:
    made = (await client(people.alice).post(PATH, json=KEY)).json()
    version = (await owner.scalars(select(AWSCredentialVersion))).one()
    assert SECRET.encode() not in version.ciphertext
    place = place_of(version.organization_id, version.credentials_id, 1)
    envelope = Envelope(version.key_id, version.wrapped_key, version.ciphertext)
    packed = decrypt(LocalKeys.from_settings(configured), envelope, place)
    stored = StoredKey.unpack(packed)
    assert stored.access_key_id == KEY_ID
    assert stored.secret_access_key.reveal() == SECRET
    assert str(version.credentials_id) == made["id"]


async def test_the_login_of_the_api_cannot_read_ciphertext(
    client: Client, people: People, database: Database
) -> None:
    await client(people.alice).post(PATH, json=KEY)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.unit_of_work(
            Login.APP, organization_id=people.alice.organization_id
        ) as session:
            await session.execute(select(AWSCredentialVersion.ciphertext))


async def test_the_fingerprint_tells_the_same_key_only_within_one_organization(
    client: Client, people: People
) -> None:
    alice, mallory = client(people.alice), client(people.mallory)
    first = (await alice.post(PATH, json=KEY)).json()
    again = (await alice.post(PATH, json={**KEY, "name": "Again"})).json()
    foreign = (await mallory.post(PATH, json=KEY)).json()
    prints = [one["access_key_fingerprint"] for one in (first, again, foreign)]
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({**ROLE, "external_id": "mine"}, {("/external_id", "extra_forbidden")}),
        ({**ROLE, "access_key_id": KEY_ID}, {("/access_key_id", "unexpected")}),
        (
            {"kind": "access_key", "name": "x"},
            {("/access_key_id", "required"), ("/secret_access_key", "required")},
        ),
        ({"kind": "role", "name": "x"}, {("/role_arn", "required")}),
        ({**ROLE, "kind": "password"}, {("/kind", "enum")}),
        ({**ROLE, "name": " "}, {("/name", "string_too_short")}),
        ({**ROLE, "name": "x" * 121}, {("/name", "string_too_long")}),
        ({**ROLE, "name": "a\u0000b"}, {("/name", "control_character")}),
        ({**ROLE, "name": "a\u202eb"}, {("/name", "control_character")}),
        ({**ROLE, "role_arn": "Cloudrota"}, {("/role_arn", "invalid_role_arn")}),
        (
            {**ROLE, "role_arn": "arn:aws:iam::123456789012:user/x"},
            {("/role_arn", "invalid_role_arn")},
        ),
        (
            {**ROLE, "role_arn": "arn:aws-cn:iam::123456789012:role/x"},
            {("/role_arn", "unsupported_partition")},
        ),
        (
            {**KEY, "access_key_id": "ASIAIOSFODNN7EXAMPLE"},
            {("/access_key_id", "temporary_key")},
        ),
        (
            {**KEY, "access_key_id": "akia"},
            {("/access_key_id", "not_an_access_key_id")},
        ),
        (
            {**KEY, "secret_access_key": f"{SECRET[:20]}\n{SECRET[20:]}"},
            {("/secret_access_key", "not_a_secret_key")},
        ),
    ],
)
async def test_names_the_field_that_is_wrong(
    client: Client,
    people: People,
    entry: dict[str, Any],
    wrong: set[tuple[str, str]],
) -> None:
    answer = await client(people.alice).post(PATH, json=entry)
    assert answer.status_code == 422
    assert _fields(answer.json()) == wrong
    assert (await client(people.alice).get(PATH)).json()["items"] == []


async def test_refuses_a_second_connection_of_the_same_name(
    client: Client, people: People
) -> None:
    alice = client(people.alice)
    first = (await alice.post(PATH, json=ROLE)).json()
    second = await alice.post(PATH, json={**KEY, "name": ROLE["name"]})
    assert second.status_code == 409
    assert _fields(second.json()) == {("/name", "taken")}
    assert (await alice.delete(f"{PATH}/{first['id']}")).status_code == 204
    assert (await alice.post(PATH, json=ROLE)).status_code == 201


# ── changing ─────────────────────────────────────────────────────────────────────


async def test_a_new_secret_is_a_new_version_that_is_verified_again(
    client: Client, people: People, owner: AsyncSession, database: Database
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json=KEY)).json()
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(OutboxMessage).values(kind="x")  # those before do not count
        )
    halves = {"access_key_id": "AKIA0000000000000001", "secret_access_key": "s" * 40}
    answer = await alice.patch(f"{PATH}/{made['id']}", json=halves)
    shown = answer.json()
    assert (shown["version"], shown["status"]) == (2, "pending")
    assert shown["access_key_last4"] == "0001"
    assert shown["access_key_fingerprint"] != made["access_key_fingerprint"]
    versions = await owner.scalars(
        select(AWSCredentialVersion.version).order_by(AWSCredentialVersion.version)
    )
    assert versions.all() == [1, 2]
    posted = select(OutboxMessage).where(OutboxMessage.kind == "credentials.verify")
    assert len((await owner.scalars(posted)).all()) == 1


async def test_half_a_key_is_refused(client: Client, people: People) -> None:
    made = (await client(people.alice).post(PATH, json=KEY)).json()
    answer = await client(people.alice).patch(
        f"{PATH}/{made['id']}", json={"secret_access_key": SECRET}
    )
    assert _fields(answer.json()) == {("/access_key_id", "required")}


async def test_a_role_stays_in_its_account(client: Client, people: People) -> None:
    alice = client(people.alice)
    path = f"{PATH}/{(await alice.post(PATH, json=ROLE)).json()['id']}"
    other = {"role_arn": "arn:aws:iam::999999999999:role/Cloudrota"}
    answer = await alice.patch(path, json=other)
    assert _fields(answer.json()) == {("/role_arn", "another_account")}
    renamed = {"role_arn": f"{ARN}2"}
    assert (await alice.patch(path, json=renamed)).json()["role_arn"] == f"{ARN}2"


async def test_a_new_name_verifies_nothing(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(
            session, people.alice.organization_id, credentials=None
        )
        row = await make_credentials(session, people.alice.organization_id, account)
    answer = await client(people.alice).patch(
        f"{PATH}/{row.id}", json={"name": "Renamed"}
    )
    shown = answer.json()
    assert (shown["name"], shown["status"], shown["version"]) == (
        "Renamed",
        "verified",
        1,
    )


async def test_verifying_again_leaves_the_outcome_until_it_ends(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(
            session, people.alice.organization_id, credentials=None
        )
        row = await make_credentials(session, people.alice.organization_id, account)
    answer = await client(people.alice).post(f"{PATH}/{row.id}/verify")
    assert answer.status_code == 202
    assert answer.json()["status"] == "verified"
    assert answer.json()["verification_pending"] is True


async def test_pages_are_followed_to_the_end(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(
            session, people.alice.organization_id, credentials=None
        )
        for number in range(5):
            await make_credentials(
                session,
                people.alice.organization_id,
                account,
                name=f"role {number}",
                status=CredentialsStatus.FAILED,
            )
    names: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await client(people.alice).get(f"{PATH}?limit=2{cursor}")).json()
        names += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert names == [f"role {number}" for number in reversed(range(5))]


# ── onboarding ───────────────────────────────────────────────────────────────────


async def test_onboarding_gives_each_organization_its_own_external_id(
    client: Client, people: People, configured: Settings
) -> None:
    first, again, foreign = [
        (await client(one).get(f"{PATH}/onboarding")).json()
        for one in (people.alice, people.victor, people.mallory)
    ]
    assert first["external_id"] == again["external_id"] != foreign["external_id"]
    assert first["principal_arn"] == configured.platform_principal_arn
    condition = first["trust_policy"]["Statement"][0]["Condition"]
    assert condition == {"StringEquals": {"sts:ExternalId": first["external_id"]}}
    assert first["external_id"] in first["terraform"]
    assert "Role" in first["cloudformation_template"]["Resources"]
    assert first["policies"]
    assert first["quick_create_link"] is None
    assert first["role_name"] == "Cloudrota"


async def test_a_published_template_is_a_link_away(
    client: Client,
    people: People,
    app: FastAPI,
    configured: Settings,
) -> None:
    url = "https://templates.s3.amazonaws.com/cloudrota.json"
    app.state.settings = configured.model_copy(
        update={"aws_onboarding_template_url": url}
    )
    shown = (await client(people.alice).get(f"{PATH}/onboarding")).json()
    link = urlsplit(shown["quick_create_link"])
    assert link.hostname == "console.aws.amazon.com"
    filled_in = parse_qs(link.fragment.partition("?")[2])
    assert filled_in.pop("templateURL") == [url]
    assert filled_in.pop("stackName") == ["Cloudrota"]
    assert filled_in == {
        f"param_{name}": [value] for name, value in shown["parameters"].items()
    }
    # What is published there is what is shown, and not too large for a command.
    printed = onboarding.published()
    assert json.loads(printed) == shown["cloudformation_template"]
    assert len(printed) < 51_200
