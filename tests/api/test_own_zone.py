"""One's own time zone: said at the beginning or later, by oneself alone, and kept by
what was made in it."""

import json
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.audit import AuditEvent
from tests.api.events_ground import make_ground
from tests.api.signing import me, register, registration
from tests.builders_notifications import make_channel
from tests.conftest import Client
from tests.personae import People, make_key
from tests.services.test_routing import fail

ME = "/api/v1/auth/me"
RULES = "/api/v1/notification-rules"
BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"
NO_ZONES = ["Europe/Bärlin", "", " ", "localtime", "+01:00", "x" * 65, "UTC\x00", 1]


@pytest.fixture
def alice(client: Client, people: People) -> AsyncClient:
    return client(people.alice)


def wrong(answer: Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["pointer"] for one in answer.json()["errors"]]


async def zone(of: AsyncClient) -> str | None:
    answer = await of.get(ME)
    said: str | None = answer.json()["user"]["timezone"]
    return said


async def test_it_is_said_changed_and_taken_back(alice: AsyncClient) -> None:
    assert await zone(alice) is None
    for said in (BERLIN, TOKYO, None):
        answer = await alice.patch(ME, json={"timezone": said})
        assert (answer.status_code, answer.json()["timezone"]) == (200, said)
        assert await zone(alice) == said
    await alice.patch(ME, json={"timezone": BERLIN})
    assert (await alice.patch(ME, json={})).json()["timezone"] == BERLIN


@pytest.mark.parametrize("said", NO_ZONES)
async def test_what_is_no_zone_is_refused_by_name(
    alice: AsyncClient, client: Client, said: Any
) -> None:
    assert wrong(await alice.patch(ME, json={"timezone": said})) == ["/timezone"]
    assert await zone(alice) is None
    entered = registration(timezone=said)
    answer = await client(None).post("/api/v1/auth/register", json=entered)
    assert wrong(answer) == ["/timezone"]


async def test_a_slip_is_told_what_was_meant(alice: AsyncClient) -> None:
    answer = await alice.patch(ME, json={"timezone": "Europe/Berln"})
    assert answer.json()["errors"] == [
        {
            "pointer": "/timezone",
            "code": "unknown_timezone",
            "message": "'Europe/Berln' is not an IANA time zone; did you mean"
            " Europe/Berlin?",
        }
    ]


async def test_who_registers_may_say_it(client: Client, owner: AsyncSession) -> None:
    entered = registration(timezone=TOKYO)
    answer = await client(None).post("/api/v1/auth/register", json=entered)
    assert answer.status_code == 201, answer.text
    assert answer.json()["user"]["timezone"] == TOKYO
    shown = await me(client(None), answer.json()["access_token"])
    assert shown.json()["user"]["timezone"] == TOKYO
    silent = await register(client(None), "bert@example.com")
    assert silent["user"]["timezone"] is None


async def test_it_is_ones_own(
    client: Client, people: People, alice: AsyncClient, database: Database
) -> None:
    """Neither a colleague's nor a key's, and of nobody else."""
    async with database.unit_of_work(Login.OWNER) as session:
        key = await make_key(session, people.alice)
    answer = await client(key).patch(ME, json={"timezone": TOKYO})
    assert answer.status_code == 403
    victor = client(people.victor)
    assert (await victor.patch(ME, json={"timezone": TOKYO})).status_code == 200
    assert await zone(alice) is None
    assert await zone(victor) == TOKYO


async def test_an_edit_of_what_was_edited_since_is_refused(alice: AsyncClient) -> None:
    seen = {"If-Match": (await alice.get(ME)).headers["ETag"]}
    first = await alice.patch(ME, json={"timezone": BERLIN}, headers=seen)
    assert first.status_code == 200
    late = await alice.patch(ME, json={"timezone": TOKYO}, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "stale-version")
    assert await zone(alice) == BERLIN
    now = {"If-Match": first.headers["ETag"]}
    again = await alice.patch(ME, json={"timezone": TOKYO}, headers=now)
    assert again.status_code == 200


async def test_it_is_on_record_and_in_the_export_of_oneself_alone(
    alice: AsyncClient, owner: AsyncSession
) -> None:
    await alice.patch(ME, json={"timezone": BERLIN})
    events = select(AuditEvent).where(AuditEvent.action == "user.change")
    (event,) = (await owner.scalars(events)).all()
    assert event.detail == {"before": {"timezone": None}, "after": {"timezone": BERLIN}}
    own = json.loads((await alice.get(f"{ME}/export")).text)
    assert [one["timezone"] for one in own["person"]["users"]] == [BERLIN]
    all_of_it = json.loads((await alice.get("/api/v1/organization/export")).text)
    assert all("timezone" not in one for one in all_of_it["tables"]["users"])


# ── the rules that one makes ─────────────────────────────────────────────────────

DIGEST: dict[str, Any] = {"every": "daily", "at": "09:00"}
QUIET: dict[str, Any] = {"begin": "22:00", "until": "07:00"}


@pytest.fixture
async def channel_id(database: Database, people: People) -> UUID:
    async with database.unit_of_work(Login.OWNER) as session:
        return (await make_channel(session, people.alice.organization_id)).id


