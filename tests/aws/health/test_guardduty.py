"""GuardDuty: detectors that look, and what they found."""

from typing import Any

from app.aws.paths import search
from app.aws.services.health import check_of, guardduty
from tests.aws.fake_aws import MOMENT
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

DETECTOR, PLAN = "guardduty:detector", "guardduty:malware_protection_plan"


def detector(*counts: int, state: str = "ENABLED") -> dict[str, Any]:
    groups = [{"Severity": 8.0, "TotalFindings": count} for count in counts]
    found = {"FindingStatistics": {"GroupedBySeverity": groups}}
    return {"DetectorId": "d", "Status": state, "Findings": found}


VERDICTS: list[VerdictRow] = [
    (
        DETECTOR,
        detector(),
        "healthy",
        "It is enabled and has no open high findings.",
    ),
    (
        DETECTOR,
        detector(2, 1),
        "degraded",
        "It has 3 open findings of high severity.",
    ),
    (
        DETECTOR,
        detector(2, state="DISABLED"),
        "inactive",
        "The detector's state is DISABLED.",
    ),
    (
        DETECTOR,
        detector(state="ODD"),
        "unknown",
        "The detector's state 'ODD' is not known.",
    ),
    (PLAN, {"Status": "ACTIVE"}, "healthy", "The protection plan's state is ACTIVE."),
    (
        PLAN,
        {"Status": "WARNING"},
        "degraded",
        "The protection plan's state is WARNING.",
    ),
    (PLAN, {"Status": "ERROR"}, "unhealthy", "The protection plan's state is ERROR."),
    (PLAN, {}, "unknown", "AWS states no protection plan's state."),
]
WORDS: list[WordRow] = [
    ("guardduty", "GetDetector", "", "Status", guardduty.STATES),
    ("guardduty", "GetMalwareProtectionPlan", "", "Status", guardduty.PLAN_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)


def test_counts_open_findings_of_high_severity_only() -> None:
    (detail,) = check_of(DETECTOR).details
    asked = detail.inputs({"DetectorId": "d"}, MOMENT)
    assert asked is not None
    assert asked["FindingCriteria"]["Criterion"] == {
        "severity": {"GreaterThanOrEqual": 7},
        "service.archived": {"Equals": ["false"]},
    }


def test_the_count_is_a_fact() -> None:
    path = check_of(DETECTOR).facts["high_findings"]
    assert search(path, detector(2, 1)) == 3
    assert search(path, {"Findings": {}}) == 0
