"""Instants are taken as the document has them, in queries and in bodies."""

from uuid import uuid4

import pytest

from tests.conftest import Client
from tests.personae import People

# Numbers would be seconds since 1970, and the last two are in no year of UTC's.
NONE = ["2026", "0.5", "1e3", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"]
QUERIES = {
    "/api/v1/executions": ("since", "until"),
    "/api/v1/audit-log": ("from", "to"),
    "/api/v1/audit-log/export": ("from", "to"),
    f"/api/v1/resources/{uuid4()}": ("at",),
}


@pytest.mark.parametrize("written", NONE)
async def test_refuses_in_a_query_what_is_no_instant(
    written: str, client: Client, people: People
) -> None:
    for path, names in QUERIES.items():
        for name in names:
            answer = await client(people.alice).get(path, params={name: written})
            assert answer.status_code == 422, (path, name, answer.text)
            (error,) = answer.json()["errors"]
            assert error["pointer"] == f"/query/{name}"


@pytest.mark.parametrize("written", [*NONE, 1_900_000_000, 0.5])
async def test_refuses_in_a_body_what_is_no_instant(
    written: str | float, client: Client, people: People
) -> None:
    alice = client(people.alice)
    members = (await alice.get("/api/v1/members")).json()["items"]
    olga = next(one for one in members if one["user_id"] == str(people.olga.user_id))
    url = f"/api/v1/members/{olga['id']}"
    etag = (await alice.get(url)).headers["etag"]
    invited = {
        "email": "nora@example.com",
        "role": "viewer",
        "member_expires_at": written,
    }
    answers = {
        "/expires_at": await alice.patch(
            url, json={"expires_at": written}, headers={"If-Match": etag}
        ),
        "/member_expires_at": await alice.post("/api/v1/invitations", json=invited),
    }
    for pointer, answer in answers.items():
        assert answer.status_code == 422, (pointer, answer.text)
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
