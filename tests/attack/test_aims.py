"""The fuzzing brings every operation to success once, or it attacks nothing behind the
first door: what it aims with does what it is for."""

from collections.abc import Iterator

import httpx
import pytest

from tests.attack.aims import AIMS, arrange
from tests.attack.ground import Ground, ground
from tests.attack.steering import ENDPOINTS


@pytest.fixture(scope="module")
def attacked() -> Iterator[Ground]:
    with ground(seed=7) as made:
        yield made


@pytest.mark.parametrize("operation", sorted(AIMS), ids=" ".join)
def test_what_it_aims_at_succeeds(attacked: Ground, operation: tuple[str, str]) -> None:
    tenant = attacked.found()
    aimed = arrange(attacked, tenant, tenant.owner, operation)
    method, path = operation
    example = ENDPOINTS[operation].body
    body = {**example, **aimed.body} if isinstance(example, dict) else None
    answer = httpx.request(
        method,
        f"{attacked.base_url}{path.format(**aimed.ids)}",
        json=body,
        headers={"Authorization": f"Bearer {tenant.owner.token}"},
        trust_env=False,
        timeout=30,
    )
    assert answer.is_success, f"{answer.status_code} {answer.text}"
