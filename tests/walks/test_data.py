"""docs/data.md files each table at a level that fits its columns."""

import re
from collections.abc import Mapping

import pytest

import app.models  # noqa: F401 — all tables are known
from app.models.base import Base
from tests.walks.python import ROOT

LEVELS = ("public", "internal", "confidential", "personal", "secret")
TABLES = {table.name: table for table in Base.metadata.tables.values()}

# A table with a column so named is at least that.
LEAST = {
    "secret": re.compile(r"ciphertext|(password|token|secret|code)_hash"),
    "personal": re.compile(r"email|(allowed_)?address(es)?|user_agent|note|\w+ed_by"),
    "confidential": re.compile(r"document|facts|(role_)?arn|payload|tags|coverage"),
}
# Named so, and the id of a person, which says nothing without the person's row.
IDS = {
    *("artifacts.requested_by", "aws_credentials.created_by"),
}


def _filed() -> Mapping[str, str]:
    text = (ROOT / "docs/data.md").read_text("utf-8")
    section = text.partition("## Tables")[2].partition("## ")[0]
    rows = re.findall(r"^\| (\w+) \| (`.*) \|$", section, re.MULTILINE)
    names = [(name, level) for level, of in rows for name in re.findall(r"`(\w+)`", of)]
    assert len(names) == len(dict(names)), "a table is filed twice"
    return dict(names)


def test_every_table_has_a_level() -> None:
    assert sorted(_filed()) == sorted(TABLES)
    assert set(_filed().values()) == set(LEVELS)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_is_not_filed_below_its_columns(name: str) -> None:
    filed = LEVELS.index(_filed()[name])
    for level, pattern in LEAST.items():
        named = [
            one.name for one in TABLES[name].columns if pattern.fullmatch(one.name)
        ]
        low = [one for one in named if f"{name}.{one}" not in IDS]
        assert filed >= LEVELS.index(level) or not low, (level, low)
