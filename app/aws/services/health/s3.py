"""S3: buckets, their policies' reach and their public access blocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement

OLD_NAMES = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}


def region(item: Mapping[str, Any]) -> str:
    """The bucket's own region, in today's spelling."""
    place: str | None = item["Location"].get("LocationConstraint")
    return OLD_NAMES.get(place) or str(place)


def bucket(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if item["Policy"] is None:
        return Judgement("reachable", "It answered; it has no policy.")
    is_public = item["Policy"].get("PolicyStatus", {}).get("IsPublic")
    if is_public is None:
        return Judgement("reachable", "It answered; AWS states no policy status.")
    reach = "public" if is_public else "not public"
    return Judgement("reachable", f"It answered; its policy is {reach}.")


def _named(item: Mapping[str, Any], _now: datetime) -> Mapping[str, Any]:
    return {"Bucket": item["Name"]}


CHECKS = (
    HealthCheck(
        key="s3:bucket",
        title="Buckets: reachable, and how public",
        listing="s3:ListBuckets",
        actions=(
            "s3:ListAllMyBuckets",
            "s3:GetBucketLocation",
            "s3:GetBucketPolicyStatus",
            "s3:GetBucketPublicAccessBlock",
        ),
        judge=bucket,
        details=(
            Detail(
                into="Location",
                service="s3",
                operation="GetBucketLocation",
                inputs=_named,
                actions=("s3:GetBucketLocation",),
                absent={"NoSuchBucket": "vanished"},
            ),
            Detail(
                into="Policy",
                service="s3",
                operation="GetBucketPolicyStatus",
                inputs=_named,
                actions=("s3:GetBucketPolicyStatus",),
                absent={"NoSuchBucketPolicy": "absent", "NoSuchBucket": "vanished"},
                region=region,
            ),
            Detail(
                into="PublicAccessBlock",
                service="s3",
                operation="GetPublicAccessBlock",
                inputs=_named,
                actions=("s3:GetBucketPublicAccessBlock",),
                absent={
                    "NoSuchPublicAccessBlockConfiguration": "absent",
                    "NoSuchBucket": "vanished",
                },
                region=region,
            ),
        ),
        facts={
            "public_policy": "Policy.PolicyStatus.IsPublic",
            "public_access_block": "PublicAccessBlock.PublicAccessBlockConfiguration",
        },
    ),
)
