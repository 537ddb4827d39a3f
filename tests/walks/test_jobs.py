"""Jobs, tasks of Celery, messages of the outbox and task types: what is named has
somebody who does it, and nobody does what is not named."""

import json
import subprocess
import sys

import pytest
from pydantic import BaseModel

from app.core.queue import OUTBOX_QUEUE, Job, Priority, execution_queue
from app.core.settings import Settings
from app.models.task import ActionKind, TaskType
from app.services.outbox import OutboxKind
from app.services.task_types import task_types
from app.tasks.mail_jobs import ABOUT_SUBSCRIPTIONS, NOTICES
from app.tasks.outbox_jobs import HANDLERS
from tests.tasks.processes import environment
from tests.walks.python import ROOT

_CELERY = """
import inspect, json
from app.tasks.celery_app import QUEUES, app
own = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
print(json.dumps({
    "queues": QUEUES,
    "conf": {name: app.conf[name] for name in (
        "task_ignore_result", "task_acks_late", "accept_content", "result_backend",
        "task_serializer", "worker_prefetch_multiplier", "worker_pool")},
    "tasks": {name: list(inspect.signature(task.run).parameters)
              for name, task in own.items()},
}))
"""
# Of what the worker process empties, but for those of mutating tasks.
QUEUES = {OUTBOX_QUEUE, *(execution_queue(ActionKind.READ, one) for one in Priority)}


@pytest.fixture
def celery(template_settings: Settings) -> dict[str, object]:
    """What the Celery application says of itself: in a process of its own, because it
    takes its settings from the environment when it is imported."""
    found = subprocess.run(  # noqa: S603 — our own text
        [sys.executable, "-c", _CELERY],
        env=environment(template_settings),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, object] = json.loads(found.stdout)
    return answer


def test_each_job_is_one_celery_task_that_takes_one_id(
    celery: dict[str, object],
) -> None:
    tasks = celery["tasks"]
    assert isinstance(tasks, dict)
    assert set(tasks) == {job.value for job in Job}
    assert all(len(taken) == 1 and taken[0].endswith("_id") for taken in tasks.values())


def test_every_queue_that_is_written_to_is_read(celery: dict[str, object]) -> None:
    assert set(celery["queues"]) == QUEUES  # type: ignore[call-overload]  # a JSON list


def test_the_broker_carries_hints_and_nothing_else(celery: dict[str, object]) -> None:
    """Postgres does results, retries and schedules: a lost message costs time only."""
    assert celery["conf"] == {
        "task_ignore_result": True,
        "task_acks_late": False,
        "accept_content": ["json"],
        "result_backend": None,
        "task_serializer": "json",
        "worker_prefetch_multiplier": 1,
        "worker_pool": "threads",
    }


def test_each_kind_of_message_has_one_handler() -> None:
    """Of its own, but for those that it is told apart by."""
    assert set(HANDLERS) == set(OutboxKind)
    alike = {*NOTICES, *ABOUT_SUBSCRIPTIONS}
    own = [handler for kind, handler in HANDLERS.items() if kind not in alike]
    assert len(set(own)) == len(own)


@pytest.mark.parametrize("name", [*Job, *OutboxKind])
def test_jobs_are_called_noun_verb(name: str) -> None:
    noun, _, verb = name.partition(".")
    assert noun.isidentifier()
    assert verb.isidentifier()


def test_each_task_type_is_declared() -> None:
    assert set(task_types()) == set(TaskType)


# Of types that need more than a service and a region.
ASKED = {TaskType.REHEARSAL: ("sqs", {"queue_url": "https://sqs.example/queue"})}


@pytest.mark.parametrize("name", TaskType)
def test_a_task_type_declares_everything(name: TaskType) -> None:
    """Its parameters are described and closed, its units are for what was asked, and
    it names what AWS must allow for them."""
    declared = task_types()[name]
    assert declared.title
    assert declared.kind in ActionKind
    assert issubclass(declared.parameters, BaseModel)
    schema = declared.parameters.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["description"]
    service, parameters = ASKED.get(name, ("ec2", {}))
    units = declared.plan([service], ["eu-central-1"], parameters)
    assert units
    actions = declared.actions(units)
    assert actions
    assert all(action.startswith(f"{service}:") for action in actions)
    changes = declared.kind is ActionKind.MUTATE
    assert changes == (declared.intent is not None)
