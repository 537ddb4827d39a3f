"""The worker while its keys are in KMS: where KMS does not do its part, the execution
fails by a fault of the deployment, and no verification blames the customer."""

from collections.abc import Awaitable, Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Login
from app.models.audit import AuditEvent
from app.models.aws_account import AWSCredentialVersion
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.run import Status, UnitStatus
from app.tasks import outbox
from tests.aws.fake_kms import FakeKms, refuse, ring
from tests.conftest import Client
from tests.personae import People
from tests.tasks.faked import Faked

MoveClock = Callable[[str], Awaitable[None]]

PATH = "/api/v1/aws-credentials"
KEY = {
    "kind": "access_key",
    "name": "Reports",
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "secret_access_key": "s" * 40,
}
LISTINGS = ("sns:ListTopics", "iam:ListUsers")


@pytest.fixture
def kms(app: FastAPI, faked: Faked) -> FakeKms:
    """The one key of API and worker."""
    kms = FakeKms()
    kms.at(faked.fake)
    app.state.keys = faked.worker.keys = ring("k")
    return kms


async def deliver(faked: Faked, owner: AsyncSession) -> OutboxMessage:
    """The one message that waits, delivered; as it is then."""
    waits = OutboxMessage.status == OutboxStatus.PENDING
    await owner.rollback()
    message = (await owner.scalars(select(OutboxMessage).where(waits))).one()
    await outbox.deliver(faked.worker, message.id)
    await owner.rollback()
    await owner.refresh(message)
    return message


@pytest.fixture
async def connected(
    kms: FakeKms, faked: Faked, client: Client, people: People, owner: AsyncSession
) -> str:
    """The path of the account's one way in: an access key under KMS."""
    alice = client(people.alice)
    role = (await alice.get(PATH)).json()["items"][0]
    path = f"{PATH}/{(await alice.post(PATH, json=KEY)).json()['id']}"
    assert (await deliver(faked, owner)).status == OutboxStatus.DONE
    assert (await alice.get(path)).json()["status"] == "verified"
    assert (await alice.delete(f"{PATH}/{role['id']}")).status_code == 204
    return path


@pytest.mark.usefixtures("connected")
async def test_an_execution_opens_its_key_by_kms(faked: Faked, kms: FakeKms) -> None:
    execution = await faked.run(await faked.make_task(*LISTINGS))
    assert execution.status == Status.SUCCEEDED
    assert kms.asked[-1].operation == "Decrypt"


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("listings", [LISTINGS, ("iam:ListUsers",)])
@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ThrottlingException", "DisabledException"]
)
async def test_it_fails_by_a_fault_of_the_deployment_and_asks_aws_nothing(
    faked: Faked, kms: FakeKms, code: str, listings: tuple[str, ...]
) -> None:
    kms.fault = refuse(code)
    faked.fake.ledger.clear()
    execution = await faked.run(await faked.make_task(*listings))
    assert execution.status == Status.FAILED
    units = await faked.units(execution.id)
    assert units.keys() == set(listings)
    assert UnitStatus.SUCCEEDED not in {unit.status for unit in units.values()}
    errors = [unit.error for unit in units.values() if unit.error is not None]
    for error in [*errors, *([execution.error] if execution.error else [])]:
        assert error["category"] == "AWSConfigurationError"
        assert error["code"] == "key_service_unavailable"
        assert "platform_fault" in error["notes"]
        assert error["advice"].startswith("Nothing is wrong with your AWS account")
        assert code not in str(error)
    assert errors or execution.error
    assert {asked.service for asked in faked.fake.ledger} == {"kms"}


@pytest.mark.usefixtures("connected")
async def test_what_cannot_be_decrypted_is_a_fault_of_the_deployment(
    faked: Faked,
) -> None:
    altered = update(AWSCredentialVersion).values(wrapped_key=b"altered")
    async with faked.database.unit_of_work(Login.OWNER) as session:
        await session.execute(altered)
    execution = await faked.run(await faked.make_task(*LISTINGS))
    assert execution.status == Status.FAILED
    assert execution.error is not None
    assert execution.error["code"] == "undecryptable"
    assert "platform_fault" in execution.error["notes"]


async def test_a_verification_waits_until_kms_is_back(
    faked: Faked,
    kms: FakeKms,
    client: Client,
    people: People,
    owner: AsyncSession,
    move_clock: MoveClock,
) -> None:
    alice = client(people.alice)
    path = f"{PATH}/{(await alice.post(PATH, json=KEY)).json()['id']}"
    kms.fault = refuse("AccessDeniedException")
    message = await deliver(faked, owner)
    assert (message.status, message.attempts) == (OutboxStatus.PENDING, 1)
    assert message.error is not None
    assert message.error.startswith("KeyServiceUnavailable")
    shown = (await alice.get(path)).json()
    assert (shown["status"], shown["checks"], shown["error"]) == ("pending", [], None)
    actions = await owner.scalars(select(AuditEvent.action))
    assert actions.all() == ["aws_credentials.connected"]
    kms.fault = lambda _: None
    await move_clock("1 minute")
    assert (await deliver(faked, owner)).status == OutboxStatus.DONE
    assert (await alice.get(path)).json()["status"] == "verified"
