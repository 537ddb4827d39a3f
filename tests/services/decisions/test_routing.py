"""Who is told of what, when, and why; each channel once."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from app.core.notice import (
    Severity,
)
from app.services.decisions.routing import (
    Decision,
    Filters,
    Scene,
    Seen,
    decide,
)
from app.services.decisions.telling_times import Digest, QuietHours
from tests.services.decisions.tellings import (
    ACCOUNT,
    CHAT,
    CLIENT,
    MAIL,
    NOW,
    OTHER,
    RULE,
    SCENE,
    TASK,
    E,
    notice,
    rule,
    seen,
    told,
)

# ── filters ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("filters", "is_told"),
    [
        (Filters(), True),
        (Filters(categories={"AWSPermissionError"}), True),
        (Filters(categories={"AWSServiceError"}), False),
        (Filters(services={"ec2", "rds"}), True),
        (Filters(services={"rds"}), False),
        (Filters(account_ids={ACCOUNT}), True),
        (Filters(account_ids={TASK}), False),
        (Filters(labels={"stage": ["prod", "dev"]}), True),
        (Filters(labels={"stage": ["dev"]}), False),
        (Filters(labels={}), False),
        (Filters(task_ids={TASK}), True),
        (Filters(task_ids={ACCOUNT}), False),
        (Filters(severity=Severity.ERROR), True),
        (Filters(severity=Severity.CRITICAL), False),
        (Filters(services={"ec2"}, labels={"stage": ["dev"]}), False),
    ],
)
def test_a_filter_lets_through(filters: Filters, *, is_told: bool) -> None:
    decision = decide(seen(), [rule(filters=filters)], {}, SCENE)
    assert bool(decision.routed) is is_told
    assert bool(decision.watches) is is_told


@pytest.mark.parametrize(
    "filters",
    [
        Filters(categories={"AWSPermissionError"}),
        Filters(services={"ec2"}),
        Filters(account_ids={ACCOUNT}),
        Filters(labels={"stage": ["prod"]}),
        Filters(task_ids={TASK}),
    ],
)
def test_what_a_notice_does_not_have_is_not_matched(filters: Filters) -> None:
    bare = notice(
        E.SUBSCRIPTION_CHANGED, account=None, task=None, services=(), error=None
    )
    one = rule(events={E.SUBSCRIPTION_CHANGED})
    assert told(decide(Seen(bare), [one], {}, SCENE)) == [MAIL]
    assert told(decide(Seen(bare), [replace(one, filters=filters)], {}, SCENE)) == []


def test_other_events_are_not_told() -> None:
    assert decide(seen(E.EXECUTION_FAILED), [rule()], {}, SCENE) == Decision(())


# ── channels ─────────────────────────────────────────────────────────────────────


def test_a_limited_channel_hears_of_its_accounts_alone() -> None:
    one = rule(channel_ids=(MAIL, CLIENT))
    assert told(decide(seen(), [one], {}, SCENE)) == [MAIL, CLIENT]
    other = replace(seen(), labels={"client": "umbrella"})
    assert told(decide(other, [one], {}, SCENE)) == [MAIL]
    unlabelled = replace(seen(), labels={})
    assert told(decide(unlabelled, [one], {}, SCENE)) == [MAIL]


def test_a_limited_channel_hears_nothing_of_the_organization() -> None:
    one = rule(events={E.SUBSCRIPTION_CHANGED}, channel_ids=(CLIENT,))
    of_all = Seen(notice(E.SUBSCRIPTION_CHANGED, account=None))
    assert told(decide(of_all, [one], {}, SCENE)) == []


def test_a_channel_that_is_gone_is_not_told() -> None:
    assert told(decide(seen(), [rule()], {}, Scene(NOW, {CHAT: None}))) == []


def test_two_rules_tell_a_channel_once_and_the_soonest_way() -> None:
    digest = Digest("daily", time(9), "UTC")
    slow = rule(id=OTHER, name="Digest", channel_ids=(MAIL, CHAT), digest=digest)
    for rules in ([rule(), slow], [slow, rule()]):
        routed = {
            one.channel_id: one for one in decide(seen(), rules, {}, SCENE).routed
        }
        assert routed[MAIL].rule_id == RULE
        assert routed[MAIL].not_before == NOW
        assert not routed[MAIL].is_digest
        assert routed[CHAT].rule_id == OTHER
        assert routed[CHAT].is_digest
        assert routed[CHAT].not_before == datetime(2026, 7, 2, 9, tzinfo=UTC)


def test_a_task_tells_channels_of_its_own() -> None:
    own = replace(seen(), own_channel_ids=(CHAT, CLIENT, RULE))
    (one, two) = decide(own, [], {}, SCENE).routed
    assert (one.channel_id, one.rule_id) == (CHAT, None)
    assert two.channel_id == CLIENT
    mute = replace(own, task_is_mute=True)
    assert told(decide(mute, [rule()], {}, SCENE)) == [CHAT, CLIENT]
    quieter = replace(own, notice=notice(E.EXECUTION_SUCCEEDED))
    assert told(decide(quieter, [], {}, SCENE)) == []


# ── when ─────────────────────────────────────────────────────────────────────────

NOON = QuietHours(time(11), time(13), "UTC")
AFTER_NOON = datetime(2026, 7, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "severity", "when"),
    [
        (NOON, Severity.ERROR, AFTER_NOON),
        (NOON, Severity.CRITICAL, NOW),
        (replace(NOON, critical_passes=False), Severity.CRITICAL, AFTER_NOON),
        (QuietHours(time(22), time(7), "UTC"), Severity.ERROR, NOW),
    ],
)
def test_quiet_hours_hold_back(
    quiet: QuietHours, severity: Severity, when: datetime
) -> None:
    one = rule(quiet_hours=quiet)
    (routed,) = decide(seen(severity=severity), [one], {}, SCENE).routed
    assert routed.not_before == when
    assert ("quiet hours" in routed.why) is (when != NOW)


def test_a_digest_within_quiet_hours_comes_at_their_end() -> None:
    one = rule(digest=Digest("daily", time(12, 30), "UTC"), quiet_hours=NOON)
    (routed,) = decide(seen(), [one], {}, SCENE).routed
    assert routed.not_before == AFTER_NOON
