"""One call that changes something: by its token AWS would know it again."""

from uuid import UUID

import pytest

from app.aws.acting import act, described, outcome_is_unknown, token_of
from app.aws.call import Guard
from app.aws.errors import AWSError
from app.aws.unit import Intent
from tests.aws.fake_aws import FakeAWS
from tests.aws.faults import NOISE, Broken, Fault, Refused

EXECUTION = UUID("01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31")
START = Intent(
    "ec2",
    "RunInstances",
    "eu-central-1",
    {"MinCount": 1, "MaxCount": 1, "UserData": "export PASSWORD=hunter2"},
)


def test_aws_is_told_the_token_where_the_model_has_a_place_for_it() -> None:
    fake = FakeAWS()
    act(
        fake.session(),
        START,
        token=token_of(EXECUTION, "ec2:RunInstances#1"),
        guard=Guard(),
    )
    [asked] = fake.ledger
    assert asked.params["ClientToken"] == str(token_of(EXECUTION, "ec2:RunInstances#1"))


def test_each_step_has_a_token_of_its_own() -> None:
    other = UUID(int=EXECUTION.int + 1)
    tokens = {token_of(id, key) for id in (EXECUTION, other) for key in "ab"}
    assert len(tokens) == 4


@pytest.mark.parametrize(
    ("fault", "is_unknown"),
    [
        (Refused("AccessDeniedException", 403), False),
        (Refused("ThrottlingException", 400), False),
        (Refused("InternalError", 500), True),
        (Refused("ServiceUnavailable", 503), True),
        (Broken("ReadTimeoutError"), True),
        (Broken("ConnectionClosedError"), True),
        (Broken("ConnectTimeoutError"), False),
        (Broken("EndpointConnectionError"), False),
        (NOISE, True),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_only_a_refusal_or_an_unsent_call_is_known_not_to_be_done(
    fault: Fault, *, is_unknown: bool
) -> None:
    fake = FakeAWS(fail={0: fault})
    with pytest.raises(AWSError) as failed:
        act(fake.session(), START, token=EXECUTION, guard=Guard())
    assert outcome_is_unknown(failed.value) == is_unknown
    assert len(fake.ledger) == 1


def test_an_impossible_call_is_known_not_to_be_done() -> None:
    wrong = Intent("ec2", "RunInstances", "eu-central-1", {"Nonsense": 1})
    with pytest.raises(AWSError) as failed:
        act(FakeAWS().session(), wrong, token=EXECUTION, guard=Guard())
    assert not outcome_is_unknown(failed.value)


def test_what_is_told_of_an_intent_holds_no_secret() -> None:
    told = described(FakeAWS().session(), START)
    assert told["operation"] == "RunInstances"
    assert told["parameters"]["MinCount"] == 1
    assert "hunter2" not in str(told)
