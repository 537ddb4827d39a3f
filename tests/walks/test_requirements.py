"""What is installed: pinned to versions and hashes, from nowhere in particular."""

import re
from pathlib import Path

import pytest

from tests.walks.python import ROOT

LISTS = sorted(ROOT.glob("requirements*"))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_no_list_names_where_packages_come_from(path: Path) -> None:
    named = re.findall(
        r"(?m)^.*(?:https?://|--\w*(?:index|links|host)).*$", path.read_text()
    )
    assert named == []


@pytest.mark.parametrize(
    "path",
    [path for path in LISTS if path.suffix == ".txt"],
    ids=lambda path: path.name,
)
def test_every_package_is_pinned_to_its_hashes(path: Path) -> None:
    text = path.read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    assert lines
    unpinned = [
        line[:60] for line in lines if not re.match(r"\S+==\S+.* --hash=sha256:", line)
    ]
    assert unpinned == []
    assert path.with_suffix(".in").is_file()
