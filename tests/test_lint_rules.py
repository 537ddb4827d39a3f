"""Each structural lint rule finds a planted violation, and lets its own home be."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

RULES = Path(__file__).parents[1] / ".ast-grep"
ANYWHERE = "app/services/planted.py"

# Rule: what it must find in `app/services`.
PLANTED: dict[str, list[str]] = {
    "clock-is-read-in-one-place": [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "time.monotonic()",
        "from time import time",
    ],
    "commit-only-at-the-edge": ["await session.commit()", "self.db.commit()"],
    "aws-clients-from-one-place": [
        "import boto3",
        "from boto3 import client",
        "from boto3.session import Session",
        "from botocore.session import get_session",
        "botocore.session.Session()",
    ],
    "environment-only-in-settings": [
        "os.environ['HOME']",
        "os.environ.get('HOME', '/')",
        "os.getenv('HOME')",
        "from os import environ",
    ],
    "tokens-in-one-module": [
        "from jose import jwt",
        "import jose",
        "from jose.exceptions import JWTError",
    ],
    "passwords-in-one-module": [
        "from passlib.context import CryptContext",
        "import passlib.hash",
    ],
    "outbound-in-one-module": [
        "import httpcore",
        "import httpx",
        "import requests",
        "from requests.sessions import Session",
        "from urllib.request import urlopen",
        "import http.client",
        "Outbound(permits=anything)",
        "outbound.Outbound(ports=PORTS)",
    ],
    "totp-in-one-module": ["import pyotp", "from pyotp import TOTP"],
    "no-swallowed-exception": [
        "try:\n    act()\nexcept Exception:\n    pass",
        "try:\n    act()\nexcept:\n    result = []",
        "try:\n    act()\nexcept BaseException as error:\n    log(error)",
        "try:\n    act()\nexcept (KeyError, Exception):\n    result = None",
        "with suppress(Exception):\n    act()",
        "with contextlib.suppress(KeyError, Exception):\n    act()",
    ],
    "no-sleeping-thread": ["time.sleep(1)", "from time import sleep"],
    "relationships-load-nothing-by-themselves": [
        "tasks = relationship('Task')",
        "tasks = relationship('Task', lazy='selectin')",
        'tasks = relationship("Task", lazy="raise_on_sql")',
    ],
    "sql-is-never-glued-together": [
        'text(f"SELECT {column}")',
        'text("SELECT " + column)',
        'text("SELECT %s" % column)',
        'text("SELECT {}".format(column))',
        'sa.text(f"SELECT {column}")',
        'text("SELECT 1 " f"FROM {table}")',
    ],
}

# What no rule may find, and where.
INNOCENT: list[tuple[str, str]] = [
    ("app/core/clock.py", "datetime.now(UTC)"),
    ("app/core/db.py", "await session.commit()"),
    ("app/aws/session.py", "import boto3"),
    ("app/aws/errors.py", "from botocore.exceptions import ClientError"),
    ("app/core/settings.py", "os.environ['HOME']"),
    ("app/core/tokens.py", "from jose import jwt"),
    ("app/core/totp.py", "from pyotp import TOTP"),
    ("app/integrations/outbound.py", "import httpcore"),
    ("app/integrations/heartbeat.py", "from urllib.request import build_opener"),
    (ANYWHERE, "outbound = Outbound()"),
    ("app/core/passwords.py", "from passlib.context import CryptContext"),
    ("app/api/problems.py", "try:\n    act()\nexcept Exception:\n    answer()"),
    ("app/tasks/runtime.py", "try:\n    act()\nexcept Exception:\n    answer()"),
    ("app/core/embedded/process.py", "time.sleep(0.01)"),
    (ANYWHERE, "try:\n    act()\nexcept Exception:\n    undo()\n    raise"),
    (ANYWHERE, "try:\n    act()\nexcept KeyError:\n    raise Unknown from None"),
    (ANYWHERE, "with suppress(FileNotFoundError):\n    act()"),
    (ANYWHERE, 'tasks = relationship("Task", lazy="raise")'),
    (ANYWHERE, 'text("SELECT :id")'),
    (ANYWHERE, "clock.now()"),
    (ANYWHERE, "await session.flush()"),
]


def _scan(directory: Path) -> dict[str, set[str]]:
    """The rules that each file of `directory` breaks."""
    found = subprocess.run(  # noqa: S603 # our own arguments
        [
            Path(sys.executable).with_name("ast-grep"),
            "scan",
            "--json",
            "--config",
            RULES / "sgconfig.yml",
            ".",
        ],
        cwd=directory,
        check=False,  # 1 says that something was found
        capture_output=True,
        text=True,
    )
    broken = defaultdict(set)
    for finding in json.loads(found.stdout):
        broken[finding["file"].removeprefix("./")].add(finding["ruleId"])
    return broken


def _plant(directory: Path, path: str, source: str) -> None:
    file = directory / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source + "\n")


@pytest.mark.parametrize(
    ("rule", "source"),
    [(rule, source) for rule, sources in PLANTED.items() for source in sources],
)
def test_finds_what_the_rule_forbids(tmp_path: Path, rule: str, source: str) -> None:
    _plant(tmp_path, ANYWHERE, source)
    assert rule in _scan(tmp_path)[ANYWHERE]


@pytest.mark.parametrize(("path", "source"), INNOCENT)
def test_lets_the_right_way_be(tmp_path: Path, path: str, source: str) -> None:
    _plant(tmp_path, path, source)
    assert _scan(tmp_path) == {}


def test_swallowing_is_forbidden_to_tests_too(tmp_path: Path) -> None:
    _plant(tmp_path, "tests/test_x.py", PLANTED["no-swallowed-exception"][0])
    assert _scan(tmp_path)["tests/test_x.py"] == {"no-swallowed-exception"}


def test_every_rule_is_proven_here_and_teaches() -> None:
    rules = [yaml.safe_load(path.read_text()) for path in RULES.glob("rules/*.yml")]
    assert {rule["id"] for rule in rules} == set(PLANTED)
    assert all(rule["note"] and rule["severity"] == "error" for rule in rules)
