"""What must have happened, each looked up in what the API said."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.demo import rota
from tests.demo.client import Json
from tests.demo.slots import account_for
from tests.demo.story import PLAN, Story
from tests.demo.table import by_region, resources_in
from tests.emulator_account import WITHHELD_ACTION


@dataclass(frozen=True, slots=True)
class Expectation:
    """A sentence, whether it held, and what was seen; `log` is where to look if not."""

    sentence: str
    held: bool
    seen: str
    log: str = "worker"


def judge(story: Story) -> list[Expectation]:
    return [
        _plan_is_bought(story),
        _role_is_verified(story),
        _key_was_verified(story),
        _six_tasks(story),
        *(_fired_by_the_beat(story, name) for name in rota.BY_THE_BEAT),
        *(_read_both_regions(story, name) for name in rota.SUCCEED),
        _one_run_for_one_key(story),
        _permission_is_missing(story),
        _key_is_refused(story),
        _failures_are_problems(story),
        _no_slot_is_lost(story),
    ]


def _plan_is_bought(story: Story) -> Expectation:
    bought = story.subscription
    return Expectation(
        "the plan that was paid for at the test checkout is the organization's",
        bought.get("plan_code") == PLAN and bought["status"] in {"active", "trialing"},
        str(bought),
    )


def _role_is_verified(story: Story) -> Expectation:
    outcomes = {check["check"]: check["outcome"] for check in story.role["checks"]}
    proved = {
        "external_id_accepted",
        "missing_external_id_refused",
        "wrong_external_id_refused",
        "identity",
    }
    held = story.role["status"] == "verified" and all(
        outcomes.get(check) == "passed" for check in proved
    )
    return Expectation(
        "the role is verified: it lets us in with its external id, and with no other",
        held,
        f"{story.role['status']}; {_listed(outcomes)}",
    )


def _key_was_verified(story: Story) -> Expectation:
    status = story.key["status"]
    return Expectation(
        "the access key was verified before it was revoked",
        status == "verified",
        status,
    )


def _six_tasks(story: Story) -> Expectation:
    kinds = sorted({task["type"] for task in story.tasks.values()})
    return Expectation(
        "at least six tasks were made, of both types",
        len(story.tasks) >= 6 and kinds == ["health_check", "resource_list"],
        f"{len(story.tasks)} tasks: {', '.join(kinds)}",
        "api",
    )


def _fired_by_the_beat(story: Story, name: str) -> Expectation:
    fired = [one for one in story.executions_of(name) if one["trigger"] == "schedule"]
    ended = [one for one in fired if one["finished_at"]]
    wanted = 2 if name == rota.SERVERS else 1
    return Expectation(
        f"the beat fired “{name}” and the worker finished it",
        len(ended) >= wanted and len(ended) == len(fired),
        f"{len(fired)} fired, {len(ended)} finished, {wanted} expected at least",
        "beat",
    )


def _read_both_regions(story: Story, name: str) -> Expectation:
    executions = story.executions_of(name)
    statuses = [one["status"] for one in executions]
    regions = [by_region(story.units[one["id"]]) for one in executions]
    read = all(
        resources_in(found.get(region, [])) > 0
        for found in regions
        for region in rota.REGIONS
    )
    return Expectation(
        f"“{name}” succeeded and read resources in both regions",
        bool(executions) and read and set(statuses) == {"succeeded"},
        f"{', '.join(statuses) or 'no execution'}; resources "
        f"{[{r: resources_in(u) for r, u in found.items()} for found in regions]}",
    )


def _one_run_for_one_key(story: Story) -> Expectation:
    answers = story.starts[rota.QUEUES]
    runs = story.runs[rota.QUEUES]
    return Expectation(
        "the same Idempotency-Key twice started one run",
        len(answers) == 2 and answers[0] == answers[1] and len(runs) == 1,
        f"{len(runs)} recorded for {[answer['run_id'] for answer in answers]}",
        "api",
    )


def _permission_is_missing(story: Story) -> Expectation:
    errors = [one["error"] for one in story.executions_of(rota.SECRETS)]
    held = bool(errors) and all(
        error is not None
        and error["category"] == "AWSPermissionError"
        and error["missing_action"] == WITHHELD_ACTION
        and error["advice"]
        for error in errors
    )
    return Expectation(
        f"“{rota.SECRETS}” failed with AWSPermissionError naming {WITHHELD_ACTION}",
        held and _all_failed(story, rota.SECRETS),
        _named(errors),
    )


def _key_is_refused(story: Story) -> Expectation:
    errors = [one["error"] for one in story.executions_of(rota.ARCHIVE)]
    held = bool(errors) and all(
        error is not None
        and error["category"] == "AWSAuthenticationError"
        and error["advice"]
        for error in errors
    )
    return Expectation(
        f"“{rota.ARCHIVE}” failed with AWSAuthenticationError, its key being revoked",
        held and _all_failed(story, rota.ARCHIVE),
        _named(errors),
    )


def _failures_are_problems(story: Story) -> Expectation:
    categories = sorted(problem["category"] for problem in story.problems)
    return Expectation(
        "the two failures are two problems, however often they came",
        categories == ["AWSAuthenticationError", "AWSPermissionError"],
        ", ".join(categories) or "no problem",
    )


def _no_slot_is_lost(story: Story) -> Expectation:
    accounts = [
        account_for(story.tasks[name], story.runs[name], story.executions_of(name))
        for name in rota.BY_THE_BEAT
    ]
    return Expectation(
        "every slot is recorded once, with one execution",
        all(account.is_whole for account in accounts),
        "; ".join(account.sentence for account in accounts),
        "beat",
    )


def _all_failed(story: Story, name: str) -> bool:
    return {one["status"] for one in story.executions_of(name)} == {"failed"}


def _named(errors: Iterable[Json | None]) -> str:
    """What the errors are, in short."""
    return (
        ", ".join(
            f"{error['category']} {error['code']} {error['missing_action'] or ''}"
            if error
            else "no error"
            for error in errors
        )
        or "no execution"
    )


def _listed(outcomes: dict[str, str]) -> str:
    return ", ".join(f"{check} {outcome}" for check, outcome in outcomes.items())
