"""IAM policies from the actions a piece of work needs: never one action more."""

import json
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

MANAGED_POLICY_LIMIT = 6144  # characters without whitespace
SESSION_POLICY_LIMIT = 2048  # characters
POLICIES_PER_ROLE = 10  # AWS's default quota

Policy = dict[str, Any]

_ACTION = re.compile(r"[a-z0-9-]{1,64}:[A-Za-z][A-Za-z0-9]{0,127}")

# What lists and checks never need: the data itself. Denied in every session, whatever
# the role of the account allows.
DATA_READS = (
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "kms:Decrypt",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
)
_DATA_READS_DENIED = {
    "Effect": "Deny",
    "Action": [
        *(action for action in DATA_READS if not action.startswith("ssm:")),
        "ssm:GetParameter*",
    ],
    "Resource": "*",
}


class NotAnAction(ValueError):
    """This is no single IAM action; wildcards are none."""


class ReadsData(ValueError):
    """This action reads data, which every session denies."""


class TooManyActions(ValueError):
    """The actions do not fit into the policies one role may have."""


def policy_for(actions: Iterable[str]) -> list[Policy]:
    """Managed policies that together allow exactly `actions`, each within its limit.

    Raises TooManyActions where more than ten would be needed.
    """
    policies = _documents(_checked(actions), [], MANAGED_POLICY_LIMIT)
    if len(policies) > POLICIES_PER_ROLE:
        raise TooManyActions(
            f"{len(policies)} policies are needed; a role may have {POLICIES_PER_ROLE}"
        )
    return policies


def session_policy(actions: Iterable[str]) -> list[Policy]:
    """Session policies that allow exactly `actions` and deny reading data.

    One per session: where several are answered, the actions fit no single one, and the
    work is to be split; the actions of one AWS service stay together if they can.
    Raises ReadsData for an action that the denial would make useless.
    """
    checked = _checked(actions)
    reads = sorted(set(checked) & set(DATA_READS))
    if reads:
        raise ReadsData(f"{', '.join(reads)} would read data")
    return _documents(checked, [_DATA_READS_DENIED], SESSION_POLICY_LIMIT)


def widest_session_policy() -> Policy:
    """For work that needs an action nobody knows: all that the role itself may do, but
    for reading data."""
    return _document(["*"], [_DATA_READS_DENIED])


def allowed_actions(policy: Policy) -> tuple[str, ...]:
    """The actions a policy made here allows."""
    return tuple(
        action
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    )


def policy_text(policy: Policy) -> str:
    """The policy as AWS is given it: no whitespace, so that the limit holds most."""
    return json.dumps(policy, separators=(",", ":"))


def _checked(actions: Iterable[str]) -> list[str]:
    unique = sorted(set(actions))
    for action in unique:
        if not _ACTION.fullmatch(action):
            raise NotAnAction(f"{action!r} is no single IAM action")
    return unique


def _document(actions: list[str], denials: list[dict[str, Any]]) -> Policy:
    allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [allowed, *denials]}


def _documents(
    actions: list[str], denials: list[dict[str, Any]], limit: int
) -> list[Policy]:
    """The fewest documents a first fit finds, by whole services where those fit."""
    bins: list[list[str]] = []
    for part in _parts(actions, denials, limit):
        for full in bins:
            if _fits([*full, *part], denials, limit):
                full.extend(part)
                break
        else:
            bins.append(list(part))
    return [_document(sorted(one), denials) for one in bins]


def _parts(
    actions: list[str], denials: list[dict[str, Any]], limit: int
) -> Iterable[list[str]]:
    for _, group in groupby(actions, key=lambda action: action.partition(":")[0]):
        of_service = list(group)
        if _fits(of_service, denials, limit):
            yield of_service
        else:
            yield from ([action] for action in of_service)


def _fits(actions: list[str], denials: list[dict[str, Any]], limit: int) -> bool:
    return len(policy_text(_document(actions, denials))) <= limit
