"""The workflows run the commands of .ci/run, with as few rights as they can."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.image import files

each_workflow = pytest.mark.parametrize("path", files.WORKFLOWS, ids=lambda p: p.stem)


def _on(workflow: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = workflow[True]  # YAML 1.1 takes `on` for a boolean
    return found


def _steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@each_workflow
def test_a_workflow_may_nothing_and_a_job_only_what_it_says(path: Path) -> None:
    workflow = files.workflow(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        allowed = {"contents": "read"}
        if _on(workflow) == {"push": {"tags": ["v*"]}}:
            allowed["id-token"] = "write"
        assert job["permissions"].items() <= allowed.items()


@each_workflow
def test_a_workflow_ends_and_does_not_run_twice_at_once(path: Path) -> None:
    workflow = files.workflow(path)
    assert "github.ref" in workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert re.fullmatch(r"ubuntu-\d\d\.\d\d", job["runs-on"])


@each_workflow
def test_no_secret_is_handed_to_any_run(path: Path) -> None:
    assert "secrets." not in path.read_text("utf-8")
    assert "pull_request_target" not in path.read_text("utf-8")
    for step in _steps(files.workflow(path)):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@each_workflow
def test_an_action_is_pinned_by_a_whole_version(path: Path) -> None:
    used = [step["uses"] for step in _steps(files.workflow(path)) if "uses" in step]
    assert used
    assert [
        each for each in used if not re.fullmatch(r"[\w/-]+@v\d+\.\d+\.\d+", each)
    ] == []


def test_what_is_proven_of_every_commit_is_proven_there() -> None:
    proof = files.workflow(files.ROOT / ".github/workflows/check.yml")["jobs"]["prove"]
    commands = set(proof["strategy"]["matrix"]["command"])
    wanted = re.sub(r"(make tf-check) ONLY=\w+", r"\1", files.text(".ci/run"))
    run = set(re.findall(r"^make .*$", wanted, re.MULTILINE))
    assert run <= commands
    assert commands - run <= {"make image-check"}


@each_workflow
def test_the_targets_are_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", files.text("Makefile"), re.MULTILINE))
    called = re.compile(r"^[^#\n]*\bmake ([a-z0-9-]+)", re.MULTILINE)
    asked = called.findall(path.read_text("utf-8"))
    assert asked
    assert set(asked) - targets == set()


def test_what_is_shipped_is_compared_with_the_lists_of_weaknesses_each_day() -> None:
    workflow = files.workflow(files.ROOT / ".github/workflows/weaknesses.yml")
    (moment,) = _on(workflow)["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", moment["cron"])
    assert [step.get("run") for step in _steps(workflow)][-1] == "make weaknesses"
    recipe = files.text("Makefile").partition("\nweaknesses:")[2].partition("\n\n")[0]
    # What cannot be looked up must fail as what is weak does.
    assert "pip-audit --strict --requirement requirements.txt" in recipe
    assert "npm audit --omit=dev" in recipe
