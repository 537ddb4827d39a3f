"""Asks IAM which actions an identity's policies would refuse. It is weaker than a real
call: policies of resources and conditions on the request are not known to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from app.aws.call import Absent, Guard, call
from app.aws.errors import AWSServiceError, error
from app.aws.session import TenantSession
from app.aws.sts import Identity

ACTION = "iam:SimulatePrincipalPolicy"
AT_ONCE = 100  # actions of one call
MOST_PAGES = 100  # of one call's answer

Decision = Literal["allowed", "implicit_deny", "explicit_deny"]
DeniedBy = Literal["organization", "permissions_boundary", "identity_policies"]

_DECISIONS: dict[str, Decision] = {
    "allowed": "allowed",
    "implicitDeny": "implicit_deny",
    "explicitDeny": "explicit_deny",
}


@dataclass(frozen=True, slots=True)
class Simulated:
    """What IAM says of one action; `denied_by` where it says who refuses."""

    action: str
    decision: Decision
    denied_by: DeniedBy | None = None


def principal_of(identity: Identity, role_arn: str | None) -> str | None:
    """Whose policies are looked at: the role's, not its session's; a user's. None for
    the root user, who has no policies."""
    if role_arn is not None:
        return role_arn
    return identity.arn if ":user/" in identity.arn else None


def simulate(
    session: TenantSession,
    principal_arn: str,
    actions: Iterable[str],
    *,
    region: str,
    guard: Guard,
) -> list[Simulated]:
    """The decision on each action, in their order.

    Raises AWSError: also for an answer that leaves an action out or is not understood.
    """
    wanted = sorted(set(actions))
    found: dict[str, Simulated] = {}
    for start in range(0, len(wanted), AT_ONCE):
        batch = wanted[start : start + AT_ONCE]
        for result in _results(session, principal_arn, batch, region, guard):
            one = _simulated(result)
            if one is None:
                raise _not_understood(result, region)
            found[one.action.lower()] = one
    missing = [action for action in wanted if action.lower() not in found]
    if missing:
        raise _not_understood({"missing": missing}, region)
    # In our spelling: IAM's actions know no case.
    return [
        Simulated(action, one.decision, one.denied_by)
        for action in wanted
        for one in [found[action.lower()]]
    ]


def _results(
    session: TenantSession,
    principal_arn: str,
    actions: list[str],
    region: str,
    guard: Guard,
) -> Iterator[dict[str, Any]]:
    marker: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        answer = call(
            session,
            service="iam",
            operation="SimulatePrincipalPolicy",
            region=region,
            guard=guard,
            params={
                "PolicySourceArn": principal_arn,
                "ActionNames": actions,
                **marker,
            },
            iam_actions=(ACTION,),
            phase="preflight",
        )
        assert not isinstance(answer, Absent)  # no absence is declared
        yield from answer.get("EvaluationResults", [])
        if not answer.get("IsTruncated"):
            return
        marker = {"Marker": answer["Marker"]}
    raise _not_understood({"pages": MOST_PAGES}, region)


def _simulated(result: dict[str, Any]) -> Simulated | None:
    decision = _DECISIONS.get(result.get("EvalDecision", ""))
    if decision is None or "EvalActionName" not in result:
        return None
    if decision == "allowed":
        return Simulated(result["EvalActionName"], decision)
    return Simulated(result["EvalActionName"], decision, _denied_by(result))


def _denied_by(result: dict[str, Any]) -> DeniedBy:
    organizations = result.get("OrganizationsDecisionDetail", {})
    if organizations.get("AllowedByOrganizations") is False:
        return "organization"
    boundary = result.get("PermissionsBoundaryDecisionDetail", {})
    if boundary.get("AllowedByPermissionsBoundary") is False:
        return "permissions_boundary"
    return "identity_policies"


def _not_understood(answer: dict[str, Any], region: str) -> Exception:
    return error(
        AWSServiceError,
        code="unexpected_simulation",
        message=f"IAM's simulation answered what is not understood: {answer!r:.500}",
        service="iam",
        operation="SimulatePrincipalPolicy",
        region=region,
        phase="preflight",
    )
