"""Verifying credentials against an emulator that checks signatures, permissions and
trust policies."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.aws_account import AWSAccount, AWSCredentials, AWSCredentialVersion
from app.services import (
    credential_evidence,
    credential_opening,
    credential_verification,
)
from tests.builders import make_account
from tests.customer import Customer, halves, new_account_id
from tests.plans import make_plan, subscribe


def _outcomes(shown: dict[str, Any]) -> dict[str, str]:
    return {check["check"]: check["outcome"] for check in shown["checks"]}


# ── roles ────────────────────────────────────────────────────────────────────────


async def test_verifies_a_role_that_asks_for_its_external_id(
    customer: Customer,
) -> None:
    arn = customer.make_role(customer.asks_for_id)
    shown = await customer.verify(await customer.connect_role(arn))
    assert shown["status"] == "verified"
    assert _outcomes(shown) == {
        "external_id_accepted": "passed",
        "missing_external_id_refused": "passed",
        "wrong_external_id_refused": "passed",
        "identity": "passed",
        "regions": "passed",
        "permissions": "unknown",
    }
    assert shown["error"] is None
    assert shown["verified_at"] is not None
    assert shown["verification_pending"] is False


async def test_refuses_a_role_that_lets_anybody_in(customer: Customer) -> None:
    arn = customer.make_role(condition=None)
    shown = await customer.verify(await customer.connect_role(arn))
    assert shown["status"] == "refused"
    assert shown["reason"] == "external_id_not_enforced"
    assert shown["error"]["category"] == "AWSConfigurationError"
    assert "sts:ExternalId" in shown["error"]["advice"]
    assert _outcomes(shown) == {
        "external_id_accepted": "passed",
        "missing_external_id_refused": "failed",
        "wrong_external_id_refused": "failed",
    }


async def test_fails_a_role_that_asks_for_another_external_id(
    customer: Customer,
) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "somebody-elses"}}
    arn = customer.make_role(condition)
    shown = await customer.verify(await customer.connect_role(arn))
    assert shown["status"] == "failed"
    assert shown["error"]["category"] == "AWSPermissionError"
    assert shown["error"]["phase"] == "assume_role"
    assert _outcomes(shown) == {
        "external_id_accepted": "failed",
        "missing_external_id_refused": "unknown",
        "wrong_external_id_refused": "unknown",
    }


async def test_tells_which_permission_is_missing_for_the_regions(
    customer: Customer,
) -> None:
    arn = customer.make_role(customer.asks_for_id, actions=["sqs:ListQueues"])
    shown = await customer.verify(await customer.connect_role(arn))
    assert shown["status"] == "verified"
    regions = shown["checks"][-2]
    assert (regions["check"], regions["outcome"]) == ("regions", "failed")
    assert regions["error"]["missing_action"] == "ec2:DescribeRegions"


async def test_a_verified_role_that_fails_later_is_used_no_more(
    customer: Customer,
) -> None:
    arn = customer.make_role(customer.asks_for_id)
    credentials_id = await customer.connect_role(arn)
    assert (await customer.verify(credentials_id))["status"] == "verified"
    customer.remove_role(arn)
    assert (await customer.verify(credentials_id))["status"] == "failed"


async def test_an_aws_that_cannot_be_reached_proves_nothing(
    customer: Customer,
) -> None:
    arn = customer.make_role(customer.asks_for_id)
    nowhere = {"aws_emulator_url": "http://127.0.0.1:9"}
    shown = await customer.verify(
        await customer.connect_role(arn), customer.settings.model_copy(update=nowhere)
    )
    assert shown["status"] == "failed"
    assert shown["error"]["category"] == "AWSConnectivityError"
    assert set(_outcomes(shown).values()) == {"unknown"}


# ── access keys ──────────────────────────────────────────────────────────────────


async def test_verifying_a_key_finds_its_account(
    customer: Customer, owner: AsyncSession
) -> None:
    account_id = new_account_id()
    keys = customer.make_key(account_id)
    shown = await customer.verify(await customer.connect_key(keys))
    assert shown["status"] == "verified"
    assert _outcomes(shown) == {
        "identity": "passed",
        "key_age": "unknown",
        "regions": "passed",
        "permissions": "unknown",
    }
    account = await owner.get(AWSAccount, UUID(shown["aws_account_id"]))
    assert account is not None
    assert (account.account_id, account.name) == (account_id, "Reports")
    assert account.connected


async def test_a_key_joins_the_account_that_is_there_and_connects_it_again(
    customer: Customer,
) -> None:
    account_id = new_account_id()
    async with customer.database.unit_of_work(Login.OWNER) as session:
        known = await make_account(
            session,
            customer.organization_id,
            account_id=account_id,
            name="History",
            connected=False,
            credentials=None,
        )
    keys = customer.make_key(account_id)
    shown = await customer.verify(await customer.connect_key(keys))
    assert shown["aws_account_id"] == str(known.id)
    answer = await customer.alice.get(f"/api/v1/aws-accounts/{known.id}")
    assert (answer.json()["name"], answer.json()["connected"]) == ("History", True)


async def test_a_revoked_key_fails_as_authentication(customer: Customer) -> None:
    account_id = new_account_id()
    keys = customer.make_key(account_id)
    credentials_id = await customer.connect_key(keys)
    assert (await customer.verify(credentials_id))["status"] == "verified"
    customer.revoke_key(account_id, keys)
    shown = await customer.verify(credentials_id)
    assert shown["status"] == "failed"
    assert shown["error"]["category"] == "AWSAuthenticationError"
    assert shown["error"]["code"] == "InvalidClientTokenId"


async def test_a_key_of_another_account_is_refused_in_the_place_of_the_first(
    customer: Customer,
) -> None:
    credentials_id = await customer.connect_key(customer.make_key())
    first = await customer.verify(credentials_id)
    await customer.change(credentials_id, halves(customer.make_key()))
    shown = await customer.verify(credentials_id)
    assert shown["status"] == "failed"
    assert shown["error"]["code"] == "account_mismatch"
    assert shown["aws_account_id"] == first["aws_account_id"]


async def test_once_a_new_version_is_verified_the_one_before_is_destroyed(
    customer: Customer, owner: AsyncSession
) -> None:
    keys = customer.make_key()
    credentials_id = await customer.connect_key(keys)
    versions = select(AWSCredentialVersion.version).order_by("version")
    await customer.verify(credentials_id)
    for number in (2, 3):
        await customer.change(credentials_id, halves(keys))
        kept = [number - 1, number]
        assert (await owner.scalars(versions)).all() == kept, "it is still in use"
        await owner.rollback()
        shown = await customer.verify(credentials_id)
        assert (shown["status"], shown["version"]) == ("verified", number)
        assert (await owner.scalars(versions)).all() == [number]
        await owner.rollback()


# ── what changes meanwhile ───────────────────────────────────────────────────────


async def test_an_outcome_of_a_replaced_version_is_dropped(
    customer: Customer,
) -> None:
    arn = customer.make_role(customer.asks_for_id)
    credentials_id = await customer.connect_role(arn)
    opened = await credential_opening.open_one(
        customer.database, customer.vault, customer.organization_id, credentials_id
    )
    outcome = credential_evidence.look(
        opened,
        credential_opening.platform_session(customer.settings),
        credential_opening.endpoint(customer.settings),
        (),
    )
    await customer.change(credentials_id, {"role_arn": arn})
    async with customer.database.unit_of_work(
        Login.WORKER, organization_id=customer.organization_id
    ) as session:
        await credential_verification.record(
            session, customer.organization_id, opened, outcome
        )
    shown = await customer.show(credentials_id)
    assert outcome.status == "verified"
    assert (shown["status"], shown["version"]) == ("pending", 2)
    assert shown["checks"] == []


async def test_deleted_credentials_are_not_verified(
    customer: Customer, owner: AsyncSession
) -> None:
    credentials_id = await customer.connect_key(customer.make_key())
    await customer.delete(credentials_id)
    await customer.verify(credentials_id)
    row = await owner.get(AWSCredentials, credentials_id)
    assert row is not None
    assert row.status == "deleted"


async def test_every_outcome_is_in_the_audit_log(
    customer: Customer, owner: AsyncSession
) -> None:
    arn = customer.make_role(condition=None)
    await customer.verify(await customer.connect_role(arn))
    refused = AuditEvent.action == "aws_credentials.refused"
    event = (await owner.scalars(select(AuditEvent).where(refused))).one()
    assert event.detail["reason"] == "external_id_not_enforced"


async def test_a_key_whose_account_the_plan_has_no_room_for_is_refused_until_it_has(
    customer: Customer, owner: AsyncSession, database: Database
) -> None:
    keys = customer.make_key()
    async with database.unit_of_work(Login.OWNER) as session:
        none = await make_plan(session, "none", aws_accounts=0)
        await make_plan(session, "one", aws_accounts=1)
        await subscribe(session, customer.organization_id, none)
    credentials_id = await customer.connect_key(keys)
    shown = await customer.verify(credentials_id)
    assert (shown["status"], shown["reason"]) == ("refused", "plan_limit")
    assert shown["aws_account_id"] is None
    assert await owner.scalar(select(AWSAccount.id)) is None
    async with database.unit_of_work(Login.OWNER) as session:
        await subscribe(session, customer.organization_id, "one")
    shown = await customer.verify(credentials_id)
    assert (shown["status"], shown["reason"]) == ("verified", None)
