"""What the documents name is there: files, folders and make targets."""

import re
from pathlib import Path

import pytest

from tests.walks.python import ROOT

DOCUMENTS = sorted(
    path.relative_to(ROOT) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
)
_FOLDERS = "app|tests|docs|alembic|frontend|infrastructure|\\.ast-grep|\\.ci"
_PATH = re.compile(rf"`((?:{_FOLDERS})/[\w./-]+)`")
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
_TARGET = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_document_names_only_what_is_there(document: Path) -> None:
    text = (ROOT / document).read_text("utf-8")
    named = {path for path in _PATH.findall(text) if "<" not in path}
    assert {path for path in named if not (ROOT / path).exists()} == set()
    linked = set(_LINK.findall(text))
    here = (ROOT / document).parent
    assert {path for path in linked if not (here / path).exists()} == set()
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(_TARGET.findall(text)) <= set(targets)


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(p.name[:4]) for p in sorted(ROOT.glob("docs/decisions/*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
