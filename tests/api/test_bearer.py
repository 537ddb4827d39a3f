"""Who a request comes from is said once."""

import pytest

from tests.conftest import Client
from tests.personae import People

ME = "/api/v1/auth/me"


@pytest.mark.parametrize("second", ["", "Bearer forged", "Basic YTpi"])
async def test_two_authorization_headers_are_refused(
    client: Client, people: People, second: str
) -> None:
    """Who stands in between may have read the other one."""
    good = f"Bearer {people.alice.token}"
    browser = client(None)
    alone = await browser.get(ME, headers=[("Authorization", good)])
    assert alone.status_code == 200
    for both in ((good, second), (second, good), (good, good)):
        headers = [("Authorization", one) for one in both]
        answer = await browser.get(ME, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
