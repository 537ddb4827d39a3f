"""Load balancers, gateways, API Gateway, Route 53 and CloudFront with real ones."""

from typing import Any

from tests.aws.behaviour.account import REGION, Account
from tests.aws.behaviour.test_compute import instances, network


def balanced(account: Account, targets: int) -> str:
    """A load balancer, its listener, and a target group; answers the group's ARN."""
    vpc, subnet = network(account)
    second = account.make(
        "ec2",
        "CreateSubnet",
        VpcId=vpc,
        CidrBlock="10.0.2.0/24",
        AvailabilityZone=f"{REGION}b",
    )
    subnets = [subnet, second["Subnet"]["SubnetId"]]
    made = account.make("elbv2", "CreateLoadBalancer", Name="web", Subnets=subnets)
    group = account.make(
        "elbv2", "CreateTargetGroup", Name="web", Protocol="HTTP", Port=80, VpcId=vpc
    )["TargetGroups"][0]["TargetGroupArn"]
    account.make(
        "elbv2",
        "CreateListener",
        LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    if targets:
        ids = [{"Id": one} for one in instances(account, targets)]
        account.make("elbv2", "RegisterTargets", TargetGroupArn=group, Targets=ids)
    return str(group)


def rest_api(account: Account, name: str) -> str:
    api = account.make("apigateway", "CreateRestApi", name=name)
    root = account.make("apigateway", "GetResources", restApiId=api["id"])["items"][0]
    place: dict[str, Any] = {"restApiId": api["id"], "resourceId": root["id"]}
    account.make(
        "apigateway", "PutMethod", httpMethod="GET", authorizationType="NONE", **place
    )
    account.make("apigateway", "PutIntegration", httpMethod="GET", type="MOCK", **place)
    account.make(
        "apigateway", "CreateDeployment", restApiId=api["id"], stageName="prod"
    )
    return str(api["id"])


def test_a_target_group_is_as_well_as_its_targets(account: Account) -> None:
    balanced(account, 2)
    (found,) = account.checked("elbv2:target_group")
    assert (found.name, found.verdict) == ("web", "healthy")
    assert found.reason == "2 of 2 targets are healthy."


def test_a_target_group_without_targets_is_inactive(account: Account) -> None:
    balanced(account, 0)
    (found,) = account.checked("elbv2:target_group")
    assert found.verdict == "inactive"


def test_listeners_and_rules_are_found_through_their_balancer(account: Account) -> None:
    group = balanced(account, 0)
    (listener,) = account.listed("elbv2:DescribeListeners")
    (rule,) = account.listed("elbv2:DescribeRules")
    assert rule.id.startswith(listener.id.replace(":listener/", ":listener-rule/"))
    assert rule.document["Actions"][0]["TargetGroupArn"] == group


def test_a_classic_balancer_is_as_well_as_its_instances(account: Account) -> None:
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    account.make(
        "elb",
        "CreateLoadBalancer",
        LoadBalancerName="old",
        Listeners=[listener],
        AvailabilityZones=[f"{REGION}a"],
    )
    (empty,) = account.checked("elb:load_balancer")
    ids = [{"InstanceId": one} for one in instances(account, 2)]
    account.make(
        "elb",
        "RegisterInstancesWithLoadBalancer",
        LoadBalancerName="old",
        Instances=ids,
    )
    (full,) = account.checked("elb:load_balancer")
    assert (empty.verdict, full.verdict) == ("inactive", "healthy")
    assert full.reason == "2 of 2 instances are healthy."


def test_a_nat_gateway_is_healthy_and_gone_when_it_is_deleted(account: Account) -> None:
    _, subnet = network(account)
    made = account.make("ec2", "CreateNatGateway", SubnetId=subnet)
    (before,) = account.checked("ec2:nat_gateway")
    account.make(
        "ec2", "DeleteNatGateway", NatGatewayId=made["NatGateway"]["NatGatewayId"]
    )
    after = [one.verdict for one in account.checked("ec2:nat_gateway")]
    assert before.verdict == "healthy"
    assert after in ([], ["inactive"])


def test_a_vpc_endpoint_is_known_by_the_word_that_the_service_writes(
    account: Account,
) -> None:
    vpc, _ = network(account)
    account.make(
        "ec2", "CreateVpcEndpoint", VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3"
    )
    (found,) = account.checked("ec2:vpc_endpoint")
    assert found.facts["state"] == "available"
    assert found.verdict == "healthy"


def test_stages_of_two_apis_are_two_stages(account: Account) -> None:
    apis = {rest_api(account, name) for name in ("orders", "bills")}
    found = account.listed("apigateway:GetStages")
    assert {item.id for item in found} == {f"{api}/prod" for api in apis}
    paths = account.listed("apigateway:GetResources")
    assert {item.document["restApiId"] for item in paths} == apis
    assert {one.verdict for one in account.checked("apigateway:rest_api")} == {
        "reachable"
    }


def test_records_of_two_zones_are_told_apart(account: Account) -> None:
    for name in ("one.example.", "two.example."):
        account.make("route53", "CreateHostedZone", Name=name, CallerReference=name)
    records = account.listed("route53:ListResourceRecordSets")
    zones = {item.id for item in account.listed("route53:ListHostedZones")}
    assert {item.document["HostedZoneId"] for item in records} == zones
    assert {item.document["Type"] for item in records} == {"NS", "SOA"}
    assert len({item.id for item in records}) == len(records) == 4


def test_hosted_zones_are_reachable_and_no_more(account: Account) -> None:
    account.make(
        "route53", "CreateHostedZone", Name="one.example.", CallerReference="1"
    )
    (found,) = account.checked("route53:hosted_zone")
    assert (found.region, found.verdict) == ("global", "reachable")
