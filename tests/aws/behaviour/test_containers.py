"""ECS, EKS and ECR with real clusters, services and node groups."""

from typing import Any

from tests.aws.behaviour.account import Account
from tests.aws.behaviour.test_compute import network

ROLE = "arn:aws:iam::123456789012:role/eks"


def service(account: Account, cluster: str, desired: int) -> None:
    account.make("ecs", "CreateCluster", clusterName=cluster)
    box = {"name": "web", "image": "web", "memory": 64}
    account.make(
        "ecs", "RegisterTaskDefinition", family=cluster, containerDefinitions=[box]
    )
    account.make(
        "ecs",
        "CreateService",
        cluster=cluster,
        serviceName="web",
        taskDefinition=cluster,
        desiredCount=desired,
    )


def kubernetes(account: Account, name: str) -> None:
    _, subnet = network(account)
    net: dict[str, Any] = {"subnetIds": [subnet]}
    account.make(
        "eks", "CreateCluster", name=name, roleArn=ROLE, resourcesVpcConfig=net
    )
    account.make(
        "eks",
        "CreateNodegroup",
        clusterName=name,
        nodegroupName="workers",
        nodeRole=ROLE,
        subnets=[subnet],
    )


def test_services_of_all_clusters_are_found(account: Account) -> None:
    for cluster in ("one", "two"):
        service(account, cluster, desired=1)
    found = account.listed("ecs:DescribeServices")
    assert {item.id.split("/")[-2] for item in found} == {"one", "two"}
    assert {item.name for item in found} == {"web"}


def test_a_service_without_a_running_task_is_unhealthy(account: Account) -> None:
    service(account, "one", desired=2)
    (found,) = account.checked("ecs:service")
    assert found.verdict == "unhealthy"
    assert found.reason == "0 of 2 tasks are running."


def test_a_service_that_wants_no_task_is_inactive(account: Account) -> None:
    service(account, "one", desired=0)
    (found,) = account.checked("ecs:service")
    (cluster,) = account.checked("ecs:cluster")
    assert (found.verdict, cluster.verdict) == ("inactive", "healthy")


def test_node_groups_of_all_clusters_are_found(account: Account) -> None:
    for name in ("one", "two"):
        kubernetes(account, name)
    found = account.listed("eks:DescribeNodegroup")
    assert {item.document["clusterName"] for item in found} == {"one", "two"}
    assert len({item.id for item in found}) == 2
    clusters = account.checked("eks:cluster")
    assert {(one.name, one.verdict) for one in clusters} == {
        ("one", "healthy"),
        ("two", "healthy"),
    }


def test_an_account_without_clusters_has_nothing_to_tell(account: Account) -> None:
    assert account.checked("eks:nodegroup") == []
    assert account.checked("ecs:service") == []


def test_repositories_are_reachable(account: Account) -> None:
    account.make("ecr", "CreateRepository", repositoryName="web")
    (found,) = account.checked("ecr:repository")
    assert (found.name, found.verdict) == ("web", "reachable")
    assert account.listed("ecr:DescribeImages") == []
