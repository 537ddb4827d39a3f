"""What the tests of app.aws share: one fake AWS with its clients, for the whole run."""

import pytest

from app.aws.session import TenantSession
from tests.aws.fake_aws import FakeAWS

_fake = FakeAWS()
_session = _fake.session()


@pytest.fixture
def fake() -> FakeAWS:
    return _fake


@pytest.fixture
def session() -> TenantSession:
    return _session
