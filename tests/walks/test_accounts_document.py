"""What `docs/accounts.md` promises of signing in is what the code does."""

import json
from functools import cache
from typing import Any

from app.core.settings import Settings
from app.services.decisions import code_tries, password_rules, rotation
from app.services.throttling import Act
from tests.walks.python import ROOT


@cache
def _section(title: str) -> str:
    text = (ROOT / "docs/accounts.md").read_text("utf-8")
    found = text.partition(f"\n## {title}\n")[2]
    return " ".join(found.partition("\n## ")[0].split())


def _answers_of(operation: dict[str, Any]) -> set[str]:
    """The names of the schemas that its successes are."""
    found = set()
    for status, answer in operation["responses"].items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if status.startswith("2"):
            found.add(schema.get("$ref", "").rpartition("/")[2])
    return found


def test_tells_every_way_in() -> None:
    """Each route whose answer holds an access token, and API keys."""
    document = json.loads((ROOT / "docs/openapi.json").read_text("utf-8"))
    schemas = document["components"]["schemas"]
    tokens = {
        name
        for name, one in schemas.items()
        if "access_token" in one.get("properties", {})
    }
    routes = {
        path.removeprefix("/api/v1")
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if _answers_of(operation) & tokens
    }
    told = {row.partition("`")[2].partition("`")[0] for row in _rows("Ways in")}
    assert told == routes | {"Authorization: Bearer cr_live_…"}


def _rows(title: str) -> list[str]:
    text = (ROOT / "docs/accounts.md").read_text("utf-8")
    lines = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0].splitlines()
    return [line for line in lines if line.startswith("| `")]


def test_tells_what_no_password_may_hold() -> None:
    told = _section("Passwords")
    common = password_rules._common_passwords()  # noqa: SLF001 — the data is the rule
    assert f"At least {password_rules.MIN_LENGTH} characters" in told
    assert f"{password_rules.MIN_LENGTH_WITH_MFA} beside a second factor" in told
    assert f"the {len(common):,} of these lengths" in told
    assert password_rules.weakness("my cloudrota login", email="a@example.com")
    assert "`cloudrota`" in told
    shortest = "x" * 4
    assert password_rules.weakness(f"a long {shortest} one", email=f"{shortest}@x.y")
    assert f"at least {len(shortest)} characters" in told


def test_tells_how_guessing_is_slowed() -> None:
    told = _section("Guessing")
    assert {act for act in Act if f"`{act}`" not in told} == set()
    assert f"{code_tries.FREE_TRIES} wrong ones in a row" in told


def test_tells_how_long_a_session_lasts() -> None:
    told = _section("Sessions")
    ends = ("access_token_minutes", "session_days", "session_idle_hours")
    for name in (*ends, "step_up_minutes"):
        default = Settings.model_fields[name].default
        assert f"| {default} | `{name.upper()}` |" in told
    assert f"another {rotation.GRACE.seconds} seconds" in told
