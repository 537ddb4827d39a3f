"""Children of a parent are told apart by it, are asked where they are answered, and are
all of them asked for."""

from datetime import timedelta

from app.aws.services.health import check_of
from app.aws.session import TenantSession
from app.core.clock import now
from tests.aws.fake_aws import Asked, FakeAWS
from tests.aws.lists import listed
from tests.aws.test_health import checked

DAY = timedelta(hours=24)
GROUP = "tg-0123456789abcdef0"


def asked_for(fake: FakeAWS, operation: str) -> list[Asked]:
    return [one for one in fake.ledger if one.operation == operation]


def test_stages_of_one_name_are_told_apart_by_their_api(
    fake: FakeAWS, session: TenantSession
) -> None:
    answers = {
        "apigateway:GetRestApis": {
            "items": [{"id": "one"}, {"id": "two"}],
            "position": None,
        },
        "apigateway:GetStages": {"item": [{"stageName": "prod"}]},
    }
    with fake.afresh(answers=answers):
        found = listed("apigateway:GetStages", session)
    assert [item.id for item in found] == ["one/prod", "two/prod"]
    assert [item.name for item in found] == ["prod", "prod"]
    assert found[1].document["restApiId"] == "two"


def test_apps_of_one_name_are_told_apart_by_their_owner(
    fake: FakeAWS, session: TenantSession
) -> None:
    app = {"DomainId": "d-1", "AppType": "JupyterServer", "AppName": "default"}
    apps = [{**app, "UserProfileName": "ana"}, {**app, "SpaceName": "shared"}]
    answers = {"sagemaker:ListApps": {"Apps": apps, "NextToken": None}}
    with fake.afresh(answers=answers):
        found = [item.id for item in listed("sagemaker:ListApps", session)]
    assert found == [
        "d-1|ana|JupyterServer|default",
        "d-1|shared|JupyterServer|default",
    ]


def test_the_endpoints_every_cluster_has_are_identified(
    fake: FakeAWS, session: TenantSession
) -> None:
    both = [
        {"Endpoint": "a.cluster-x", "EndpointType": "WRITER"},
        {"Endpoint": "a.cluster-ro-x", "EndpointType": "READER"},
    ]
    answer = {"DBClusterEndpoints": both, "Marker": None}
    with fake.afresh(answers={"rds:DescribeDBClusterEndpoints": answer}):
        found = [item.id for item in listed("rds:DescribeDBClusterEndpoints", session)]
    assert found == ["a.cluster-x", "a.cluster-ro-x"]


def test_a_health_check_of_targets_names_their_group(
    fake: FakeAWS, session: TenantSession
) -> None:
    answers = {
        "vpc-lattice:ListTargetGroups": {"items": [{"id": GROUP}], "nextToken": None},
        "vpc-lattice:ListTargets": {
            "items": [{"id": "i-1", "port": 80, "status": "UNHEALTHY"}],
            "nextToken": None,
        },
    }
    with fake.afresh(answers=answers):
        (finding,) = checked(check_of("vpc-lattice:target"), session)
    assert (finding.id, finding.verdict) == (f"{GROUP}|i-1|80", "unhealthy")


def test_global_accelerator_is_asked_in_the_one_region_that_answers(
    fake: FakeAWS, session: TenantSession
) -> None:
    with fake.afresh():
        findings = checked(check_of("globalaccelerator:endpoint_group"), session)
        regions = {one.region for one in fake.ledger}
    assert regions == {"us-west-2"}
    assert {finding.region for finding in findings} == {"global"}


def test_the_next_page_of_delivery_streams_begins_after_the_last_name(
    fake: FakeAWS, session: TenantSession
) -> None:
    def page(asked: Asked) -> dict[str, object]:
        names = (
            ["a", "b"]
            if "ExclusiveStartDeliveryStreamName" not in asked.params
            else ["c"]
        )
        return {"DeliveryStreamNames": names, "HasMoreDeliveryStreams": len(names) == 2}

    with fake.afresh(answers={"firehose:ListDeliveryStreams": page}):
        listed("firehose:DescribeDeliveryStream", session)
        pages = asked_for(fake, "ListDeliveryStreams")
        described = asked_for(fake, "DescribeDeliveryStream")
    assert [one.params.get("ExclusiveStartDeliveryStreamName") for one in pages] == [
        None,
        "b",
    ]
    names = {one.params["DeliveryStreamName"] for one in described}
    assert names == {"a", "b", "c"}


def test_cloud_map_is_asked_only_for_instances_that_are_checked(
    fake: FakeAWS, session: TenantSession
) -> None:
    services = [
        {"Id": "srv-1", "HealthCheckCustomConfig": {"FailureThreshold": 1}},
        {"Id": "srv-2"},
    ]
    answers = {
        "servicediscovery:ListServices": {"Services": services, "NextToken": None},
        "servicediscovery:GetInstancesHealthStatus": {
            "Status": {"i-1": "HEALTHY"},
            "NextToken": None,
        },
    }
    with fake.afresh(answers=answers):
        found = checked(check_of("servicediscovery:service"), session)
        calls = asked_for(fake, "GetInstancesHealthStatus")
    assert [one.params["ServiceId"] for one in calls] == ["srv-1"]
    assert [one.verdict for one in found] == ["healthy", "reachable"]


def test_backup_jobs_are_those_of_the_last_day(
    fake: FakeAWS, session: TenantSession
) -> None:
    with fake.afresh():
        checked(check_of("backup:backup_job"), session)
        since = {one.params["ByCreatedAfter"] for one in fake.ledger}
    assert all(abs(now() - DAY - moment) < timedelta(minutes=1) for moment in since)


def test_documentdb_asks_for_its_own_clusters_and_their_instances(
    fake: FakeAWS, session: TenantSession
) -> None:
    clusters = {"DBClusters": [{"DBClusterIdentifier": "docs"}], "Marker": None}
    with fake.afresh(answers={"docdb:DescribeDBClusters": clusters}):
        listed("docdb:DescribeDBInstances", session)
        (roots, *children) = fake.ledger
    assert roots.params["Filters"] == [{"Name": "engine", "Values": ["docdb"]}]
    for child in children:
        own = [{"Name": "db-cluster-id", "Values": ["docs"]}]
        assert child.params["Filters"] == own


def test_buckets_come_with_their_regions(fake: FakeAWS, session: TenantSession) -> None:
    bucket = {"Name": "b", "BucketRegion": "eu-west-1"}
    answer = {"Buckets": [bucket], "ContinuationToken": None}
    with fake.afresh(answers={"s3:ListBuckets": answer}):
        (item,) = listed("s3:ListBuckets", session)
        (call,) = fake.ledger
    assert item.region == "eu-west-1"
    assert call.params["MaxBuckets"] == 1000  # AWS states regions to such requests only
