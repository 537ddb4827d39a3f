"""The product's own processes, each with its command, its log and its mark."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from app.core.embedded.process import LOOPBACK, is_free
from tests.demo.places import DEMO, LOGS, MAILBOX, PRICES, PYTHON, ROOT, SETTINGS

# An argument of each one's command line, by which it is known again: no process of
# another checkout has it.
MARKS: Mapping[str, Path] = {
    "mailbox": MAILBOX,
    "checkout": PRICES,
    "api": ROOT,
    "worker": DEMO,
    "beat": DEMO,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One process. `is_ready` gets what it has logged since it was started."""

    name: str
    argv: tuple[str, ...]
    is_ready: Callable[[str], bool]

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        return pid_file_of(self.name)


def pid_file_of(name: str) -> Path:
    return DEMO / f"{name}.pid"


def mailbox() -> Part:
    port = _port("SMTP_URL")
    serve = ("-m", "tests.mailbox", "serve", f"--port={port}")
    return Part(
        "mailbox",
        (PYTHON, *serve, "--directory", str(MARKS["mailbox"])),
        lambda _: not is_free(port),
    )


def checkout() -> Part:
    """The fake of Stripe. What it knows is gone with it, but for what it sells."""
    settings, port = SETTINGS.read(), _port("STRIPE_API_URL")
    [secret] = json.loads(settings["STRIPE_WEBHOOK_SECRETS"])
    webhook = f"{settings['PUBLIC_URL']}/api/v1/webhooks/stripe"
    return Part(
        "checkout",
        (
            *(PYTHON, "-m", "tests.fakestripe", "--port", str(port)),
            *("--webhook", webhook, "--secret", secret),
            *("--prices", str(MARKS["checkout"])),
        ),
        lambda _: not is_free(port),
    )


def api() -> Part:
    url, port = SETTINGS.read()["PUBLIC_URL"], _port("PUBLIC_URL")
    return Part(
        "api",
        (
            *(PYTHON, "-m", "uvicorn", "app.main:create_app", "--factory"),
            *("--app-dir", str(MARKS["api"]), "--host", LOOPBACK, "--port", str(port)),
            *("--loop", "uvloop", "--http", "httptools", "--no-server-header"),
            *("--timeout-graceful-shutdown", "5"),
        ),
        lambda _: _answers(f"{url}/readyz"),
    )


def worker() -> Part:
    return _celery(
        "worker",
        "-P",
        "threads",
        "-c",
        "16",
        "--without-gossip",
        "--without-mingle",
        "--loglevel",
        "INFO",
    )


def beat() -> Part:
    return _celery("beat", "--loglevel", "INFO")


def _celery(name: str, *options: str) -> Part:
    says = {"worker": " ready.", "beat": "beat.started"}[name]
    return Part(
        name,
        (
            *(PYTHON, "-m", "celery", "-A", "app.tasks.celery_app"),
            *("--workdir", str(MARKS[name]), name, *options),
        ),
        lambda logged: says in logged,
    )


PARTS: Mapping[str, Callable[[], Part]] = {
    "mailbox": mailbox,
    "checkout": checkout,
    "api": api,
    "worker": worker,
    "beat": beat,
}


def _port(setting: str) -> int:
    port = urlsplit(SETTINGS.read()[setting]).port
    assert port is not None, f"{setting} of {SETTINGS.path} names no port"
    return port


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False
