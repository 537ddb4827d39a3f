"""AWS Config: recorders, deliveries, compliance, packs."""

from app.aws.services.health import config
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

RECORDER, CHANNEL = "config:recorder", "config:delivery_channel"
RULE, PACK = "config:rule", "config:conformance_pack"


def delivered(**ends: str) -> dict[str, dict[str, str]]:
    return {f"{kind}DeliveryInfo": {"lastStatus": end} for kind, end in ends.items()}


VERDICTS: list[VerdictRow] = [
    (
        RECORDER,
        {"recording": True, "lastStatus": "Success"},
        "healthy",
        "The recorder's last status is Success.",
    ),
    (
        RECORDER,
        {"recording": True, "lastStatus": "Failure"},
        "unhealthy",
        "The recorder's last status is Failure.",
    ),
    (
        RECORDER,
        {"recording": False, "lastStatus": "Success"},
        "unhealthy",
        "The recorder is stopped.",
    ),
    (
        RECORDER,
        {"recording": True},
        "unknown",
        "AWS states no recorder's last status.",
    ),
    (RECORDER, {}, "unknown", "AWS does not state whether it records."),
    (
        CHANNEL,
        delivered(configHistory="Success", configStream="Not_Applicable"),
        "healthy",
        "The last delivery is Success.",
    ),
    (
        CHANNEL,
        delivered(configHistory="Success", configStream="Failure"),
        "unhealthy",
        "The last delivery is Failure.",
    ),
    (
        CHANNEL,
        delivered(configHistory="ODD", configStream="Success"),
        "unknown",
        "The last delivery 'ODD' is not known.",
    ),
    (CHANNEL, {}, "unknown", "Nothing was delivered yet."),
    (
        RULE,
        {"Compliance": {"ComplianceType": "COMPLIANT"}},
        "healthy",
        "The rule's compliance is COMPLIANT.",
    ),
    (
        RULE,
        {"Compliance": {"ComplianceType": "NON_COMPLIANT"}},
        "degraded",
        "The rule's compliance is NON_COMPLIANT.",
    ),
    (
        RULE,
        {"Compliance": {"ComplianceType": "INSUFFICIENT_DATA"}},
        "unknown",
        "The rule's compliance is INSUFFICIENT_DATA.",
    ),
    (
        PACK,
        {"ConformancePackState": "CREATE_COMPLETE"},
        "healthy",
        "The conformance pack's state is CREATE_COMPLETE.",
    ),
    (
        PACK,
        {"ConformancePackState": "DELETE_FAILED"},
        "unhealthy",
        "The conformance pack's state is DELETE_FAILED.",
    ),
    (PACK, {}, "unknown", "AWS states no conformance pack's state."),
]
WORDS: list[WordRow] = [
    (
        "config",
        "DescribeConfigurationRecorderStatus",
        "ConfigurationRecordersStatus[]",
        "lastStatus",
        config.RECORDINGS,
    ),
    *(
        (
            "config",
            "DescribeDeliveryChannelStatus",
            "DeliveryChannelsStatus[]",
            f"{kind}DeliveryInfo.lastStatus",
            config.DELIVERIES,
        )
        for kind in config.KINDS
    ),
    (
        "config",
        "DescribeComplianceByConfigRule",
        "ComplianceByConfigRules[]",
        "Compliance.ComplianceType",
        config.COMPLIANCE,
    ),
    (
        "config",
        "DescribeConformancePackStatus",
        "ConformancePackStatusDetails[]",
        "ConformancePackState",
        config.PACK_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
