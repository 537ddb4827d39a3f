"""What PostgreSQL itself says of tenancy: every table, policy, key, grant and function,
those of tomorrow included."""

import asyncpg
import pytest

from tests.tenancy.catalogue import RULES, Rule

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
async def test_nothing_breaks(rule: Rule, superuser: asyncpg.Connection) -> None:
    assert await rule(superuser) == []
