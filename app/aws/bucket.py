"""Files in an S3 bucket of the deployment's own, with its own identity: never a
tenant's."""

from collections.abc import Iterator
from typing import IO, Any

from app.aws.call import Absent, Guard, call
from app.aws.errors import AWSError
from app.aws.session import PlatformSession
from app.core.storage import StorageAway

PIECE = 256 * 1024
_ACTIONS = {"ListObjectsV2": "s3:ListBucket"}


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
        named = self._named(key)
        self._ask("PutObject", **named, Body=source, **self._encryption)

    def read(self, key: str) -> Iterator[bytes]:
        body = self._ask("GetObject", **self._named(key))["Body"]
        yield from body.iter_chunks(PIECE)

    def delete(self, key: str) -> None:
        self._ask("DeleteObject", **self._named(key))

    def keys(self, prefix: str) -> Iterator[str]:
        more: dict[str, str] = {}
        while True:
            page = self._ask("ListObjectsV2", Prefix=f"{self._prefix}{prefix}", **more)
            for found in page.get("Contents", ()):
                yield found["Key"].removeprefix(self._prefix)
            if not page["IsTruncated"]:
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _named(self, key: str) -> dict[str, str]:
        return {"Key": f"{self._prefix}{key}"}

    def _ask(self, operation: str, **params: Any) -> dict[str, Any]:
        try:
            answer = call(
                self._session,
                service="s3",
                operation=operation,
                region=self._region,
                guard=Guard(),
                params={"Bucket": self._bucket, **params},
                iam_actions=(_ACTIONS.get(operation, f"s3:{operation}"),),
                phase="storage",
            )
        except AWSError as failure:
            facts = failure.facts
            raise StorageAway(f"S3 {operation}: {facts.code}") from failure
        assert not isinstance(answer, Absent)  # no absence is declared
        return answer
