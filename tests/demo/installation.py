"""Everything the demo runs on: servers, mailbox, emulator, and the product itself."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.core.embedded.development import Development
from app.core.embedded.process import (
    LOOPBACK,
    EmbeddedError,
    NotReachable,
    free_port,
    is_free,
    require_free,
)
from tests.demo.places import DEMO, PRICES, PYTHON, SETTINGS, product_environment
from tests.demo.screen import Screen
from tests.demo.supervisor import Supervisor, end_what_a_killed_demo_left, run_to_end
from tests.emulator import Emulator, EmulatorServer
from tests.emulator_account import Platform, make_platform
from tests.fakestripe.server import KEY

# What the test checkout sells: euro cents a month, by the price's id.
SOLD = {
    "price_demo_team": {"name": "Team", "amount": 4_900},
    "price_demo_business": {"name": "Business", "amount": 49_900},
}


class AlreadyUp(EmbeddedError):
    """Another demo runs in this checkout."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A running product, whose API is at `url`, and the AWS it is pointed at."""

    url: str
    emulator: EmulatorServer
    supervisor: Supervisor

    def start_workers(self) -> None:
        self.supervisor.start("worker", "beat")


@contextmanager
def installed(screen: Screen, *, port: int | None) -> Iterator[Installation]:
    """All of it but worker and beat; whatever was started is stopped at the end.

    Raises `EmbeddedError` for what stands in the way, said for people.
    """
    _make_place()
    with _alone(), ExitStack() as stack:
        end_what_a_killed_demo_left(screen)
        stack.callback(screen.say, "everything is stopped")
        servers = Development(DEMO)
        stack.callback(lambda: _say_all(screen, servers.down()))
        _say_all(screen, servers.up())
        _choose_ports(screen, port)
        emulator = Emulator(DEMO / "emulator").start()
        stack.callback(emulator.stop)
        screen.say(f"the AWS emulator is up ({emulator.url})")
        _point_at(emulator, make_platform(emulator))
        _sell()
        _migrate(screen, servers)
        supervisor = Supervisor(screen)
        stack.callback(supervisor.stop)
        supervisor.start("mailbox", "checkout", "api")
        _price_plans(screen, servers)
        url = SETTINGS.read()["PUBLIC_URL"]
        screen.say(f"the API is up: {url}")
        stack.callback(screen.say_chapter, "Stopping")
        yield Installation(url, emulator, supervisor)


def _make_place() -> None:
    DEMO.mkdir(parents=True, exist_ok=True)
    owner = DEMO.stat().st_uid
    if owner != os.geteuid():
        raise NotReachable(
            f"{DEMO} belongs to the user with number {owner}: start as that user, "
            "or remove the directory to begin anew"
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the demo's lock, which the system lets go of when we are killed."""
    with (DEMO / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            url = SETTINGS.read().get("PUBLIC_URL", "an address of its own")
            raise AlreadyUp(
                f"the demo of this checkout already runs at {url}: "
                "use that one, or end it with Ctrl-C"
            ) from error
        yield


def _choose_ports(screen: Screen, asked: int | None) -> None:
    """The API's and the mailbox's: the last ones, unless they are taken."""
    written = SETTINGS.read()
    if asked is None:
        asked = _still_free(screen, "the API", written["PUBLIC_URL"])
    mail = _still_free(screen, "the mailbox", written["SMTP_URL"])
    last = written.get("STRIPE_API_URL", f"http://{LOOPBACK}:{free_port()}")
    stripe = _still_free(screen, "the test checkout", last)
    SETTINGS.update(
        {
            "STRIPE_API_URL": f"http://{LOOPBACK}:{stripe}",
            "PUBLIC_URL": f"http://{LOOPBACK}:{require_free(asked)}",
            "SMTP_URL": f"smtp://{LOOPBACK}:{mail}",
        }
    )


def _still_free(screen: Screen, name: str, url: str) -> int:
    port = urlsplit(url).port
    if port is not None and is_free(port):
        return port
    other = free_port()
    screen.say(f"port {port} is taken by another program: {name} moves to {other}")
    return other


def _point_at(emulator: EmulatorServer, platform: Platform) -> None:
    """Let the product use the emulator, with the identity it has there."""
    SETTINGS.update(
        {
            "AWS_EMULATOR_URL": emulator.url,
            "PLATFORM_PRINCIPAL_ARN": platform.principal_arn,
            "PLATFORM_ACCESS_KEY_ID": platform.keys.access_key_id,
            "PLATFORM_SECRET_ACCESS_KEY": platform.keys.secret_access_key.reveal(),
        }
    )


def _sell() -> None:
    """Let the product sell at the fake of Stripe."""
    PRICES.write_text(json.dumps(SOLD))
    SETTINGS.update(
        {
            "STRIPE_API_KEY": KEY,
            "STRIPE_WEBHOOK_SECRETS": json.dumps([f"whsec_{secrets.token_hex(16)}"]),
        }
    )


def _price_plans(screen: Screen, servers: Development) -> None:
    """By the operator's command, as in production."""
    environment = product_environment() | servers.superuser.read()
    for price, one in SOLD.items():
        plan = str(one["name"]).lower()
        command = (PYTHON, "-m", "app.cli", "plans", "set", plan, f"price={price}")
        run_to_end("pricing the plans", command, environment)
    screen.say("plans are sold at the test checkout, a fake of Stripe: no money moves")


def _migrate(screen: Screen, servers: Development) -> None:
    environment = product_environment() | servers.superuser.read()
    run_to_end("migrating", (PYTHON, "-m", "tests.demo.migrate"), environment)
    screen.say("the database is migrated")


def _say_all(screen: Screen, lines: list[str]) -> None:
    for line in lines:
        screen.say(line)
