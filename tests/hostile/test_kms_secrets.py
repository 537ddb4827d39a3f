"""With the keys in KMS, neither an access key nor the data key that KMS hands out is in
any row, log or answer, whatever KMS refuses."""

from io import StringIO

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.settings import Settings
from tests.aws.fake_kms import FakeKms, refuse, ring
from tests.conftest import Client
from tests.hostile.database import hits, hits_in_valkey
from tests.personae import People

PATH = "/api/v1/aws-credentials"
CANARY = "canaryUtnFEMIbK7MDENGbbPxRfiCYEXAMPLEKEY"
KEY = {
    "kind": "access_key",
    "name": "Reports",
    "access_key_id": "AKIACANARYNN7EXAMPLE",
    "secret_access_key": CANARY,
}
REFUSALS = (
    *("AccessDeniedException", "ThrottlingException", "DisabledException"),
    *("InvalidCiphertextException", "KMSInternalException"),
)


async def test_nothing_of_them_is_kept_or_said(
    app: FastAPI,
    client: Client,
    people: People,
    owner: AsyncSession,
    configured: Settings,
    logged: StringIO,
) -> None:
    alice = client(people.alice)
    kms = FakeKms()
    with kms.answering():
        app.state.keys = ring("k")
        answers = [await alice.post(PATH, json=KEY)]
        path = f"{PATH}/{answers[0].json()['id']}"
        for code in REFUSALS:
            kms.fault = refuse(code)
            answers.append(await alice.post(PATH, json={**KEY, "name": code}))
            answers.append(
                await alice.patch(
                    path,
                    json={name: KEY[name] for name in KEY if name.endswith("key")}
                    | {"access_key_id": KEY["access_key_id"]},
                )
            )
    said = "".join(answer.text for answer in answers)
    assert said.count("key-service-unavailable") >= len(REFUSALS)
    assert "keys.unavailable" in logged.getvalue()
    [data_key] = kms.plain_keys
    for secret in (CANARY, KEY["access_key_id"], data_key.hex()):
        assert await hits(owner, secret) == {}
        assert await hits_in_valkey(configured, secret) == []
        assert secret not in logged.getvalue()
        assert secret not in said
    for text in (said, logged.getvalue()):
        assert repr(data_key)[2:-1] not in text
        assert "arn:aws:kms" not in text
