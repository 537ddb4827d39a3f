"""Messages of AWS: what they say is read, what they leak or break is not kept."""

import pytest

from app.aws.error_messages import MESSAGE_LIMIT, Denial, clean_message, read_denial

WHO = "User: arn:aws:sts::123456789012:assumed-role/Cloudrota/run is not authorized "


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            WHO + "to perform: rds:DescribeDBInstances on resource: "
            "arn:aws:rds:eu-west-1:123456789012:db:* because no identity-based policy "
            "allows the rds:DescribeDBInstances action",
            Denial(
                "rds:DescribeDBInstances",
                "arn:aws:rds:eu-west-1:123456789012:db:*",
                "identity_policy",
                explicit=False,
            ),
        ),
        (
            WHO + "to perform: ec2:DescribeInstances with an explicit deny in a "
            "service control policy: arn:aws:organizations::1:policy/o-1/p-1",
            Denial(
                "ec2:DescribeInstances", None, "service_control_policy", explicit=True
            ),
        ),
        (
            WHO + "to perform: s3:ListBucket on resource: "
            '"arn:aws:s3:::b" with an explicit deny in a resource-based policy',
            Denial("s3:ListBucket", "arn:aws:s3:::b", "resource_policy", explicit=True),
        ),
        (
            WHO + "to perform: sqs:ListQueues with an explicit deny in a resource "
            "control policy",
            Denial("sqs:ListQueues", None, "resource_control_policy", explicit=True),
        ),
        (
            WHO + "to perform: iam:ListRoles because no permissions boundary allows "
            "the iam:ListRoles action",
            Denial("iam:ListRoles", None, "permissions_boundary", explicit=False),
        ),
        (
            WHO + "to perform: kms:ListKeys because no session policy allows the "
            "kms:ListKeys action",
            Denial("kms:ListKeys", None, "session_policy", explicit=False),
        ),
        (
            WHO + "to perform: sns:ListTopics because no VPC endpoint policy allows "
            "the sns:ListTopics action",
            Denial("sns:ListTopics", None, "endpoint_policy", explicit=False),
        ),
        (
            WHO + "to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/r "
            "because no service control policy allows the sts:AssumeRole action",
            Denial(
                "sts:AssumeRole",
                "arn:aws:iam::1:role/r",
                "service_control_policy",
                explicit=False,
            ),
        ),
        (
            "You are not authorized to perform this operation. " + WHO + "to perform: "
            "ec2:DescribeVpcs because no identity-based policy allows the "
            "ec2:DescribeVpcs action. Encoded authorization failure message: abc",
            Denial("ec2:DescribeVpcs", None, "identity_policy", explicit=False),
        ),
        (
            WHO + "to perform: glue:GetTables on resource: "
            "arn:aws:glue:eu-west-1:1:catalog.",
            Denial(
                "glue:GetTables",
                "arn:aws:glue:eu-west-1:1:catalog",
                None,
                explicit=None,
            ),
        ),
        (
            WHO
            + "to perform: ec2:DescribeVpcs with an explicit deny in a VPC endpoint "
            "policy",
            Denial("ec2:DescribeVpcs", None, "endpoint_policy", explicit=True),
        ),
        (
            WHO + "to perform: ec2:DescribeVpcs with an explicit deny in an "
            "identity-based policy: arn:aws:iam::1:policy/p",
            Denial("ec2:DescribeVpcs", None, "identity_policy", explicit=True),
        ),
        (
            WHO + "to perform: ec2:DescribeVpcs with an explicit deny in a session "
            "policy",
            Denial("ec2:DescribeVpcs", None, "session_policy", explicit=True),
        ),
        (
            WHO + "to perform: ec2:DescribeVpcs with an explicit deny in a permissions "
            "boundary",
            Denial("ec2:DescribeVpcs", None, "permissions_boundary", explicit=True),
        ),
        (
            WHO + "to perform: sqs:ListQueues with an explicit deny",
            Denial("sqs:ListQueues", None, None, explicit=True),
        ),
        (
            WHO.replace("run", "SCP session policy") + "to perform: kms:ListKeys "
            "because no identity-based policy allows the kms:ListKeys action",
            Denial("kms:ListKeys", None, "identity_policy", explicit=False),
        ),
        (
            "Access to the resource https://sqs.eu-west-1.amazonaws.com/ is denied.",
            Denial(None, "https://sqs.eu-west-1.amazonaws.com/", None, explicit=None),
        ),
        (
            "You do not have permission arn:aws:iam::1:role/r",
            Denial(None, None, None, explicit=None),
        ),
        ("Access Denied", Denial(None, None, None, None)),
        ("", Denial(None, None, None, None)),
    ],
)
def test_reads_what_a_denial_says(message: str, expected: Denial) -> None:
    assert read_denial(message) == expected


def test_reads_no_further_than_8_kib() -> None:
    late = " " * MESSAGE_LIMIT + WHO + "to perform: ec2:DescribeVpcs"
    assert read_denial(late) == Denial(None, None, None, explicit=None)


def test_what_is_left_out_is_said() -> None:
    assert clean_message("a" * (MESSAGE_LIMIT + 7)).endswith(
        "a [7 more characters left out]"
    )


def test_a_signature_error_does_not_quote_the_session_token() -> None:
    message = (
        "The request signature we calculated does not match.\n\n"
        "The Canonical String for this request should have been\n"
        "'GET\n/\n\nx-amz-security-token:IQoJb3JpZ2luX2VjCanary//////////wEaCXVz\n'"
    )
    kept = clean_message(message)
    assert "Canary" not in kept
    assert kept.startswith("The request signature we calculated does not match.")
    assert kept.endswith("[signed request left out]")


@pytest.mark.parametrize(
    "secret",
    [
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "IQoJb3JpZ2luX2VjEJ7//////////wEaCXVzLWVhc3QtMSJGMEQ",
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_masks_what_has_the_shape_of_a_key(secret: str) -> None:
    assert clean_message(f"No such key: {secret}") == "No such key: [redacted]"


def test_reads_and_cleans_a_hostile_message_in_linear_time() -> None:
    for piece in (
        "perform: a",
        "on resource: ",
        "explicit deny in a ",
        "because no a ",
    ):
        hostile = (piece * MESSAGE_LIMIT)[: 4 * MESSAGE_LIMIT]
        read_denial(hostile)
        assert len(clean_message(hostile)) < 2 * MESSAGE_LIMIT


def test_escapes_what_a_database_or_a_terminal_would_choke_on() -> None:
    kept = clean_message("a\x00b\x1b[31m\ud800\u202ec\r\nd\te")
    assert kept == "a\\u0000b\\u001b[31m\\ud800\\u202ec\\u000d\nd\te"
