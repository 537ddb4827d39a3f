"""What a customer does in an AWS account of its own while the browser waits:
`python -m tests.e2e.customer role ACCOUNT TRUST ACTION...` makes a role as the console
says, and prints its ARN; `allow ARN POLICY` adds a policy to it."""

import json
import os
import sys
from typing import Any

from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.core.secret import Secret

ROLE = "CloudrotaReadOnly"
REGION = "us-east-1"


def main() -> int:
    match sys.argv[1:]:
        case ["role", account, trust, *actions]:
            sys.stdout.write(make_role(account, trust, actions))
        case ["allow", arn, policy]:
            _iam(arn.split(":")[4]).put_role_policy(
                RoleName=ROLE, PolicyName="added", PolicyDocument=policy
            )
        case _:
            sys.exit(__doc__)
    return 0


def make_role(account: str, trust: str, actions: list[str]) -> str:
    """The ARN of a role that may do `actions`, for whom the trust policy names."""
    iam = _iam(account)
    made = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    iam.put_role_policy(
        RoleName=ROLE,
        PolicyName="read",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    return str(made["Role"]["Arn"])


def _iam(account: str) -> Any:
    """As the account's root user."""
    keys = AWSKeys(account, Secret(os.environ["EMULATOR_SECRET"]))
    endpoint = Endpoint(os.environ["EMULATOR_URL"])
    return TenantSession(keys, account, endpoint).client("iam", REGION)


if __name__ == "__main__":
    sys.exit(main())
