"""Logs: one JSON object a line, and no secret in it, whatever it is called."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from app.core.log import REDACTED, configure_logging, scrub
from app.core.secret import Secret
from app.core.settings import Settings

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw"


def _scrubbed(**event: Any) -> Any:
    return scrub(None, "info", dict(event))


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "PASSWD",
        "secret_key",
        "SecretAccessKey",
        "access_token",
        "refresh_token",
        "Authorization",
        "Set-Cookie",
        "api_key",
        "apikey",
        "credential_keys",
    ],
)
def test_masks_what_is_named_like_a_secret(name: str) -> None:
    assert _scrubbed(**{name: "canary"}) == {name: REDACTED}
    deep = {"request": [{"body": ({name: ["canary"]},)}]}
    assert "canary" not in json.dumps(_scrubbed(**deep))


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        JWT,
        f"cr_live_7Nq2Zk4RbT0x_{'s' * 49}",
        "cr_live_7Nq2Zk4RbT0x_half",
        "Bearer abcdefghijklmnopqrstuvwxyz",
        "bearer abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_masks_what_looks_like_a_secret_anywhere_in_a_text(text: str) -> None:
    scrubbed = _scrubbed(event=f"before {text} after", deep=[{"x": f"({text})"}])
    assert text not in json.dumps(scrubbed)
    assert scrubbed["event"].startswith("before ")
    assert scrubbed["event"].endswith(" after") or "earer" in text


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://cloudrota_app:canary@db:5432/cloudrota",
        "smtps://no-reply%40example.com:canary@mail:465",
        "rediss://default:canary@cache:6379/0",
    ],
)
def test_masks_the_password_in_a_url_and_keeps_its_host(url: str) -> None:
    scrubbed = _scrubbed(event=f"cannot reach {url}")["event"]
    assert "canary" not in scrubbed
    assert url.partition("@")[2] in scrubbed


def test_leaves_what_is_no_secret() -> None:
    event = {
        "event": "request",
        "path": "/api/v1/tasks",
        "count": 3,
        "account": "471112833055",
        "missing": None,
    }
    assert _scrubbed(**event) == event


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("canary")
    assert "canary" not in f"{secret} {secret!r} {[secret]}"


@contextmanager
def _written(**settings: Any) -> Iterator[list[dict[str, Any]]]:
    """What is logged inside, once it is over, as configured for a process."""
    configured = Settings(
        _env_file=None,
        environment="test",
        public_url="http://127.0.0.1:8000",
        secret_key=SecretStr("0123456789abcdef" * 4),
        redis_url=SecretStr("redis://127.0.0.1:1"),
        **settings,
    )
    root = logging.getLogger()
    before, level = root.handlers, root.level
    lines: list[dict[str, Any]] = []
    with redirect_stderr(StringIO()) as stream:
        configure_logging(configured, "test")
        yield lines
    root.handlers = before
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()
    lines += [json.loads(line) for line in stream.getvalue().splitlines()]


def test_writes_one_json_object_a_line_with_its_ids() -> None:
    with _written() as lines:
        structlog.contextvars.bind_contextvars(request_id="r-1", organization_id="o-1")
        structlog.get_logger("tests").info("first\nsecond", password="canary")
    (line,) = lines
    assert line["event"] == "first\nsecond"
    assert line["password"] == REDACTED
    assert (line["request_id"], line["organization_id"]) == ("r-1", "o-1")
    assert (line["level"], line["process"]) == ("info", "test")


def test_a_library_s_log_takes_the_same_way() -> None:
    with _written() as lines:
        logging.getLogger("library").warning("connect to redis://u:%s@h", "canary")
    (line,) = lines
    assert "canary" not in json.dumps(line)
    assert line["logger"] == "library"


def test_an_exception_is_written_without_its_secrets() -> None:
    with _written() as lines:
        failure = KeyError(f"refused {JWT}")
        structlog.get_logger("tests").error("request.failed", exc_info=failure)
    (line,) = lines
    assert "KeyError" in line["exception"]
    assert JWT not in line["exception"]


def test_libraries_that_tell_all_are_never_asked_for_it() -> None:
    with _written(log_level="DEBUG") as lines:
        logging.getLogger("botocore.parsers").debug("Response body: canary")
        logging.getLogger("botocore.auth").debug("x-amz-security-token:canary")
        logging.getLogger("app").debug("ours")
    assert [line["event"] for line in lines] == ["ours"]
