"""Opening verified credentials: for the right tenant, the right account, and for no
more than a unit of work needs."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.call import Guard, call
from app.aws.errors import (
    AWSAuthenticationError,
    AWSConfigurationError,
    AWSPermissionError,
)
from app.aws.policy import Policy, session_policy
from app.aws.session import TenantSession
from app.core.db import Login
from app.core.errors import NotFound, NoVerifiedCredentials
from app.models.aws_account import AWSCredentialVersion, CredentialsPurpose
from app.services import credential_opening
from app.services.credential_opening import Opened, OpenedKey
from tests.customer import REGION, ROLE, Customer, new_account_id
from tests.personae import People


async def _open(
    customer: Customer, shown: dict[str, Any], *, organization_id: UUID | None = None
) -> Opened:
    return await credential_opening.open_session(
        customer.database,
        customer.vault,
        organization_id or customer.organization_id,
        UUID(shown["aws_account_id"]),
        CredentialsPurpose.READ,
    )


def _connect(
    customer: Customer, opened: Opened, policy: Policy | None = None
) -> TenantSession:
    return credential_opening.connect(
        opened,
        credential_opening.platform_session(customer.settings),
        credential_opening.endpoint(customer.settings),
        session_name="test",
        policy=policy,
        guard=Guard(),
    )


def _call(session: TenantSession, service: str, operation: str) -> None:
    call(session, service=service, operation=operation, region=REGION, guard=Guard())


async def test_a_role_session_may_do_what_its_policy_says_and_no_more(
    customer: Customer,
) -> None:
    arn = customer.make_role(customer.asks_for_id)
    shown = await customer.verify(await customer.connect_role(arn))
    (policy,) = session_policy(["sqs:ListQueues"])
    session = _connect(customer, await _open(customer, shown), policy)
    assert session.account_id == arn.split(":")[4]
    _call(session, "sqs", "ListQueues")
    with pytest.raises(AWSPermissionError):
        _call(session, "ec2", "DescribeRegions")


async def test_a_key_opens_a_session_and_shows_its_secret_nowhere(
    customer: Customer,
) -> None:
    keys = customer.make_key()
    shown = await customer.verify(await customer.connect_key(keys))
    opened = await _open(customer, shown)
    assert keys.secret_access_key.reveal() not in repr(opened)
    _call(_connect(customer, opened), "ec2", "DescribeRegions")


async def test_a_key_that_was_revoked_opens_no_session(customer: Customer) -> None:
    account_id = new_account_id()
    keys = customer.make_key(account_id)
    shown = await customer.verify(await customer.connect_key(keys))
    opened = await _open(customer, shown)
    customer.revoke_key(account_id, keys)
    with pytest.raises(AWSAuthenticationError):
        _connect(customer, opened)


async def test_a_key_of_another_account_opens_no_session(customer: Customer) -> None:
    shown = await customer.verify(await customer.connect_key(customer.make_key()))
    opened = await _open(customer, shown)
    other = OpenedKey(
        opened.credentials_id,
        opened.version,
        opened.purpose,
        opened.account_id,
        customer.make_key(),
    )
    with pytest.raises(AWSConfigurationError) as refused:
        _connect(customer, other)
    assert refused.value.facts.code == "account_mismatch"


async def test_of_two_the_one_verified_last_is_opened(customer: Customer) -> None:
    arn = customer.make_role(customer.asks_for_id)
    role = await customer.connect_role(arn)
    key = await customer.connect_key(customer.make_key(arn.split(":")[4]))
    for last in (role, key, role):
        shown = await customer.verify(last)
        assert (await _open(customer, shown)).credentials_id == last


async def test_says_what_is_missing_when_nothing_is_verified(
    customer: Customer,
) -> None:
    credentials_id = await customer.connect_role(_role_arn(new_account_id()))
    shown = await customer.show(credentials_id)
    with pytest.raises(NoVerifiedCredentials, match="Production is pending"):
        await _open(customer, shown)
    await customer.delete(credentials_id)
    with pytest.raises(NoVerifiedCredentials, match="no connection to read it"):
        await _open(customer, shown)


async def test_opens_nothing_for_another_tenant(
    customer: Customer, people: People
) -> None:
    shown = await customer.verify(await customer.connect_key(customer.make_key()))
    mallory = people.mallory.organization_id
    with pytest.raises(NotFound):
        await credential_opening.open_one(
            customer.database, customer.vault, mallory, UUID(shown["id"])
        )
    with pytest.raises(NoVerifiedCredentials):
        await _open(customer, shown, organization_id=mallory)


@pytest.mark.parametrize(("is_deleted", "left"), [(False, 1), (True, 0)])
async def test_destroys_the_ciphertext_of_what_is_deleted_alone(
    customer: Customer, owner: AsyncSession, is_deleted: bool, left: int
) -> None:
    credentials_id = await customer.connect_key(customer.make_key())
    if is_deleted:
        await customer.delete(credentials_id)
    async with customer.database.unit_of_work(
        Login.WORKER, organization_id=customer.organization_id
    ) as session:
        await credential_opening.destroy(
            session, customer.organization_id, credentials_id
        )
    count = select(func.count()).select_from(AWSCredentialVersion)
    assert await owner.scalar(count) == left


def _role_arn(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:role/{ROLE}"
