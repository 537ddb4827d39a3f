"""What the documents name is there: files, folders, modules, make targets, settings;
and the README counts what is there now."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.aws.catalog.loader import catalog
from app.aws.catalog.summary import counts
from app.aws.services.health import checks_of
from tests.walks.python import ROOT, modules

DOCUMENTS = sorted(
    path.relative_to(ROOT) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
)
_FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_FOLDERS = "app|tests|docs|alembic|frontend|infrastructure|\\.ast-grep|\\.ci"
# `tests/api/test_<noun>.py` and `docs/…` are patterns and no paths.
_PATH = re.compile(rf"(?<![\w/.-])((?:{_FOLDERS})/[\w./-]+)(?![\w./<…*{{-])")
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
_TARGETS = re.compile(r"^make ([a-z0-9-]+(?: [a-z0-9-]+)*)", re.MULTILINE)
_MODULE = re.compile(r"-m ((?:app|tests)\.[\w.]+)")
_NAME = re.compile(r"_?[A-Z][A-Z0-9]*_[A-Z0-9_]+")
# Variables of others.
FOREIGN = {
    "AWS_ACCESS_KEY_ID": "boto3's own, which has no effect",
}


def _code(document: Path) -> Iterator[str]:
    """What stands in the document as code: blocks, and spans in backticks."""
    text = (ROOT / document).read_text("utf-8")
    yield from _FENCE.findall(text)
    yield from _SPAN.findall(_FENCE.sub("", text))


def _named(document: Path, pattern: re.Pattern[str]) -> set[str]:
    return {found for code in _code(document) for found in pattern.findall(code)}


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=str)


@each_document
def test_a_document_names_only_files_that_are_there(document: Path) -> None:
    named = _named(document, _PATH)
    assert {path for path in named if not (ROOT / path).exists()} == set()
    here = (ROOT / document).parent
    linked = set(_LINK.findall((ROOT / document).read_text("utf-8")))
    assert {path for path in linked if not (here / path).exists()} == set()


@each_document
def test_a_document_names_only_commands_that_are_there(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    asked = {one for line in _named(document, _TARGETS) for one in line.split(" ")}
    assert asked - targets == set()
    paths = {name: Path(name.replace(".", "/")) for name in _named(document, _MODULE)}
    runnable = set(modules())
    assert {
        name
        for name, path in paths.items()
        if not {path.with_suffix(".py"), path / "__main__.py"} & runnable
    } == set()


@each_document
def test_a_document_names_only_settings_that_are_there(document: Path) -> None:
    named = {code for code in _code(document) if _NAME.fullmatch(code)}
    assert {one for one in named - FOREIGN.keys() if one not in _known()} == set()


@cache
def _known() -> str:
    """The code but for this file, and the settings, to look for a name in."""
    here = Path(__file__).relative_to(ROOT)
    paths = ({*modules()} - {here}) | {Path(".env.example")}
    return "\n".join((ROOT / path).read_text("utf-8") for path in paths)


def test_the_readme_has_the_figures_of_today() -> None:
    found = counts()
    tiers = [{one.tier for one in checks_of(name)} for name in catalog().services]
    both = sum({"curated", "generic"} <= one for one in tiers)
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert f"all {found['services']} that the SDK has a model of" in text
    assert (
        f"{found['curated_health']} have curated health checks,"
        f" {found['generic_health']} generic ones, which go by the words of a state"
        f" ({both} have both)"
    ) in text


def test_what_is_said_to_be_foreign_is_named_somewhere() -> None:
    spans = {code for document in DOCUMENTS for code in _code(document)}
    assert FOREIGN.keys() <= spans


def test_tells_what_is_not_there() -> None:
    """The patterns find what they are for, also in the midst of a command."""
    assert _PATH.findall("pytest tests/api/gone.py -x") == ["tests/api/gone.py"]
    assert _PATH.findall("tests/api/test_<noun>.py") == []
    assert _TARGETS.findall("make dev-up vanish  # then") == ["dev-up vanish"]
    assert _MODULE.findall("X=… python -m app.core.gone --check") == ["app.core.gone"]
    assert _NAME.fullmatch("NO_SUCH_SETTING")


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(p.name[:4]) for p in sorted(ROOT.glob("docs/decisions/*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
