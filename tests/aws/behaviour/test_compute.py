"""EC2, Auto Scaling and Lambda with real instances, groups and functions."""

import io
import json
import zipfile

from tests.aws.behaviour.account import REGION, Account

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def network(account: Account) -> tuple[str, str]:
    """A VPC and a subnet in it."""
    vpc = account.make("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = account.make("ec2", "CreateSubnet", VpcId=vpc, CidrBlock="10.0.1.0/24")
    return vpc, made["Subnet"]["SubnetId"]


def image(account: Account) -> str:
    found = account.make("ec2", "DescribeImages", Owners=["amazon"])
    return str(found["Images"][0]["ImageId"])


def instances(account: Account, count: int) -> list[str]:
    made = account.make(
        "ec2", "RunInstances", ImageId=image(account), MinCount=count, MaxCount=count
    )
    return [one["InstanceId"] for one in made["Instances"]]


def group(account: Account, desired: int) -> None:
    account.make(
        "autoscaling",
        "CreateLaunchConfiguration",
        LaunchConfigurationName="web",
        ImageId=image(account),
        InstanceType="t3.micro",
    )
    account.make(
        "autoscaling",
        "CreateAutoScalingGroup",
        AutoScalingGroupName="web",
        LaunchConfigurationName="web",
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=desired,
        VPCZoneIdentifier=network(account)[1],
    )


def function(account: Account, name: str) -> None:
    role = account.make(
        "iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("app.py", "def handler(event, context): ...")
    account.make(
        "lambda",
        "CreateFunction",
        FunctionName=name,
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="app.handler",
        Code={"ZipFile": packed.getvalue()},
    )


def test_an_instance_that_somebody_stops_is_inactive(account: Account) -> None:
    stopped, running = instances(account, 2)
    account.make("ec2", "StopInstances", InstanceIds=[stopped])
    verdicts = {one.id: one.verdict for one in account.checked("ec2:instance_status")}
    assert verdicts == {running: "healthy", stopped: "inactive"}


def test_instances_are_listed_with_their_names_and_no_public_images(
    account: Account,
) -> None:
    (only,) = instances(account, 1)
    tags = [{"Key": "Name", "Value": "web-1"}]
    account.make("ec2", "CreateTags", Resources=[only], Tags=tags)
    (item,) = account.listed("ec2:DescribeInstances")
    assert (item.id, item.name, item.state) == (only, "web-1", "running")
    assert account.listed("ec2:DescribeImages") == []


def test_a_second_look_at_an_idle_instance_sees_no_change(account: Account) -> None:
    instances(account, 1)
    (before,) = account.listed("ec2:DescribeInstances")
    (after,) = account.listed("ec2:DescribeInstances")
    assert before.content_hash == after.content_hash


def test_a_volume_is_listed_and_in_use(account: Account) -> None:
    instances(account, 1)
    account.make("ec2", "CreateVolume", AvailabilityZone=f"{REGION}a", Size=8)
    states = sorted(one.facts["state"] for one in account.checked("ec2:volume"))
    assert states == ["available", "in-use"]


def test_a_group_that_wants_nothing_is_inactive(account: Account) -> None:
    group(account, 2)
    (full,) = account.checked("autoscaling:auto_scaling_group")
    account.make(
        "autoscaling",
        "SetDesiredCapacity",
        AutoScalingGroupName="web",
        DesiredCapacity=0,
    )
    (empty,) = account.checked("autoscaling:auto_scaling_group")
    assert (full.name, full.verdict) == ("web", "healthy")
    assert full.reason == "2 of 2 instances are in service and healthy."
    assert empty.verdict == "inactive"


def test_a_group_with_suspended_processes_is_degraded(account: Account) -> None:
    group(account, 1)
    account.make(
        "autoscaling",
        "SuspendProcesses",
        AutoScalingGroupName="web",
        ScalingProcesses=["HealthCheck"],
    )
    (found,) = account.checked("autoscaling:auto_scaling_group")
    assert found.verdict == "degraded"
    assert found.reason == "These processes are suspended: HealthCheck."


def test_an_instance_that_group_holds_unhealthy_degrades_it(account: Account) -> None:
    group(account, 2)
    (item,) = account.listed("autoscaling:DescribeAutoScalingGroups")
    sick = item.document["Instances"][0]["InstanceId"]
    account.make(
        "autoscaling", "SetInstanceHealth", InstanceId=sick, HealthStatus="Unhealthy"
    )
    (found,) = account.checked("autoscaling:auto_scaling_group")
    assert found.verdict == "degraded"
    assert found.reason.startswith("1 of 2 instances")


def test_functions_are_described_one_by_one(account: Account) -> None:
    function(account, "orders")
    (finding,) = account.checked("lambda:function")
    (item,) = account.listed("lambda:ListFunctions")
    assert (finding.name, finding.verdict) == ("orders", "healthy")
    assert finding.facts["last_update"] == "Successful"
    assert item.id == finding.id


def test_aliases_belong_to_their_functions(account: Account) -> None:
    for name in ("orders", "bills"):
        function(account, name)
        account.make(
            "lambda",
            "CreateAlias",
            FunctionName=name,
            Name="live",
            FunctionVersion="$LATEST",
        )
    found = account.listed("lambda:ListAliases")
    assert [item.name for item in found] == ["live", "live"]
    assert {item.id.split(":")[-2] for item in found} == {"orders", "bills"}
