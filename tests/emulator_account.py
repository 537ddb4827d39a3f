"""Fills the emulator: a small shop's AWS account in two regions, and the platform's."""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.core.secret import Secret
from tests.emulator import PLATFORM_ACCOUNT, EmulatorServer

HOME_REGION = "eu-central-1"
SECOND_REGION = "us-east-1"
ROLE = "CloudrotaReadOnly"
USER = "reporting"

# What the customer lets us read. Its security people kept the list of secrets back.
READ_ACTIONS = (
    "account:ListRegions",
    "apigateway:GET",
    "athena:Get*",
    "athena:List*",
    "cloudfront:Get*",
    "cloudfront:List*",
    "cloudwatch:Describe*",
    "cloudwatch:GetMetricStatistics",
    "cognito-idp:Describe*",
    "cognito-idp:List*",
    "dynamodb:Describe*",
    "dynamodb:ListTables",
    "dynamodb:ListTagsOfResource",
    "ec2:Describe*",
    "ecs:Describe*",
    "ecs:List*",
    "elasticache:Describe*",
    "elasticfilesystem:Describe*",
    "iam:GetAccountSummary",
    "iam:List*",
    "kinesis:Describe*",
    "kinesis:List*",
    "kms:DescribeKey",
    "kms:GetKeyRotationStatus",
    "kms:List*",
    "lambda:GetFunctionConfiguration",
    "lambda:List*",
    "rds:Describe*",
    "redshift:Describe*",
    "route53:Get*",
    "route53:List*",
    "s3:GetBucket*",
    "s3:GetEncryptionConfiguration",
    "s3:ListAllMyBuckets",
    "sns:GetTopicAttributes",
    "sns:List*",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:List*",
)
WITHHELD_ACTION = "secretsmanager:ListSecrets"

Clients = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Platform:
    """Our own identity: the only principal that the customer's role trusts."""

    principal_arn: str
    keys: AWSKeys


@dataclass(frozen=True, slots=True)
class Account:
    """The customer's account as it is handed to a test or to the demo."""

    account_id: str
    role_arn: str
    user_keys: AWSKeys  # of an IAM user; `revoke_key` makes AWS refuse them
    regions: tuple[str, ...] = (HOME_REGION, SECOND_REGION)
    withheld_action: str = WITHHELD_ACTION


def make_platform(emulator: EmulatorServer) -> Platform:
    """An IAM user in an account of its own that may do one thing: assume roles."""
    iam = _clients(emulator, PLATFORM_ACCOUNT, SECOND_REGION)("iam")
    user = iam.create_user(UserName="cloudrota")["User"]
    allowed = _policy(["sts:AssumeRole"], resource=f"arn:aws:iam::*:role/{ROLE}*")
    _allow_user(iam, "cloudrota", allowed)
    return Platform(user["Arn"], _access_key(iam, "cloudrota"))


def fill(
    emulator: EmulatorServer,
    *,
    external_id: str,
    principal: str,
    actions: Iterable[str] = READ_ACTIONS,
) -> Account:
    """Build the account; `principal` may do `actions` in it with `external_id`."""
    home = _clients(emulator, emulator.account_id, HOME_REGION)
    second = _clients(emulator, emulator.account_id, SECOND_REGION)
    for clients, region in ((home, HOME_REGION), (second, SECOND_REGION)):
        _network_and_servers(clients, region)
        _queue_with_dead_letters(clients("sqs"), f"orders-{region}")
        _alarms(clients("cloudwatch"), region)
    _storage(home, second, emulator.account_id)
    _databases(home, second)
    _serverless(home)
    _edge(home, second)
    _security(home)
    return Account(
        emulator.account_id,
        _role(home("iam"), external_id, principal, actions),
        _reporting_user(home("iam")),
    )


def revoke_key(emulator: EmulatorServer, account: Account) -> None:
    """Delete the user's access key, as its owner would after a leak."""
    iam = _clients(emulator, account.account_id, HOME_REGION)("iam")
    key = account.user_keys.access_key_id
    iam.delete_access_key(UserName=USER, AccessKeyId=key)


def _clients(emulator: EmulatorServer, account_id: str, region: str) -> Clients:
    session = TenantSession(
        emulator.root_of(account_id), account_id, Endpoint(emulator.url)
    )
    return lambda service: session.client(service, region)


def _policy(actions: Iterable[str], resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _allow_user(iam: Any, name: str, policy: str) -> None:
    iam.put_user_policy(UserName=name, PolicyName="allowed", PolicyDocument=policy)


def _access_key(iam: Any, user: str) -> AWSKeys:
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return AWSKeys(key["AccessKeyId"], Secret(key["SecretAccessKey"]))


def _role(iam: Any, external_id: str, principal: str, actions: Iterable[str]) -> str:
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)["Role"]
    iam.put_role_policy(
        RoleName=ROLE, PolicyName="read", PolicyDocument=_policy(actions)
    )
    return str(role["Arn"])


def _reporting_user(iam: Any) -> AWSKeys:
    iam.create_user(UserName=USER)
    _allow_user(iam, USER, _policy(READ_ACTIONS))
    return _access_key(iam, USER)


def _tags(name: str) -> list[dict[str, str]]:
    return [
        {"Key": "Name", "Value": name},
        {"Key": "environment", "Value": "production"},
        {"Key": "team", "Value": "shop"},
    ]


