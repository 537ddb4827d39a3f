"""RDS, DynamoDB and Redshift with real databases."""

from typing import Any

from tests.aws.behaviour.account import Account

KEY: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ITEM = {"id": {"S": "1"}}


def instance(account: Account, name: str) -> None:
    account.make(
        "rds",
        "CreateDBInstance",
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        MasterUsername="root",
        MasterUserPassword="a-password-of-the-tests",
        AllocatedStorage=20,
    )


def cluster(account: Account, service: str, name: str, engine: str) -> None:
    account.make(
        service,
        "CreateDBCluster",
        DBClusterIdentifier=name,
        Engine=engine,
        MasterUsername="root",
        MasterUserPassword="a-password-of-the-tests",
    )


def test_a_database_that_somebody_stops_is_inactive(account: Account) -> None:
    for name in ("orders", "bills"):
        instance(account, name)
    account.make("rds", "StopDBInstance", DBInstanceIdentifier="bills")
    found = {one.name: one.verdict for one in account.checked("rds:db_instance")}
    assert found == {"bills": "inactive", "orders": "healthy"}


def test_an_idle_database_does_not_change_and_shows_no_password(
    account: Account,
) -> None:
    instance(account, "orders")
    (before,) = account.listed("rds:DescribeDBInstances")
    (after,) = account.listed("rds:DescribeDBInstances")
    assert before.content_hash == after.content_hash
    assert "a-password-of-the-tests" not in str(before.document)


def test_clusters_are_healthy_when_they_are_available(account: Account) -> None:
    cluster(account, "rds", "aurora", "aurora-postgresql")
    (found,) = account.checked("rds:db_cluster")
    assert (found.id, found.verdict) == ("aurora", "healthy")


def test_a_table_is_described_and_its_size_is_no_change(account: Account) -> None:
    account.make("dynamodb", "CreateTable", TableName="orders", **KEY)
    (before,) = account.listed("dynamodb:DescribeTable")
    account.make("dynamodb", "PutItem", TableName="orders", Item=ITEM)
    (after,) = account.listed("dynamodb:DescribeTable")
    assert after.document["ItemCount"] == 1
    assert before.content_hash == after.content_hash
    (found,) = account.checked("dynamodb:table")
    assert (found.name, found.verdict) == ("orders", "healthy")


def test_many_tables_are_listed_to_the_last_page(account: Account) -> None:
    names = {f"table-{number:03}" for number in range(105)}
    for name in names:
        account.make("dynamodb", "CreateTable", TableName=name, **KEY)
    found = account.listed("dynamodb:DescribeTable")
    assert {item.id for item in found} == names


def test_backups_of_tables_are_listed(account: Account) -> None:
    account.make("dynamodb", "CreateTable", TableName="orders", **KEY)
    account.make("dynamodb", "CreateBackup", TableName="orders", BackupName="daily")
    (found,) = account.listed("dynamodb:ListBackups")
    assert (found.name, found.state) == ("daily", "AVAILABLE")
