"""The demo's expectations: none may hold because nothing happened."""

from tests.demo import rota
from tests.demo.client import Json
from tests.demo.expectations import Expectation, judge
from tests.demo.story import Story
from tests.emulator_account import WITHHELD_ACTION


def _story() -> Story:
    """One in which everything was made and nothing came of it."""
    pending = {"status": "pending", "checks": []}
    story = Story({}, pending, pending)
    for name in (*rota.BY_THE_BEAT, *rota.BY_HAND):
        story.tasks[name] = {"name": name, "type": "health_check", "next_run_at": None}
        story.starts[name], story.runs[name] = [], []
    return story


def _failed(name: str, **error: str) -> Json:
    return {
        "task_name": name,
        "status": "failed",
        "trigger": "manual",
        "finished_at": None,
        "run_id": "run",
        "error": {"code": "AccessDenied", "missing_action": None, **error},
    }


def _about(name: str, story: Story) -> Expectation:
    return next(one for one in judge(story) if one.sentence.startswith(f"“{name}”"))


def test_nothing_holds_when_nothing_happened() -> None:
    assert [one.sentence for one in judge(_story()) if one.held] == []


def test_a_permission_error_must_name_the_withheld_action() -> None:
    story = _story()
    error = {"category": "AWSPermissionError", "advice": "Allow it."}
    story.executions = [_failed(rota.SECRETS, **error, missing_action="kms:ListKeys")]
    assert not _about(rota.SECRETS, story).held
    story.executions = [_failed(rota.SECRETS, **error, missing_action=WITHHELD_ACTION)]
    assert _about(rota.SECRETS, story).held


def test_a_revoked_key_must_be_an_authentication_error_with_advice() -> None:
    story = _story()
    error = {"category": "AWSAuthenticationError"}
    story.executions = [_failed(rota.ARCHIVE, **error, advice="")]
    assert not _about(rota.ARCHIVE, story).held
    story.executions = [_failed(rota.ARCHIVE, **error, advice="Create a key.")]
    assert _about(rota.ARCHIVE, story).held
