"""S3, EFS, Firehose and Glue with real buckets, file systems, streams and tables."""

import json

from tests.aws.behaviour.account import REGION, Account
from tests.aws.behaviour.test_compute import network

PUBLIC = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::open/*",
        }
    ],
}
BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def bucket(account: Account, name: str) -> None:
    place = {"LocationConstraint": REGION}
    account.make("s3", "CreateBucket", Bucket=name, CreateBucketConfiguration=place)


def test_a_bucket_without_a_policy_is_no_error(account: Account) -> None:
    bucket(account, "plain")
    (found,) = account.checked("s3:bucket")
    assert (found.name, found.verdict) == ("plain", "reachable")
    assert found.facts["Policy"] == "absent (NoSuchBucketPolicy)"
    assert found.facts["PublicAccessBlock"].startswith("absent (")


def test_a_bucket_tells_what_it_lets_out(account: Account) -> None:
    bucket(account, "open")
    account.make("s3", "PutBucketPolicy", Bucket="open", Policy=json.dumps(PUBLIC))
    account.make(
        "s3",
        "PutPublicAccessBlock",
        Bucket="open",
        PublicAccessBlockConfiguration=BLOCK,
    )
    (found,) = account.checked("s3:bucket")
    assert found.reason == "It answered; its policy is public."
    assert found.facts["public_access_block"] == BLOCK


def test_mount_targets_are_found_through_their_file_system(account: Account) -> None:
    _, subnet = network(account)
    made = account.make("efs", "CreateFileSystem", CreationToken="one")
    system = made["FileSystemId"]
    account.make("efs", "CreateMountTarget", FileSystemId=system, SubnetId=subnet)
    (target,) = account.listed("efs:DescribeMountTargets")
    (found,) = account.checked("efs:mount_target")
    assert target.document["FileSystemId"] == system
    assert (found.id, found.verdict) == (target.id, "healthy")


def test_more_delivery_streams_than_one_page_are_all_found(account: Account) -> None:
    names = {f"stream-{number:02}" for number in range(12)}
    bucket(account, "sink")
    sink = {
        "RoleARN": "arn:aws:iam::123456789012:role/firehose",
        "BucketARN": "arn:aws:s3:::sink",
    }
    for name in names:
        account.make(
            "firehose",
            "CreateDeliveryStream",
            DeliveryStreamName=name,
            S3DestinationConfiguration=sink,
        )
    found = account.checked("firehose:delivery_stream")
    assert {one.name for one in found} == names
    assert {one.verdict for one in found} == {"healthy"}


def test_tables_of_one_name_are_told_apart_by_their_database(account: Account) -> None:
    for database in ("orders", "bills"):
        account.make("glue", "CreateDatabase", DatabaseInput={"Name": database})
        account.make(
            "glue", "CreateTable", DatabaseName=database, TableInput={"Name": "rows"}
        )
    found = {item.id for item in account.listed("glue:GetTables")}
    assert found == {"orders|rows", "bills|rows"}


def test_a_job_is_as_well_as_its_last_run(account: Account) -> None:
    for name in ("idle", "nightly"):
        account.make(
            "glue",
            "CreateJob",
            Name=name,
            Role="arn:aws:iam::123456789012:role/glue",
            Command={"Name": "glueetl", "ScriptLocation": "s3://sink/job.py"},
        )
    account.make("glue", "StartJobRun", JobName="nightly")
    found = {one.name: one for one in account.checked("glue:job")}
    assert found["idle"].reason == "The job has no runs."
    assert found["nightly"].verdict == "healthy"
