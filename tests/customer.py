"""A customer of the tests: makes roles and keys at the emulator, connects them over
HTTP as Alice, and has them verified as a worker does."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from pydantic import SecretStr

from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.core.crypto import LocalKeys
from app.core.db import Database
from app.core.secret import Secret
from app.core.settings import Settings
from app.services import credential_verification
from tests.emulator import EmulatorServer
from tests.emulator_account import Platform

REGION = "us-east-1"
ROLE = "Cloudrota"
USER = "reader"
PATH = "/api/v1/aws-credentials"

Condition = dict[str, dict[str, str]]


def new_account_id() -> str:
    """12 digits that no other test uses: the emulator makes the account on sight."""
    return str(secrets.randbelow(9 * 10**11) + 10**11)


def iam_of(emulator: EmulatorServer, account_id: str) -> Any:
    """The root user's client."""
    keys = emulator.root_of(account_id)
    root = TenantSession(keys, account_id, Endpoint(emulator.url))
    return root.client("iam", REGION)


def make_key(
    emulator: EmulatorServer, account_id: str, actions: Sequence[str]
) -> AWSKeys:
    """A key of an IAM user that may do `actions`."""
    iam = iam_of(emulator, account_id)
    iam.create_user(UserName=USER)
    iam.put_user_policy(
        UserName=USER, PolicyName="allowed", PolicyDocument=_allowing(actions)
    )
    made = iam.create_access_key(UserName=USER)["AccessKey"]
    return AWSKeys(made["AccessKeyId"], Secret(made["SecretAccessKey"]))


def make_assumer(emulator: EmulatorServer) -> Platform:
    """Our own identity: somebody who may assume any role that lets them."""
    account_id = new_account_id()
    keys = make_key(emulator, account_id, ["sts:AssumeRole"])
    return Platform(f"arn:aws:iam::{account_id}:user/{USER}", keys)


def settings_of(
    configured: Settings, emulator: EmulatorServer, platform: Platform
) -> Settings:
    """The worker's: it calls the emulator, as the platform."""
    secret = platform.keys.secret_access_key.reveal()
    return configured.model_copy(
        update={
            "aws_emulator_url": emulator.url,
            "platform_access_key_id": platform.keys.access_key_id,
            "platform_secret_access_key": SecretStr(secret),
        }
    )


@dataclass(frozen=True)
class Customer:
    """Alice's organization, between her AWS accounts and the API."""

    emulator: EmulatorServer
    platform: Platform
    database: Database
    settings: Settings
    alice: AsyncClient
    organization_id: UUID
    external_id: str

    @property
    def vault(self) -> LocalKeys:
        return LocalKeys.from_settings(self.settings)

    @property
    def asks_for_id(self) -> Condition:
        """The condition of a trust policy as it should be."""
        return {"StringEquals": {"sts:ExternalId": self.external_id}}

    def make_role(
        self,
        condition: Condition | None,
        actions: Sequence[str] = ("ec2:DescribeRegions", "sqs:ListQueues"),
    ) -> str:
        """The ARN of a role in an account of its own."""
        iam = iam_of(self.emulator, new_account_id())
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": self.platform.principal_arn},
            "Action": "sts:AssumeRole",
            **({} if condition is None else {"Condition": condition}),
        }
        made = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_document(trust))
        iam.put_role_policy(
            RoleName=ROLE, PolicyName="read", PolicyDocument=_allowing(actions)
        )
        return str(made["Role"]["Arn"])

    def remove_role(self, arn: str) -> None:
        iam = iam_of(self.emulator, arn.split(":")[4])
        iam.delete_role_policy(RoleName=ROLE, PolicyName="read")
        iam.delete_role(RoleName=ROLE)

    def make_key(self, account_id: str | None = None) -> AWSKeys:
        """A key that may read the regions."""
        account_id = account_id or new_account_id()
        return make_key(self.emulator, account_id, ["ec2:DescribeRegions"])

    def revoke_key(self, account_id: str, keys: AWSKeys) -> None:
        iam = iam_of(self.emulator, account_id)
        iam.delete_access_key(UserName=USER, AccessKeyId=keys.access_key_id)

    async def connect_role(self, arn: str) -> UUID:
        entry = {"kind": "role", "name": "Production", "role_arn": arn}
        return UUID((await self.alice.post(PATH, json=entry)).json()["id"])

    async def connect_key(self, keys: AWSKeys) -> UUID:
        entry = {"kind": "access_key", "name": "Reports", **halves(keys)}
        return UUID((await self.alice.post(PATH, json=entry)).json()["id"])

    async def change(self, credentials_id: UUID, change: dict[str, str]) -> None:
        answer = await self.alice.patch(f"{PATH}/{credentials_id}", json=change)
        assert answer.status_code == 200

    async def delete(self, credentials_id: UUID) -> None:
        answer = await self.alice.delete(f"{PATH}/{credentials_id}")
        assert answer.status_code == 204

    async def verify(
        self, credentials_id: UUID, settings: Settings | None = None
    ) -> dict[str, Any]:
        """Verify as a worker does; what Alice is shown then."""
        await credential_verification.verify(
            self.database,
            settings or self.settings,
            self.vault,
            self.organization_id,
            credentials_id,
        )
        return await self.show(credentials_id)

    async def show(self, credentials_id: UUID) -> dict[str, Any]:
        shown: dict[str, Any] = (
            await self.alice.get(f"{PATH}/{credentials_id}")
        ).json()
        return shown


def halves(keys: AWSKeys) -> dict[str, str]:
    """Both halves of a key, as they are entered."""
    return {
        "access_key_id": keys.access_key_id,
        "secret_access_key": keys.secret_access_key.reveal(),
    }


def _allowing(actions: Sequence[str]) -> str:
    return _document({"Effect": "Allow", "Action": list(actions), "Resource": "*"})


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
