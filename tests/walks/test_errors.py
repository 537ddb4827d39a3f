"""Errors: each has its own code and title, a status, and a page that explains it; and
there is no page of an error that is none."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

import app
from app.api.problems import STATUS, status_of
from app.core.errors import CloudrotaError
from tests.walks.python import ROOT

PAGES = ROOT / "docs/problems"
# Modules that act when they are imported.
ENTRY_POINTS = {"app.tasks.celery_app", "app.core.embedded.__main__"}
# Errors that no request is answered with, and why.
WITHOUT_STATUS = {
    "lease-lost": "a worker's, which ends its work with it",
    "error": "what nobody foresaw: 500, wherever it came from",
}


@cache
def errors() -> tuple[type[CloudrotaError], ...]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name not in ENTRY_POINTS:
            importlib.import_module(module.name)
    return (CloudrotaError, *_below(CloudrotaError))


def _below(kind: type[CloudrotaError]) -> Iterator[type[CloudrotaError]]:
    for error in kind.__subclasses__():
        yield error
        yield from _below(error)


def test_no_two_errors_share_a_code_or_a_title() -> None:
    for name in ("code", "title"):
        counts = Counter(getattr(error, name) for error in errors())
        assert [said for said, times in counts.items() if times > 1] == []


@pytest.mark.parametrize("error", errors(), ids=lambda error: error.__name__)
def test_an_error_is_complete(error: type[CloudrotaError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", error.code)
    assert error.title[0].isupper()
    assert not error.title.endswith(".")
    if error.code not in WITHOUT_STATUS:
        assert 400 <= status_of(error) < 600
    page = PAGES / f"{error.code}.md"
    assert page.is_file(), f"write docs/problems/{error.code}.md"
    title, *paragraphs = page.read_text().split("\n\n")
    assert title == f"# {error.code}"
    assert len(paragraphs) >= 2, "say what it means, and then how to fix it"


def test_every_page_is_of_an_error() -> None:
    pages = {path.stem for path in PAGES.iterdir()}
    assert pages == {error.code for error in errors()}


def test_what_is_excused_from_a_status_has_none() -> None:
    without = {
        error.code
        for error in errors()
        if not any(base in STATUS for base in error.__mro__)
    }
    assert without == set(WITHOUT_STATUS)
