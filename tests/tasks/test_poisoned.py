"""The worker's own AWS identity is never used for a tenant: keys, profiles, files and
endpoints in its environment have no effect."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import monotonic
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution
from tests.builders import make_task
from tests.personae import People
from tests.tasks.conftest import queue_execution
from tests.tasks.processes import WORKER, running

PATIENCE_SECONDS = 60


@contextmanager
def trap() -> Iterator[socket.socket]:
    """A listening socket that nobody should ever connect to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def was_reached(server: socket.socket) -> bool:
    try:
        connection, _ = server.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True


def poison(tmp_path: Path, port: int) -> dict[str, str]:
    files = tmp_path / "aws"
    files.write_text(
        "[default]\naws_access_key_id = AKIAPOISONPOISON0001\n"
        "aws_secret_access_key = poison\n"
        f"endpoint_url = http://127.0.0.1:{port}\n"
    )
    return {
        "AWS_ACCESS_KEY_ID": "AKIAPOISONPOISON0001",
        "AWS_SECRET_ACCESS_KEY": "poison",
        "AWS_SESSION_TOKEN": "poison",
        "AWS_SHARED_CREDENTIALS_FILE": str(files),
        "AWS_CONFIG_FILE": str(files),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "HTTP_PROXY": f"http://127.0.0.1:{port}",
        "HTTPS_PROXY": f"http://127.0.0.1:{port}",
    }


async def test_a_poisoned_environment_signs_nothing_and_leads_nowhere(
    database: Database,
    people: People,
    account: AWSAccount,
    worker_settings: Settings,
    owner: AsyncSession,
    tmp_path: Path,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(
            session,
            people.alice.organization_id,
            accounts=(account,),
            services=("dynamodb",),
            parameters={"operations": ["dynamodb:DescribeTable"]},
        )
    id = await queue_execution(database, task, account)
    with trap() as server:
        variables = poison(tmp_path, server.getsockname()[1])
        with running(WORKER, worker_settings, tmp_path / "log", **variables):
            execution = await _finished(owner, id)
        assert not was_reached(server)
    # The emulator checks signatures: the poisoned key would have been refused.
    assert execution.error is None
    assert execution.status == Status.SUCCEEDED


async def _finished(owner: AsyncSession, id: object) -> TaskExecution:
    give_up_at = monotonic() + PATIENCE_SECONDS
    while monotonic() < give_up_at:
        execution = await owner.get_one(TaskExecution, id, populate_existing=True)
        if execution.finished_at is not None:
            return execution
        await owner.rollback()
        await asyncio.sleep(0.3)
    raise AssertionError("the execution never finished")
