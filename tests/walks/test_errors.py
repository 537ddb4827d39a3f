"""Every error has one code, one status, and a page that explains it."""

import importlib
import pkgutil
import re

import app
from app.api.problems import status_of
from app.core.errors import CloudrotaError
from tests.walks.python import ROOT

PAGES = ROOT / "docs/problems"
# Never answered to a client: a worker's own, and the framework's root.
INTERNAL = {"error", "lease-lost", "hints-not-sent", "undecryptable"}


def errors() -> list[type[CloudrotaError]]:
    """Every error class of the product."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith(("__main__", "celery_app")):
            importlib.import_module(module.name)
    found: list[type[CloudrotaError]] = []
    waiting: list[type[CloudrotaError]] = [CloudrotaError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("app.")]


def test_no_code_is_used_twice() -> None:
    own = [kind.code for kind in errors() if "code" in vars(kind)]
    assert sorted(own) == sorted(set(own))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in own)


def test_every_error_has_a_status_of_its_own_kind() -> None:
    for kind in errors():
        if kind.code not in INTERNAL:
            assert 400 <= status_of(kind) < 600


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    codes = {kind.code for kind in errors()} - INTERNAL
    pages = {page.stem for page in PAGES.glob("*.md")}
    assert codes - pages == set(), "errors without a page"
    assert pages - codes == set(), "pages without an error"


def test_a_page_names_its_code_and_says_something() -> None:
    for page in PAGES.glob("*.md"):
        text = page.read_text("utf-8")
        assert text.startswith(f"# {page.stem}\n")
        assert len(text.split()) > 20
