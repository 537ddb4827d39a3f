"""Changing something at AWS: one call, sent once, and what a failure leaves unknown."""

from typing import Any
from uuid import UUID, uuid5

from botocore.model import OperationModel

from app.aws.call import Guard, call
from app.aws.errors import AWSConnectivityError, AWSError, AWSServiceError
from app.aws.redaction import redact
from app.aws.session import TenantSession
from app.aws.unit import Intent


def act(
    session: TenantSession, intent: Intent, *, token: UUID, guard: Guard
) -> dict[str, Any]:
    """Make the intended call and return its answer. `session` must send each request
    once (`Endpoint.total_max_attempts`); where the operation's model has a member for
    an idempotency token, AWS is told `token` and knows the call again.

    Raises one of the six AWSError categories, or what the guard raises.
    """
    answer = call(
        session,
        service=intent.service,
        operation=intent.operation,
        region=intent.region,
        guard=guard,
        params=_tokens(session, intent, token) | intent.parameters,
    )
    assert isinstance(answer, dict)  # no absence was declared
    return answer


def described(session: TenantSession, intent: Intent) -> dict[str, Any]:
    """What is about to be done, without secrets: for the record."""
    shown = redact(
        intent.parameters,
        service=intent.service,
        operation=intent.operation,
        shape=_model(session, intent).input_shape,
    )
    return {
        "service": intent.service,
        "operation": intent.operation,
        "region": intent.region,
        "parameters": shown,
    }


def token_of(execution_id: UUID, key: str) -> UUID:
    """The same for every try of one step of an execution, and for no other step."""
    return uuid5(execution_id, key)


def outcome_is_unknown(error: AWSError) -> bool:
    """Whether the call may have had its effect all the same. It has not if AWS refused
    it (an answer of 400 to 499), or if it was never sent."""
    status = error.facts.http_status
    if status is not None:
        return not 400 <= status < 500  # noqa: PLR2004 — HTTP's own numbers
    answer_is_missing = isinstance(error, AWSConnectivityError | AWSServiceError)
    return answer_is_missing and error.facts.phase != "connect"


def _tokens(session: TenantSession, intent: Intent, token: UUID) -> dict[str, str]:
    return dict.fromkeys(_model(session, intent).idempotent_members, str(token))


def _model(session: TenantSession, intent: Intent) -> OperationModel:
    model = session.client(intent.service, intent.region).meta.service_model
    found: OperationModel = model.operation_model(intent.operation)
    return found
