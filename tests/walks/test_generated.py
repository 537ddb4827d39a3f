"""What is generated is fresh, and what is pinned names no place it came from."""

import re

from app.api import export
from app.core import env_example
from tests.walks.python import ROOT


def test_env_example_is_fresh() -> None:
    assert env_example.FILE.read_text() == env_example.render()


def test_openapi_is_fresh() -> None:
    assert export.FILE.read_text() == export.render()


def test_no_setting_that_is_secret_has_a_default() -> None:
    for line in env_example.render().splitlines():
        name, _, value = line.removeprefix("# ").partition("=")
        if re.fullmatch(r"[A-Z_]*(SECRET_KEY|PASSWORD|URL)", name):
            assert value == "", name


def test_requirements_record_no_address() -> None:
    lists = sorted(ROOT.glob("requirements*"))
    assert lists
    for path in lists:
        found = re.search(r"://|index-url|find-links|trusted-host", path.read_text())
        assert found is None, path.name
