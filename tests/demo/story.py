"""What a customer does with the product, over its public API alone."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

import httpx

from app.core import clock
from tests.demo import rota
from tests.demo.client import API, Json, NotInTime, Refused, wait_for
from tests.demo.places import USER
from tests.demo.screen import Screen
from tests.emulator import EmulatorServer
from tests.emulator_account import Account, fill, revoke_key
from tests.mailbox import Mailbox

PLAN = "business"  # whose tasks may run each minute
TEST_CARD = "4242 4242 4242 4242"
ARCHIVE_ACCOUNT = "302256148891"
UNFINISHED = ("queued", "running")
SLOTS_OF_THE_RATE = 2  # so that the minute between them is seen
SLOTS_WITHIN_SECONDS = 100  # one minute, and what the work takes on a busy machine


@dataclass(slots=True)
class Story:
    """All that the API said which expectations and tables look at."""

    onboarding: Json
    role: Json  # the credentials as they were when their verification had ended
    key: Json
    tasks: dict[str, Json] = field(default_factory=dict)  # by name
    starts: dict[str, list[Json]] = field(default_factory=dict)  # answers of /execute
    executions: list[Json] = field(default_factory=list)  # the oldest first
    units: dict[str, list[Json]] = field(default_factory=dict)  # by execution
    runs: dict[str, list[Json]] = field(default_factory=dict)  # by task's name
    problems: list[Json] = field(default_factory=list)
    subscription: Json = field(default_factory=dict)

    def executions_of(self, name: str) -> list[Json]:
        return [one for one in self.executions if one["task_name"] == name]


def retire_the_last(api: API, screen: Screen) -> None:
    """Switch off what the last demo left in the rota: its AWS accounts are gone."""
    last = USER.read()
    if not last:
        return
    try:
        api.sign_in(last["EMAIL"], last["PASSWORD"])
    except Refused as refused:
        if refused.status != HTTPStatus.UNAUTHORIZED:
            raise
        screen.say(f"{last['EMAIL']} of an earlier demo is not in this database")
        return
    enabled = list(api.items("/tasks", enabled="true"))
    for task in enabled:
        api.patch(f"/tasks/{task['id']}", {"enabled": False})
    screen.say(
        f"{len(enabled)} tasks of {last['EMAIL']} (an earlier demo, whose emulated "
        "accounts are gone) are switched off; their history stays"
    )


def sign_up(api: API, mailbox: Mailbox, screen: Screen) -> None:
    """A new person with a new organization, whose address is verified by mail."""
    number = secrets.token_hex(3)
    email, password = f"ana-{number}@shop.example", secrets.token_urlsafe(12)
    registered = api.post(
        "/auth/register",
        {
            "email": email,
            "password": password,
            "name": "Ana Costa",
            "organization_name": f"Shop {number}",
        },
    )
    api.be(registered["access_token"])
    USER.update({"EMAIL": email, "PASSWORD": password})
    screen.say(f"{email} registered {registered['organization']['name']}")
    mail = mailbox.wait_for(email, within=30)
    api.post("/auth/verify-email", {"token": mail.token})
    me = api.get("/auth/me")
    screen.say(
        f"the mail “{mail.subject}” came, and its link verified the address at "
        f"{me['user']['email_verified_at']}"
    )


def subscribe(api: API, screen: Screen) -> Json:
    """Buy a plan at the test checkout; the subscription once we know of it."""
    page = api.post(
        "/subscription/checkout",
        {"plan_code": PLAN},
        idempotency_key=secrets.token_hex(8),
    )
    screen.say(f"TEST CHECKOUT (a fake of Stripe, no money moves): {page['url']}")
    form = {"card": TEST_CARD, "country": "DE"}
    paid = httpx.post(page["url"], data=form, timeout=30, trust_env=False)
    screen.say(f"the test card {TEST_CARD} is taken ({paid.status_code})")

    def arrived() -> Json | None:
        found = api.get("/subscription")
        return found if found["plan_code"] == PLAN else None

    found = wait_for(arrived, "the plan that was paid for", within=60)
    screen.say(f"Stripe's word was fetched: {found['plan_name']}, {found['status']}")
    return found


def connect(api: API, emulator: EmulatorServer, screen: Screen) -> tuple[Story, str]:
    """Two AWS accounts: one by role, one by an access key that is revoked after its
    verification. The story so far, and the archive account's id."""
    onboarding = api.get("/aws-credentials/onboarding")
    screen.say(
        f"onboarding asks for a role that trusts {onboarding['principal_arn']} "
        f"with an external id of {len(onboarding['external_id'])} characters"
    )
    shop = _customer_account(emulator, onboarding, screen)
    role = _verified(
        api,
        {"kind": "role", "name": "Shop production", "role_arn": shop.role_arn},
    )
    screen.say(f"{role['role_arn']} is {role['status']}")
    at_archive = replace(emulator, account_id=ARCHIVE_ACCOUNT)
    archive = _customer_account(at_archive, onboarding, screen)
    key = _verified(
        api,
        {
            "kind": "access_key",
            "name": "Shop archive",
            "access_key_id": archive.user_keys.access_key_id,
            "secret_access_key": archive.user_keys.secret_access_key.reveal(),
        },
    )
    screen.say(f"the access key …{key['access_key_last4']} is {key['status']}")
    revoke_key(at_archive, archive)
    screen.say("the customer deletes that access key in IAM, and tells nobody")
    return Story(onboarding, role, key), key["aws_account_id"]


