"""Who may see and change the ways into AWS accounts."""

from uuid import uuid4

from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.settings import Settings
from tests.builders import make_account
from tests.conftest import Client
from tests.personae import People, make_persona

PATH = "/api/v1/aws-credentials"
ARN = "arn:aws:iam::123456789012:role/Cloudrota"
ROLE = {"kind": "role", "name": "Production", "role_arn": ARN}
KEY = {
    "kind": "access_key",
    "name": "Reports",
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


async def test_a_member_may_read_and_not_edit(client: Client, people: People) -> None:
    made = (await client(people.alice).post(PATH, json=ROLE)).json()
    olga = client(people.olga)
    path = f"{PATH}/{made['id']}"
    assert (await olga.get(path)).status_code == 200
    refused = [
        await olga.post(PATH, json=ROLE),
        await olga.patch(path, json={"name": "x"}),
        await olga.delete(path),
        await olga.post(f"{path}/verify"),
        await olga.delete(f"{PATH}/{uuid4()}"),
    ]
    assert {answer.status_code for answer in refused} == {403}


async def test_foreign_and_unknown_are_the_same_bytes(
    client: Client, people: People
) -> None:
    made = (await client(people.alice).post(PATH, json=ROLE)).json()
    mallory = client(people.mallory)
    for method, suffix in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/verify"),
        ("GET", "/policy"),
    ):
        body = {"name": "x"} if method == "PATCH" else None
        foreign, unknown = [
            await mallory.request(method, f"{PATH}/{id}{suffix}", json=body)
            for id in (made["id"], uuid4())
        ]
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content == unknown.content
    assert (await mallory.get(PATH)).json()["items"] == []
    assert (await client(people.alice).get(PATH)).json()["items"][0] == made


async def test_a_limited_admin_sees_and_edits_only_visible_accounts(
    client: Client, people: People, database: Database, configured: Settings
) -> None:
    organization_id = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        nora = await make_persona(
            session,
            configured,
            "nora",
            organization_id,
            Role.ADMIN,
            label_scope={"client": ["north"]},
        )
        north = await make_account(
            session, organization_id, name="North", labels={"client": "north"}
        )
        south = await make_account(
            session,
            organization_id,
            name="South",
            account_id="222222222222",
            labels={"client": "south"},
        )
    limited = client(nora)
    items = (await limited.get(PATH)).json()["items"]
    assert [item["aws_account_id"] for item in items] == [str(north.id)]
    hidden = (
        await client(people.alice).get(f"{PATH}?aws_account_id={south.id}")
    ).json()["items"][0]
    for method in ("GET", "DELETE"):
        answer = await limited.request(method, f"{PATH}/{hidden['id']}")
        assert answer.status_code == 404
    arns = {
        f"arn:aws:iam::{north.account_id}:role/x": 201,
        f"arn:aws:iam::{south.account_id}:role/x": 422,
        "arn:aws:iam::333333333333:role/x": 422,
    }
    for arn, status in arns.items():
        answer = await limited.post(PATH, json={**ROLE, "role_arn": arn})
        assert answer.status_code == status
    assert (await limited.post(PATH, json=KEY)).status_code == 403


async def test_an_unverified_user_cannot_connect(
    client: Client, people: People, database: Database, configured: Settings
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        uma = await make_persona(
            session,
            configured,
            "uma",
            people.alice.organization_id,
            Role.ADMIN,
            verified=False,
        )
    answer = await client(uma).post(PATH, json=ROLE)
    assert (answer.status_code, answer.json()["code"]) == (403, "email-not-verified")
    made = (await client(people.alice).post(PATH, json=ROLE)).json()
    patched = await client(uma).patch(f"{PATH}/{made['id']}", json={"role_arn": ARN})
    assert patched.json()["code"] == "email-not-verified"