def _tagged(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": _tags(name)}]


def _network_and_servers(clients: Clients, region: str) -> None:
    ec2 = clients("ec2")
    home = region == HOME_REGION
    network = "10.20" if home else "10.30"
    vpc = ec2.create_vpc(
        CidrBlock=f"{network}.0.0/16", TagSpecifications=_tagged("vpc", "shop")
    )["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"{network}.{number}.0/24",
            AvailabilityZone=f"{region}{zone}",
            TagSpecifications=_tagged("subnet", f"shop-private-{zone}"),
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    web = _security_group(ec2, vpc, "web", port=443)
    _security_group(ec2, vpc, "database", port=5432)
    names = ("web-1", "web-2", "worker-1", "bastion") if home else ("replica-1",)
    for index, name in enumerate(names):
        _instance(ec2, name, subnets[index % 2], web)
    if home:
        (bastion,) = _instances_named(ec2, "bastion")
        ec2.stop_instances(InstanceIds=[bastion])
    ec2.create_volume(
        AvailabilityZone=f"{region}a",
        Size=100,
        VolumeType="gp3",
        Encrypted=True,
        TagSpecifications=_tagged("volume", "search-index-old"),
    )


def _security_group(ec2: Any, vpc: str, name: str, *, port: int) -> str:
    group: str = ec2.create_security_group(
        GroupName=f"shop-{name}", Description=f"{name} of the shop", VpcId=vpc
    )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
            }
        ],
    )
    return group


def _instance(ec2: Any, name: str, subnet: str, group: str) -> None:
    (image, *_) = ec2.describe_images(Owners=["amazon"])["Images"]
    ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.small",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        TagSpecifications=_tagged("instance", name),
    )


def _instances_named(ec2: Any, name: str) -> list[str]:
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])
    return [
        instance["InstanceId"]
        for reservation in found["Reservations"]
        for instance in reservation["Instances"]
    ]


def _queue_with_dead_letters(sqs: Any, name: str) -> None:
    """A queue some of whose messages could not be worked on."""
    dead = sqs.create_queue(QueueName=f"{name}-dead-letters")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    redrive = {
        "deadLetterTargetArn": found["Attributes"]["QueueArn"],
        "maxReceiveCount": "5",
    }
    sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": json.dumps(redrive)})
    for number in range(3):
        body = json.dumps({"order": 1000 + number})
        sqs.send_message(QueueUrl=dead, MessageBody=body)


def _alarms(cloudwatch: Any, region: str) -> None:
    """One for each state an alarm can be in."""
    states = {"disk-full": "ALARM", "high-cpu": "OK", "no-orders": "INSUFFICIENT_DATA"}
    for name, state in states.items():
        alarm = f"shop-{name}-{region}"
        cloudwatch.put_metric_alarm(
            AlarmName=alarm,
            Namespace="Shop",
            MetricName=name,
            Statistic="Maximum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=90,
            ComparisonOperator="GreaterThanThreshold",
        )
        cloudwatch.set_alarm_state(
            AlarmName=alarm, StateValue=state, StateReason="as of the last datapoint"
        )


def _storage(home: Clients, second: Clients, account_id: str) -> None:
    prefix = f"shop-{account_id}"  # the name of a bucket is taken for all accounts
    s3 = home("s3")
    for name in ("assets", "invoices", "access-logs"):
        s3.create_bucket(
            Bucket=f"{prefix}-{name}",
            CreateBucketConfiguration={"LocationConstraint": HOME_REGION},
        )
    s3.put_bucket_versioning(
        Bucket=f"{prefix}-invoices",
        VersioningConfiguration={"Status": "Enabled"},
    )
    second("s3").create_bucket(Bucket=f"{prefix}-replica")
    home("efs").create_file_system(
        CreationToken="shared", Encrypted=True, Tags=_tags("shared")
    )


def _databases(home: Clients, second: Clients) -> None:
    home("rds").create_db_instance(
        DBInstanceIdentifier="shop-production",
        Engine="postgres",
        DBInstanceClass="db.t4g.medium",
        AllocatedStorage=100,
        MasterUsername="shop",
        MasterUserPassword="made-up-for-the-emulator",
        StorageEncrypted=True,
        MultiAZ=True,
        Tags=_tags("shop-production"),
    )
    for clients, names in ((home, ("carts", "sessions")), (second, ("carts-global",))):
        for name in names:
            clients("dynamodb").create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                Tags=_tags(name),
            )
    home("elasticache").create_cache_cluster(
        CacheClusterId="sessions",
        Engine="redis",
        CacheNodeType="cache.t4g.small",
        NumCacheNodes=1,
    )


def _serverless(home: Clients) -> None:
    role = home("iam").create_role(
        RoleName="shop-functions",
        AssumeRolePolicyDocument=_service_trust("lambda.amazonaws.com"),
    )["Role"]["Arn"]
    for name in ("resize-images", "send-receipts"):
        home("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="index.handler",
            Code={"ZipFile": _archive("def handler(event, context):\n    return {}\n")},
        )
    home("sns").create_topic(Name="alerts", Tags=_tags("alerts"))
    home("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    home("ecs").create_cluster(clusterName="shop")
    home("athena").create_work_group(Name="reports")


def _edge(home: Clients, second: Clients) -> None:
    home("apigateway").create_rest_api(name="orders")
    home("cognito-idp").create_user_pool(PoolName="customers")
    second("route53").create_hosted_zone(Name="shop.example", CallerReference="first")


def _security(home: Clients) -> None:
    kms = home("kms")
    key = kms.create_key(Description="orders at rest")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
    home("secretsmanager").create_secret(
        Name="shop/production/database", SecretString="made-up-for-the-emulator"
    )
    for name in ("ana", "jonas", "deploy"):
        home("iam").create_user(UserName=name)


def _service_trust(service: str) -> str:
    statement: Mapping[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _archive(source: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", source)
    return archive.getvalue()
