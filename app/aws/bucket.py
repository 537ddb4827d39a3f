"""Files in an S3 bucket of the deployment's own, with its own identity: never a
tenant's."""

from collections.abc import Iterator
from typing import IO, Any

from app.aws.call import Absent, Guard, call
from app.aws.errors import AWSError
from app.aws.session import PlatformSession
from app.core.storage import StorageAway

PIECE = 256 * 1024


class BucketStorage:
    """The `ObjectStorage` in a bucket, encrypted with the KMS key if one is named, else
    as the bucket says."""

    def __init__(
        self,
        session: PlatformSession,
        *,
        bucket: str,
        region: str,
        prefix: str,
        kms_key_id: str | None,
    ) -> None:
        self._session = session
        self._bucket, self._region, self._prefix = bucket, region, prefix
        self._encryption: dict[str, str] = {}
        if kms_key_id is not None:
            self._encryption = {
                "ServerSideEncryption": "aws:kms",
                "SSEKMSKeyId": kms_key_id,
            }

    def put(self, key: str, source: IO[bytes]) -> None:
        self._ask("PutObject", key, Body=source, **self._encryption)

    def read(self, key: str) -> Iterator[bytes]:
        body = self._ask("GetObject", key)["Body"]
        yield from body.iter_chunks(PIECE)

    def delete(self, key: str) -> None:
        self._ask("DeleteObject", key)

    def _ask(self, operation: str, key: str, **params: Any) -> dict[str, Any]:
        try:
            answer = call(
                self._session,
                service="s3",
                operation=operation,
                region=self._region,
                guard=Guard(),
                params={
                    "Bucket": self._bucket,
                    "Key": f"{self._prefix}{key}",
                    **params,
                },
                iam_actions=(f"s3:{operation}",),
                phase="storage",
            )
        except AWSError as failure:
            facts = failure.facts
            raise StorageAway(f"S3 {operation}: {facts.code}") from failure
        assert not isinstance(answer, Absent)  # no absence is declared
        return answer