async def make(maker: AsyncClient, channel_id: UUID, **members: Any) -> Any:
    entry = {
        "name": f"Rule {new_id()}",
        "events": ["problem.opened"],
        "channel_ids": [str(channel_id)],
    }
    answer = await maker.post(RULES, json=entry | members)
    assert answer.status_code == 201, answer.text
    return answer.json()


def zones(rule: Any) -> list[str | None]:
    return [
        None if rule[name] is None else rule[name]["timezone"]
        for name in ("digest", "quiet_hours")
    ]


async def change(editor: AsyncClient, rule: Any, **members: Any) -> Any:
    answer = await editor.patch(f"{RULES}/{rule['id']}", json=members)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_times_without_a_zone_are_those_of_who_makes_the_rule(
    client: Client, people: People, alice: AsyncClient, channel_id: UUID
) -> None:
    times = {"digest": DIGEST, "quiet_hours": QUIET}
    assert zones(await make(alice, channel_id, **times)) == ["UTC", "UTC"]
    await alice.patch(ME, json={"timezone": BERLIN})
    adam = client(people.adam)
    await adam.patch(ME, json={"timezone": TOKYO})
    made = await make(alice, channel_id, **times)
    assert zones(made) == [BERLIN, BERLIN]
    assert zones(await make(adam, channel_id, **times)) == [TOKYO, TOKYO]
    named = {"digest": DIGEST | {"timezone": "UTC"}, "quiet_hours": QUIET}
    assert zones(await make(alice, channel_id, **named)) == ["UTC", BERLIN]
    assert (await alice.get(f"{RULES}/{made['id']}")).json() == made


async def test_an_edit_shifts_no_zone_unless_it_names_one(
    client: Client, people: People, alice: AsyncClient, channel_id: UUID
) -> None:
    """Neither an edit of the rule by somebody elsewhere, nor that its maker moved."""
    await alice.patch(ME, json={"timezone": BERLIN})
    made = await make(alice, channel_id, digest=DIGEST)
    adam = client(people.adam)
    await adam.patch(ME, json={"timezone": TOKYO})
    await alice.patch(ME, json={"timezone": "UTC"})
    assert zones(await change(adam, made, name="Other")) == [BERLIN, None]
    later = DIGEST | {"at": "10:00"}
    edited = await change(adam, made, digest=later, quiet_hours=QUIET)
    assert edited["digest"]["at"] == "10:00"
    assert zones(edited) == [BERLIN, TOKYO]
    named = DIGEST | {"timezone": "Asia/Seoul"}
    assert zones(await change(adam, made, digest=named)) == ["Asia/Seoul", TOKYO]
    assert zones(await change(adam, made, digest=None)) == [None, TOKYO]
    assert zones(await change(adam, made, digest=DIGEST)) == [TOKYO, TOKYO]


async def test_the_log_says_which_zone_holds(
    alice: AsyncClient, channel_id: UUID, owner: AsyncSession
) -> None:
    await alice.patch(ME, json={"timezone": BERLIN})
    made = await make(alice, channel_id, quiet_hours=QUIET)
    await change(alice, made, digest=DIGEST)
    statement = select(AuditEvent.detail).where(
        AuditEvent.subject_type == "notification_rule"
    )
    created, edited = (await owner.scalars(statement.order_by(AuditEvent.id))).all()
    assert created is not None
    assert edited is not None
    assert created["quiet_hours"]["timezone"] == BERLIN
    assert edited["digest"]["timezone"] == BERLIN
    assert "quiet_hours" not in edited


async def test_a_repeated_request_is_answered_alike_though_one_moved(
    alice: AsyncClient, channel_id: UUID
) -> None:
    entry = {
        "name": "Mine",
        "events": ["problem.opened"],
        "channel_ids": [str(channel_id)],
        "digest": DIGEST,
    }
    once = {"Idempotency-Key": "made-once"}
    answers = []
    for said in (BERLIN, TOKYO):
        await alice.patch(ME, json={"timezone": said})
        answers.append(await alice.post(RULES, json=entry, headers=once))
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert zones(answers[1].json()) == [BERLIN, None]


async def test_a_preview_is_of_ones_own_zone_too(
    alice: AsyncClient, channel_id: UUID, database: Database, people: People
) -> None:
    ground = await make_ground(database, people)
    rule = {
        "name": "Mine",
        "events": ["problem.opened"],
        "channel_ids": [str(channel_id)],
        "digest": DIGEST,
    }
    await fail(ground)
    hours = []
    for said in ("UTC", TOKYO):
        await alice.patch(ME, json={"timezone": said})
        answer = await alice.post(f"{RULES}/preview", json={"rule": rule})
        assert answer.status_code == 200, answer.text
        (told,) = answer.json()["tellings"]
        hours.append(told["not_before"][11:16])
    assert hours == ["09:00", "00:00"]
    nowhere = rule | {"digest": DIGEST | {"timezone": "Mars/Olympus"}}
    answer = await alice.post(f"{RULES}/preview", json={"rule": nowhere})
    assert wrong(answer) == ["/rule/digest/timezone"]
