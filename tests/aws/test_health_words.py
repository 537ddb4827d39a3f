"""The checks know every state word of the SDK's models: an upgrade that adds one
fails here before it is a mystery to a user."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.model import StringShape, StructureShape

from app.aws.catalog import sources
from app.aws.catalog.shapes import element_shape
from app.aws.services.health import (
    apigateway,
    apigatewayv2,
    athena,
    cloudwatch,
    dynamodb,
    ec2,
    efs,
    elbv2,
    kinesis,
    kms,
    lambda_,
    secretsmanager,
)

WORDS: list[tuple[str, str, str, str, Mapping[str, Any]]] = [
    ("ec2", "DescribeInstanceStatus", "InstanceStatuses[]", "InstanceState.Name",
     ec2.INSTANCE_STATES),
    ("ec2", "DescribeVolumeStatus", "VolumeStatuses[]", "VolumeStatus.Status",
     ec2.STATUS_WORDS),
    ("ec2", "DescribeVolumes", "Volumes[]", "State", ec2.VOLUME_STATES),
    ("ec2", "DescribeNatGateways", "NatGateways[]", "State", ec2.NAT_STATES),
    ("ec2", "DescribeVpnConnections", "VpnConnections[]", "State", ec2.VPN_STATES),
    ("ec2", "DescribeVpcs", "Vpcs[]", "State", ec2.NETWORK_STATES),
    ("ec2", "DescribeSubnets", "Subnets[]", "State", ec2.NETWORK_STATES),
    ("ec2", "DescribeTransitGatewayAttachments", "TransitGatewayAttachments[]",
     "State", ec2.ATTACHMENT_STATES),
    ("lambda", "GetFunctionConfiguration", "", "State", lambda_.STATES),
    ("lambda", "GetFunctionConfiguration", "", "LastUpdateStatus", lambda_.UPDATES),
    ("efs", "DescribeFileSystems", "FileSystems[]", "LifeCycleState", efs.STATES),
    ("efs", "DescribeMountTargets", "MountTargets[]", "LifeCycleState", efs.STATES),
    ("dynamodb", "DescribeTable", "Table", "TableStatus", dynamodb.TABLE_STATES),
    ("dynamodb", "DescribeTable", "Table.Replicas[]", "ReplicaStatus",
     dynamodb.REPLICA_STATES),
    ("kms", "DescribeKey", "KeyMetadata", "KeyState", kms.STATES),
    ("kinesis", "DescribeStreamSummary", "StreamDescriptionSummary", "StreamStatus",
     kinesis.STATES),
    ("cloudwatch", "DescribeAlarms", "MetricAlarms[]", "StateValue",
     cloudwatch.STATES),
    ("athena", "ListWorkGroups", "WorkGroups[]", "State", athena.STATES),
    ("elbv2", "DescribeLoadBalancers", "LoadBalancers[]", "State.Code",
     elbv2.STATES),
    ("apigateway", "GetDomainNames", "items[]", "domainNameStatus",
     apigateway.DOMAIN_STATES),
    ("apigateway", "GetVpcLinks", "items[]", "status", apigateway.LINK_STATES),
    ("apigatewayv2", "GetVpcLinks", "Items[]", "VpcLinkStatus",
     apigatewayv2.LINK_STATES),
    ("secretsmanager", "DescribeSecret", "ReplicationStatus[]", "Status",
     secretsmanager.REPLICAS),
]  # fmt: skip
NOT_A_STATE = {"not-applicable"}  # said of instances that do not run


@pytest.mark.parametrize(("service", "operation", "path", "member", "words"), WORDS)
def test_knows_every_word_of_the_model(
    service: str, operation: str, path: str, member: str, words: Mapping[str, Any]
) -> None:
    model = sources.service_model(service).operation_model(operation)
    shape = element_shape(model.output_shape, path)
    for step in member.split("."):
        assert isinstance(shape, StructureShape)
        shape = shape.members[step]
    assert isinstance(shape, StringShape)
    assert set(shape.enum) - NOT_A_STATE <= set(words)
