"""What an operator does from the command line, over a real database."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli import ground
from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.organization import Member, Organization
from app.models.restore import Pulse
from app.models.run import Status, TaskExecution, UnitStatus
from app.models.user import User
from app.tasks import operator, pulse
from tests.api.signing import PASSWORD, login
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution, make_unit
from tests.cli.conftest import Command
from tests.conftest import Client
from tests.personae import People
from tests.services.sealed import make_version

OWNER = ("create-owner", "rita@example.com", "--organization=Acme", "--name=Rita")


async def test_an_owner_signs_in_at_once(
    command: Command, client: Client, owner: AsyncSession
) -> None:
    made = await command(*OWNER, "--json", given=f"{PASSWORD}\n")
    assert made.exit_code == 0, made.stderr
    ids = json.loads(made.stdout)
    answer = await login(client(None))
    assert answer.status_code == 200, answer.text
    user = (await owner.scalars(select(User).where(User.id == ids["user"]))).one()
    assert user.email_verified_at is not None
    (member,) = await owner.scalars(select(Member))
    assert str(member.organization_id) == ids["organization"]
    made_by = select(AuditEvent.actor).where(
        AuditEvent.action == "organization.register"
    )
    assert (await owner.scalars(made_by)).one() == operator.name()


async def test_an_address_is_taken_once_and_a_weak_password_never(
    command: Command, owner: AsyncSession
) -> None:
    weak = await command(*OWNER, given="password1234\n")
    assert weak.exit_code == 1
    assert "password1234" not in weak.output
    await command(*OWNER, given=f"{PASSWORD}\n")
    again = await command(*OWNER, given=f"{PASSWORD}\n")
    assert again.exit_code == 1
    assert "Invite who has an account already." in again.stderr
    assert await owner.scalar(select(func.count(Organization.id))) == 1


async def seen(command: Command) -> tuple[int, dict[str, dict[str, str]]]:
    result = await command("check", "--json")
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.exit_code, json.loads(result.stdout)


async def test_check_is_content_with_what_is_well_and_names_what_is_not(
    command: Command, database: Database, configured: Settings
) -> None:
    code, things = await seen(command)
    wrong = {name for name, one in things.items() if one["state"] != "ok"}
    assert (code, wrong) == (1, {"beat"})
    await pulse.judge(database, configured, as_beat=True)
    code, things = await seen(command)
    assert code == 0, things
    assert things.keys() == {
        *("configuration", "redis", "migrations", "keys"),
        *(f"login {one}" for one in Login),
        *("beat", "schedule", "work", "restore"),
    }
    lines = await command("check")
    assert len(lines.stdout.splitlines()) == len(things)


BREAKS = {
    "beat": "UPDATE pulses SET at = app_now() - interval '4 minutes'",
    "migrations": "UPDATE alembic_version SET version_num = '0001'",
    "restore": "INSERT INTO restores (id, noticed_by, sign)"
    " VALUES (gen_random_uuid(), 'test', 'test')",
}


@pytest.mark.parametrize("name", BREAKS)
async def test_check_says_what_is_wrong_and_what_to_do(
    command: Command, database: Database, configured: Settings, name: str
) -> None:
    await pulse.judge(database, configured, as_beat=True)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text(BREAKS[name]))
    code, things = await seen(command)
    wrong = [one for one in things.values() if one["state"] != "ok"]
    assert (code, [one["name"] for one in wrong]) == (1, [name])
    assert wrong[0]["todo"]


async def test_check_says_that_slots_are_late_and_that_no_worker_is_there(
    command: Command, database: Database, configured: Settings, people: People
) -> None:
    await pulse.judge(database, configured, as_beat=True)
    tenant = people.alice.organization_id
    long_ago = now() - timedelta(hours=1)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        task = await make_task(
            session, tenant, accounts=(account,), next_run_at=long_ago
        )
        await make_execution(
            session, task, account, status=Status.QUEUED, created_at=long_ago
        )
    _, things = await seen(command)
    wrong = {name for name, one in things.items() if one["state"] != "ok"}
    assert wrong == {"schedule", "work"}


async def test_check_says_which_servers_are_away_and_which_logins_are_not_given(
    command: Command, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = SecretStr("redis://127.0.0.1:1/0")
    changed = {"redis_url": away, "database_owner_url": None}
    poorer = configured.model_copy(update=changed)
    monkeypatch.setattr(ground, "settings", lambda: poorer)
    code, things = await seen(command)
    assert code == 1
    assert things["redis"]["state"] == "wrong"
    assert things["login owner"]["state"] == "unknown"
    assert "DATABASE_OWNER_URL" in things["login owner"]["said"]
    assert things["migrations"]["state"] == things["keys"]["state"] == "unknown"


async def test_settings_that_are_wrong_are_named_and_not_shown(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read() -> Settings:
        return Settings(_env_file=None, environment="moon", redis_url=SecretStr("x"))

    with pytest.raises(ValidationError):
        read()
    monkeypatch.setattr(ground, "settings", read)
    result = await command("check")
    assert result.exit_code == 2
    named = {line.partition(":")[0] for line in result.stderr.splitlines()}
    assert {"ENVIRONMENT", "PUBLIC_URL", "SECRET_KEY"} <= named
    assert "moon" not in result.stderr


async def test_what_needs_a_login_that_is_not_given_names_it(
    command: Command, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    poorer = configured.model_copy(update={"database_owner_url": None})
    monkeypatch.setattr(ground, "settings", lambda: poorer)
    for words in (["migrate"], ["resume-after-restore"], ["rotate-keys"]):
        result = await command(*words)
        assert result.exit_code == 2
        assert result.stderr == "DATABASE_OWNER_URL is not set\n"


ERROR = {
    "category": "AWSPermissionError",
    "code": "AccessDeniedException",
    "message": "not authorized",
    "request_id": "req-1234",
    "missing_action": "ec2:DescribeInstances",
}


async def test_an_execution_is_told_with_its_units_and_their_errors(
    command: Command, database: Database, people: People
) -> None:
    tenant = people.mallory.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        task = await make_task(session, tenant, accounts=(account,))
        execution = await make_execution(session, task, account)
        claim_facts = {"lease_owner": "worker-1", "status": Status.QUEUED}
        mine = TaskExecution.id == execution.id
        await session.execute(update(TaskExecution).where(mine).values(**claim_facts))
        await make_unit(session, execution, status=UnitStatus.FAILED, error=ERROR)
    result = await command("explain-execution", execution.id, "--json")
    told = json.loads(result.stdout)
    assert told["organization"] == str(tenant)
    assert told["execution"]["lease_owner"] == "worker-1"
    assert {"hinted_at", "fence", "deadline"} <= told["execution"].keys()
    assert told["run"]["trigger"] == "manual"
    assert told["events"]
    (unit,) = told["units"]
    assert unit["error"] == ERROR
    lines = (await command("explain-execution", execution.id)).stdout
    for said in ("AWSPermissionError", "req-1234", "ec2:DescribeInstances"):
        assert said in lines
    assert (await command("explain-execution", new_id())).exit_code == 1


async def test_an_export_is_whole_ones_own_and_on_record(
    command: Command, people: People, owner: AsyncSession, tmp_path: Path
) -> None:
    tenant = people.alice.organization_id
    file = tmp_path / "acme.json"
    done = await command("export", tenant, "--to", file)
    assert done.exit_code == 0, done.stderr
    told: dict[str, Any] = json.loads(file.read_text())
    assert told["complete"]
    assert [one["id"] for one in told["tables"]["organizations"]] == [str(tenant)]
    assert file.stat().st_mode & 0o077 == 0
    events = await owner.scalars(
        select(AuditEvent).where(AuditEvent.action == "operator.export")
    )
    assert [one.organization_id for one in events] == [tenant]
    assert (await command("export", tenant, "--to", file)).exit_code == 2
    missing = await command("export", new_id(), "--to", tmp_path / "none.json")
    assert missing.exit_code == 1
    assert not (tmp_path / "none.json").exists()


async def test_audit_logs_are_verified_and_a_changed_one_is_named(
    command: Command, database: Database, people: People
) -> None:
    await command("export", people.alice.organization_id, "--to", "/dev/null")
    assert (await command("verify-audit")).exit_code == 0
    missing = await command("verify-audit", new_id())
    assert missing.exit_code == 1
    assert json.loads(missing.stdout.splitlines()[-1])["faults"] == 1


async def test_keys_are_counted_and_a_restore_is_paused_and_resumed(
    command: Command, owner: AsyncSession, configured: Settings, database: Database
) -> None:
    counted = await command("rotate-keys", "--count", "--json")
    assert json.loads(counted.stdout)["left"] == 0
    assert (await command("resume-after-restore")).exit_code == 1
    paused = await command("pause-after-restore", "--json")
    assert json.loads(paused.stdout.splitlines()[-1]) == {"paused": True}
    await pulse.judge(database, configured, as_beat=True)
    assert (await seen(command))[1]["restore"]["state"] == "wrong"
    resumed = await command("resume-after-restore", "--json")
    assert resumed.exit_code == 0, resumed.stderr
    assert json.loads(resumed.stdout) == {
        "erased_again": {},
        "executions": 0,
        "slots_of_tasks": 0,
        "numbers_behind": [],
    }
    assert (await seen(command))[0] == 0
    assert await owner.scalar(select(Pulse.count)) == 1


async def test_what_makes_no_sense_is_said(command: Command) -> None:
    for words in (
        ["end-sessions"],
        ["replay", "stripe-events"],
        ["forget-second-factor", "a@example.com", "--proof=short"],
    ):
        assert (await command(*words)).exit_code == 2
    for since in ("2030-01-03", "2030-01-03T00:00:00Z"):
        found = await command("replay", "stripe-events", "--list", "--since", since)
        assert json.loads(found.stdout) == {"events": 0, "at_most": 100}
    wrong = await command("replay", "stripe-events", "--list", "--since", "tomorrow")
    assert wrong.exit_code == 2
    assert "--since" in wrong.stderr
    for words in (["explain-execution"], ["explain-execution", "x"]):
        assert (await command(*words)).exit_code == 2
    shown = await command("replay", "stripe-events", "--list")
    assert json.loads(shown.stdout) == {"events": 0, "at_most": 100}
    shown = await command("replay", "notices")
    assert json.loads(shown.stdout) == {"notices": 0}
    assert (await command("replay", "delivery", new_id(), new_id())).exit_code == 1


async def test_check_names_a_key_that_no_longer_unwraps(
    command: Command, database: Database, configured: Settings, people: People
) -> None:
    await pulse.judge(database, configured, as_beat=True)
    await make_version(database, people.alice.organization_id, "made-up")
    code, things = await seen(command)
    assert (code, things["keys"]["state"]) == (1, "wrong")
    assert "aws_credential_versions under old" in things["keys"]["said"]
    counted = json.loads((await command("rotate-keys", "--count", "--json")).stdout)
    assert counted["missing_keys"] == ["old"]
