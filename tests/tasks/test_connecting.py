"""Sessions at AWS: shared while they last, renewed before they run out."""

from datetime import timedelta

import pytest

from app.aws.call import Guard
from app.core.clock import now
from app.core.ids import new_id
from app.models.aws_account import AWSAccount
from app.models.task import ActionKind
from app.services.claims import Claim
from app.tasks.connecting import Connections
from app.tasks.worker import Worker

ACTIONS = ("sqs:ListQueues",)


@pytest.fixture
def connections(account: AWSAccount, worker: Worker) -> Connections:
    claim = Claim(
        execution_id=new_id(),
        organization_id=account.organization_id,
        task_id=new_id(),
        run_id=new_id(),
        aws_account_id=account.id,
        kind=ActionKind.READ,
        fence=1,
        attempt=1,
        timeout=timedelta(hours=2),
    )
    return Connections(worker, claim, Guard())


async def test_units_with_the_same_actions_share_a_session(
    connections: Connections,
) -> None:
    first = await connections.session_for(ACTIONS)
    assert await connections.session_for(ACTIONS) is first
    assert await connections.session_for(["sns:ListTopics"]) is not first


async def test_a_session_lives_as_long_as_aws_allows_for_a_long_execution(
    connections: Connections,
) -> None:
    session = await connections.session_for(ACTIONS)
    assert session.expires_at is not None
    assert session.expires_at > now() + timedelta(minutes=55)


async def test_a_session_that_runs_out_before_the_execution_is_renewed(
    connections: Connections,
) -> None:
    first = await connections.session_for(ACTIONS)
    first.expires_at = now() + timedelta(minutes=10)
    assert await connections.session_for(ACTIONS) is not first
