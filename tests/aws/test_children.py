"""What users expect to find inside of what a service lists, such as the services of an
ECS cluster, is listed too, and stays so."""

import pytest

from app.aws.catalog.loader import catalog

# A listing of children → the listing that it begins with.
EXPECTED = {
    "amplify:ListBranches": "ListApps",
    "amplify:ListDomainAssociations": "ListApps",
    "apigateway:GetResources": "GetRestApis",
    "apigateway:GetStages": "GetRestApis",
    "apigatewayv2:GetIntegrations": "GetApis",
    "apigatewayv2:GetRoutes": "GetApis",
    "apigatewayv2:GetStages": "GetApis",
    "appconfig:ListConfigurationProfiles": "ListApplications",
    "appconfig:ListEnvironments": "ListApplications",
    "autoscaling:DescribeLifecycleHooks": "DescribeAutoScalingGroups",
    "backup:ListBackupSelections": "ListBackupPlans",
    "backup:ListRecoveryPointsByBackupVault": "ListBackupVaults",
    "batch:ListJobs": "DescribeJobQueues",
    "cloudformation:ListStackInstances": "ListStackSets",
    "cloudformation:ListStackResources": "DescribeStacks",
    "codedeploy:GetDeploymentGroup": "ListApplications",
    "codepipeline:ListPipelineExecutions": "ListPipelines",
    "cognito-idp:ListGroups": "ListUserPools",
    "cognito-idp:ListIdentityProviders": "ListUserPools",
    "cognito-idp:ListResourceServers": "ListUserPools",
    "connect:ListContactFlows": "ListInstances",
    "connect:ListQueues": "ListInstances",
    "connect:ListRoutingProfiles": "ListInstances",
    "directconnect:DescribeDirectConnectGatewayAssociations": (
        "DescribeDirectConnectGateways"
    ),
    "directconnect:DescribeDirectConnectGatewayAttachments": (
        "DescribeDirectConnectGateways"
    ),
    "docdb:DescribeDBInstances": "DescribeDBClusters",
    "ds:DescribeDomainControllers": "DescribeDirectories",
    "ecr:DescribeImages": "DescribeRepositories",
    "ecs:DescribeContainerInstances": "ListClusters",
    "ecs:DescribeServices": "ListClusters",
    "ecs:DescribeTasks": "ListClusters",
    "efs:DescribeMountTargets": "DescribeFileSystems",
    "eks:DescribeAccessEntry": "ListClusters",
    "eks:DescribeAddon": "ListClusters",
    "eks:DescribeFargateProfile": "ListClusters",
    "eks:DescribeNodegroup": "ListClusters",
    "eks:ListPodIdentityAssociations": "ListClusters",
    "elbv2:DescribeListeners": "DescribeLoadBalancers",
    "elbv2:DescribeRules": "DescribeLoadBalancers",
    "events:ListRules": "ListEventBuses",
    "events:ListTargetsByRule": "ListEventBuses",
    "globalaccelerator:ListEndpointGroups": "ListAccelerators",
    "globalaccelerator:ListListeners": "ListAccelerators",
    "glue:GetTables": "GetDatabases",
    "iam:ListAccessKeys": "ListUsers",
    "iotsitewise:ListAssets": "ListAssetModels",
    "kafka:ListNodes": "ListClusters",
    "kendra:ListDataSources": "ListIndices",
    "keyspaces:ListTables": "ListKeyspaces",
    "kinesis:ListStreamConsumers": "ListStreams",
    "lambda:ListAliases": "ListFunctions",
    "lambda:ListFunctionUrlConfigs": "ListFunctions",
    "lambda:ListVersionsByFunction": "ListFunctions",
    "lexv2-models:ListBotAliases": "ListBots",
    "logs:DescribeLogStreams": "DescribeLogGroups",
    "logs:DescribeSubscriptionFilters": "DescribeLogGroups",
    "odb:ListDbNodes": "ListCloudVmClusters",
    "organizations:ListOrganizationalUnitsForParent": "ListRoots",
    "rds:DescribeDBProxyTargets": "DescribeDBProxies",
    "rekognition:DescribeProjectVersions": "DescribeProjects",
    "route53:ListResourceRecordSets": "ListHostedZones",
    "route53resolver:ListFirewallRules": "ListFirewallRuleGroups",
    "route53resolver:ListResolverEndpointIpAddresses": "ListResolverEndpoints",
    "s3vectors:ListIndexes": "ListVectorBuckets",
    "servicediscovery:ListInstances": "ListServices",
    "stepfunctions:ListStateMachineAliases": "ListStateMachines",
    "transfer:ListUsers": "ListServers",
    "vpc-lattice:ListListeners": "ListServices",
    "vpc-lattice:ListServiceNetworkServiceAssociations": "ListServiceNetworks",
    "vpc-lattice:ListServiceNetworkVpcAssociations": "ListServiceNetworks",
    "vpc-lattice:ListTargets": "ListTargetGroups",
}


@pytest.mark.parametrize(("child", "parent"), EXPECTED.items())
def test_children_that_users_expect_are_listed_by_their_parents(
    child: str, parent: str
) -> None:
    operation = catalog().operation(child)
    first, *between, last = catalog().chain(operation)
    assert (first.name, last) == (parent, operation)
    assert (operation.tier, operation.step) == ("curated", False)
    assert all(one.feed is not None for one in [*between, last])


def test_the_services_with_children_are_as_many_as_were_promised() -> None:
    with_children = {
        one.service
        for one in catalog().all_operations()
        if one.feed is not None and not one.step
    }
    expected = {key.partition(":")[0] for key in EXPECTED}
    assert len(expected) >= 40
    assert expected <= with_children
    assert len(with_children) >= 54
