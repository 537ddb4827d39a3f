"""What the benchmarks' account has for health checks: keys, certificates, and the
recorder of its configuration. One in ten of the first two has a fault."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.cloud_place import ACCOUNT, REGION

_PAGE = 100
_FAULT_EVERY = 10
_DAY = 86_400
_KEY_POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


def answer(operation: str, body: str, keys: int, certificates: int) -> str | None:
    """As JSON; None where it is no operation of theirs."""
    asked: Mapping[str, Any] = json.loads(body) if body.startswith("{") else {}
    match operation:
        case "ListKeys":
            numbers, rest = _page(asked.get("Marker"), keys, "NextMarker")
            listed = [{"KeyId": _key_id(n), "KeyArn": _key_arn(n)} for n in numbers]
            told: Mapping[str, Any] = {"Keys": listed, "Truncated": bool(rest), **rest}
        case "DescribeKey":
            told = {"KeyMetadata": _key(int(asked["KeyId"].rpartition("-")[2]))}
        case "ListCertificates":
            numbers, rest = _page(asked.get("NextToken"), certificates, "NextToken")
            told = {
                "CertificateSummaryList": [_certificate(n) for n in numbers],
                **rest,
            }
        case "DescribeCertificate":
            number = int(asked["CertificateArn"].rpartition("-")[2])
            told = {"Certificate": {**_certificate(number), **_TRANSPARENT}}
        case _:
            told = _FIXED.get(operation, {})
            if not told:
                return None
    return json.dumps(told)


def _page(
    token: str | None, number: int, more: str
) -> tuple[Sequence[int], Mapping[str, str]]:
    start = int(token or 0)
    end = min(start + _PAGE, number)
    return range(start, end), {more: str(end)} if end < number else {}


def _key_id(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"


def _key_arn(number: int) -> str:
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{_key_id(number)}"


def _key(number: int) -> Mapping[str, Any]:
    is_leaving = number % _FAULT_EVERY == 0
    return {
        "AWSAccountId": ACCOUNT,
        "KeyId": _key_id(number),
        "Arn": _key_arn(number),
        "KeyState": "PendingDeletion" if is_leaving else "Enabled",
        "Enabled": not is_leaving,
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "MultiRegion": False,
        "Description": f"Key {number}",
    }


def _certificate(number: int) -> Mapping[str, Any]:
    has_expired = number % _FAULT_EVERY == 0
    domain = f"{number}.example.com"
    now = int(time.time())
    return {
        "CertificateArn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/c-{number:07}",
        "DomainName": domain,
        "Status": "EXPIRED" if has_expired else "ISSUED",
        "Type": "AMAZON_ISSUED",
        "KeyAlgorithm": "RSA_2048",
        "InUse": True,
        "NotAfter": now + (-30 if has_expired else 200) * _DAY,
    }


_TRANSPARENT = {"Options": {"CertificateTransparencyLoggingPreference": "ENABLED"}}
_RECORDER = {"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"}
# The checks of ours ask for few of them; a peer reads more of a service than it judges.
_FIXED: Mapping[str, Mapping[str, Any]] = {
    "GetKeyRotationStatus": {"KeyRotationEnabled": True},
    "GetKeyPolicy": {"Policy": _KEY_POLICY},
    "ListResourceTags": {"Tags": [], "Truncated": False},
    "ListAliases": {"Aliases": [], "Truncated": False},
    "ListTagsForCertificate": {"Tags": []},
    "DescribeConfigurationRecorders": {"ConfigurationRecorders": [_RECORDER]},
    "DescribeConfigurationRecorderStatus": {
        "ConfigurationRecordersStatus": [
            {"name": "default", "recording": True, "lastStatus": "Success"}
        ]
    },
    "DescribeConfigurationAggregators": {"ConfigurationAggregators": []},
    "ListDelegatedAdministrators": {"DelegatedAdministrators": []},
    "DescribeAccount": {"Account": {"Id": ACCOUNT, "Name": "Benchmark"}},
    "ListTagsForResource": {"Tags": []},
    "ListParents": {"Parents": []},
}