def make_tasks(api: API, story: Story, archive: str, screen: Screen) -> None:
    production = story.role["aws_account_id"]
    for definition in rota.tasks(production, archive, clock.now()):
        task = api.post("/tasks", definition)
        story.tasks[task["name"]] = task
        screen.say(f"task “{task['name']}”: {task['schedule_in_words']}")


def start_by_hand(api: API, story: Story, screen: Screen) -> None:
    """Run some tasks now; the first one is asked for twice under one key."""
    for name in rota.BY_HAND:
        path = f"/tasks/{story.tasks[name]['id']}/execute"
        key = secrets.token_hex(16)
        answers = [api.post(path, idempotency_key=key)]
        if name == rota.QUEUES:
            answers.append(api.post(path, idempotency_key=key))
        story.starts[name] = answers
        screen.say(f"“{name}” started by hand")


def watch(api: API, story: Story, screen: Screen) -> None:
    """Wait until the beat has fired every scheduled task, the rate twice, and the
    worker has finished them and those started by hand; tell each as it ends."""
    told: set[str] = set()
    screen.say(_when_they_are_due(api, story))

    def look() -> bool | None:
        story.executions = sorted(
            (one for id in _ids(story) for one in api.items("/executions", task_id=id)),
            key=lambda one: str(one["id"]),
        )
        _tell_the_ended(story.executions, told, screen)
        return _is_told(story) or None

    try:
        wait_for(look, "every slot", within=SLOTS_WITHIN_SECONDS)
    except NotInTime as late:
        screen.say(f"{late}: the expectations below say what is missing")


def recall(api: API, story: Story) -> None:
    """Read what belongs to the executions: units, runs of each task, problems."""
    for execution in story.executions:
        path = f"/executions/{execution['id']}/units"
        story.units[execution["id"]] = list(api.items(path))
    for name, task in story.tasks.items():
        story.runs[name] = list(api.items(f"/tasks/{task['id']}/runs"))
    story.problems = list(api.items("/problems"))


def _customer_account(
    emulator: EmulatorServer, onboarding: Json, screen: Screen
) -> Account:
    """What the customer does on its own side, with what onboarding told it."""
    account = fill(
        emulator,
        external_id=onboarding["external_id"],
        principal=onboarding["principal_arn"],
    )
    regions = " and ".join(account.regions)
    screen.say(f"at the emulator, account {account.account_id} lives in {regions}")
    return account


def _verified(api: API, connection: Json) -> Json:
    made = api.post("/aws-credentials", connection)

    def look() -> Json | None:
        seen = api.get(f"/aws-credentials/{made['id']}")
        return None if seen["verification_pending"] else seen

    return wait_for(look, f"the verification of {connection['name']}", within=60)


def _ids(story: Story) -> Iterable[str]:
    return [task["id"] for task in story.tasks.values()]


def _when_they_are_due(api: API, story: Story) -> str:
    due = {
        name: str(api.get(f"/tasks/{story.tasks[name]['id']}")["next_run_at"])[11:19]
        for name in rota.BY_THE_BEAT
    }
    slots = ", ".join(f"“{name}” at {time}" for name, time in due.items())
    return f"the beat has to fire {slots} UTC"


def _is_told(story: Story) -> bool:
    """Whether enough has happened, and all of it has ended."""
    ended = {name: _ended(story, name) for name in story.tasks}
    slots = all(ended[name] for name in (*rota.BY_THE_BEAT, *rota.BY_HAND))
    return slots and ended[rota.SERVERS] >= SLOTS_OF_THE_RATE


def _ended(story: Story, name: str) -> int:
    """How many executions of a task have ended; none while one is at work."""
    statuses = [one["status"] for one in story.executions_of(name)]
    return 0 if any(one in UNFINISHED for one in statuses) else len(statuses)


def _tell_the_ended(executions: Iterable[Json], told: set[str], screen: Screen) -> None:
    for one in executions:
        if one["status"] in UNFINISHED or one["id"] in told:
            continue
        told.add(one["id"])
        slot = one["scheduled_for"]
        when = f"slot {slot[11:19]}" if slot else "by hand"
        why = f" ({one['error']['category']})" if one["error"] else ""
        screen.say(f"“{one['task_name']}”, {when}: {one['status']}{why}")
