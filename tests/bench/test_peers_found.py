"""What is read of what the peers wrote, and the account that they are asked about."""

import json
from pathlib import Path

import pytest

from app.aws.services.health import checks_of
from tests.bench import cloud_guarded, health_prowler, listing_custodian
from tests.bench.health_prowler import SHARED
from tests.walks.python import ROOT

KEYS = "kms_cmk_not_deleted_unintentionally"
RECORDERS = "config_recorder_all_regions_enabled"


def finding(check: str, status: str) -> object:
    return {"metadata": {"event_code": check}, "status_code": status}


def test_prowlers_findings_are_counted_by_our_services() -> None:
    report = [
        *(finding(KEYS, "PASS"), finding(KEYS, "FAIL"), finding(KEYS, "PASS")),
        finding(RECORDERS, "PASS"),
    ]
    found = health_prowler.found(json.dumps(report))
    assert found == {"kms": 3, "kms faults": 1, "config": 1}


def test_a_check_that_was_not_asked_for_is_an_error() -> None:
    with pytest.raises(KeyError):
        health_prowler.found(json.dumps([finding("s3_bucket_acl_prohibited", "PASS")]))


@pytest.mark.parametrize("service", SHARED)
def test_the_shared_checks_are_ours(service: str) -> None:
    assert SHARED[service][0] in {check.key for check in checks_of(service)}


def test_custodians_resources_are_counted_by_our_services(tmp_path: Path) -> None:
    for policy, number in {"functions": 2, "tables": 3}.items():
        (tmp_path / policy).mkdir()
        (tmp_path / policy / "resources.json").write_text(json.dumps([{}] * number))
    assert listing_custodian.found(tmp_path) == {"lambda": 2, "dynamodb": 3}


def test_a_list_that_custodian_did_not_write_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        listing_custodian.found(tmp_path)


def test_every_key_is_listed_once_and_one_in_ten_has_a_fault() -> None:
    marker: dict[str, str] = {}
    listed: list[str] = []
    while True:
        told = json.loads(
            cloud_guarded.answer("ListKeys", json.dumps(marker), 250, 0) or ""
        )
        listed += [key["KeyId"] for key in told["Keys"]]
        if not told["Truncated"]:
            break
        marker = {"Marker": told["NextMarker"]}
    assert len(set(listed)) == len(listed) == 250
    described = [
        json.loads(
            cloud_guarded.answer("DescribeKey", json.dumps({"KeyId": id}), 250, 0) or ""
        )
        for id in listed
    ]
    states = [one["KeyMetadata"]["KeyState"] for one in described]
    assert states.count("PendingDeletion") == 25
    assert states.count("Enabled") == 225


def test_what_nobody_should_ask_has_no_answer() -> None:
    assert cloud_guarded.answer("ScheduleKeyDeletion", "{}", 1, 1) is None


@pytest.mark.parametrize("name", ["beats", "custodian", "prowler"])
def test_each_peer_has_its_list_which_the_makefile_installs(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert (ROOT / f"requirements-peers-{name}.txt").is_file()
    assert f" .local/peers/{name}/.installed" in makefile
    assert f"requirements-peers-{name}" in makefile
