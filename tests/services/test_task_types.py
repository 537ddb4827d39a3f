"""Walks the registry of task types: each declares all that is asked of one."""

from typing import Any, get_args

import pytest

from app.aws.errors import CATEGORIES
from app.aws.policy import policy_for
from app.models.task import ActionKind, TaskType
from app.schemas.tasks import OFFERED, Category
from app.services.task_types import task_type, task_types
from app.services.task_versions import parameters_of


def test_every_type_that_a_task_can_have_is_declared() -> None:
    assert set(task_types()) == set(TaskType)


@pytest.mark.parametrize("name", OFFERED)
def test_a_type_declares_units_actions_and_strict_parameters(name: TaskType) -> None:
    declared = task_type(name)
    assert declared.name is name
    assert declared.title
    assert declared.parameters.model_config["extra"] == "forbid"
    assert declared.parameters.model_json_schema()["additionalProperties"] is False
    units = declared.plan(["ec2", "s3"], ["eu-central-1"], {})
    assert {unit.service for unit in units} == {"ec2", "s3"}
    assert {unit.region for unit in units} == {"eu-central-1", "global"}
    actions = declared.actions(units)
    assert actions == tuple(sorted(set(actions)))
    assert policy_for(actions)


def test_what_is_offered_only_reads_and_the_others_change_something() -> None:
    kinds = {name: task_type(name).kind for name in TaskType}
    reading = {name for name, kind in kinds.items() if kind is ActionKind.READ}
    assert reading == set(OFFERED)


@pytest.mark.parametrize("name", OFFERED)
def test_a_type_that_reads_needs_no_action_that_changes(name: TaskType) -> None:
    declared = task_type(name)
    units = declared.plan(["ec2", "rds", "s3"], ["eu-central-1"], {})
    verbs = ("Describe", "Get", "List")
    for action in declared.actions(units):
        assert action.partition(":")[2].startswith(verbs)


def test_the_categories_of_a_retry_are_those_of_errors() -> None:
    assert set(get_args(Category)) == {kind.__name__ for kind in CATEGORIES}


def test_only_a_run_as_scheduled_has_the_parameters_of_once() -> None:
    of_task: dict[str, Any] = {"operations": ["ec2:DescribeVpcs"]}
    of_once: dict[str, Any] = {"operations": []}
    once = {"kind": "once", "parameters": of_once}
    assert parameters_of(of_task, once, as_scheduled=True) == of_once
    assert parameters_of(of_task, once, as_scheduled=False) == of_task
