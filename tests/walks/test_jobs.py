"""Every job has its Celery task, every outbox kind its handler, and none is left."""

import pytest

from app.core.queue import Job
from app.core.settings import Settings
from app.services.outbox import OutboxKind
from app.tasks.outbox import HANDLERS
from tests.tasks.processes import environment


def test_every_job_is_a_celery_task_with_its_name(
    template_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(template_settings).items():
        monkeypatch.setenv(name, value)
    from app.tasks.celery_app import app  # noqa: PLC0415 — reads the environment

    own = {name for name in app.tasks if not name.startswith("celery.")}
    assert own == {job.value for job in Job}


def test_every_kind_of_the_outbox_has_one_handler() -> None:
    assert set(HANDLERS) == set(OutboxKind)
