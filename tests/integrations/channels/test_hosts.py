"""The URL of a channel leads to its service, however it is written, or is refused."""

import pytest

from app.core.channels import ChannelType
from app.integrations.channels.hosts import judged
from app.integrations.outbound_target import Refusal, UnsafeTarget

GOOD = [
    (ChannelType.SLACK, "https://hooks.slack.com/services/T0/B0/x"),
    (ChannelType.SLACK, "HTTPS://HOOKS.SLACK.COM/workflows/T0/A0/1/x"),
    (
        ChannelType.TEAMS,
        "https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
    ),
    (ChannelType.TEAMS, "https://prod-01.westus.logic.azure.com:443/workflows/a?sig=b"),
    (
        ChannelType.TEAMS,
        "https://ab.environment.api.powerplatform.com/powerautomate/x?a=1",
    ),
    (ChannelType.DISCORD, "https://discord.com/api/webhooks/1/x"),
    (ChannelType.DISCORD, "https://discordapp.com/api/webhooks/1/x"),
]
ELSEWHERE = [
    (ChannelType.SLACK, "https://hooks.slack.com.evil.example/services/T0/B0/x"),
    (ChannelType.SLACK, "https://evil.example/hooks.slack.com/services/T0/B0/x"),
    (ChannelType.SLACK, "https://xhooks.slack.com/services/T0/B0/x"),
    (ChannelType.SLACK, "https://hooks-slack.com/services/T0/B0/x"),
    (ChannelType.SLACK, "https://hooks.slack.com/api/chat.postMessage"),
    (ChannelType.SLACK, "https://hooks.slack.com"),
    (ChannelType.SLACK, "https://discord.com/api/webhooks/1/x"),
    (ChannelType.TEAMS, "https://webhook.office.com.evil.example/webhookb2/a"),
    (ChannelType.TEAMS, "https://evilwebhook.office.com/webhookb2/a"),
    (ChannelType.TEAMS, "https://evil.example/.webhook.office.com/"),
    (ChannelType.TEAMS, "https://127.0.0.1/.logic.azure.com/"),
    (ChannelType.DISCORD, "https://discord.com/api/v10/channels/1/messages"),
    (ChannelType.DISCORD, "https://discord.com.evil.example/api/webhooks/1/x"),
    (ChannelType.DISCORD, "https://cdn.discord.com/api/webhooks/1/x"),
]


@pytest.mark.parametrize(("type", "url"), GOOD)
def test_the_service_s_own_urls_are_taken(type: ChannelType, url: str) -> None:
    assert judged(type, url).host


@pytest.mark.parametrize(("type", "url"), ELSEWHERE)
def test_what_only_looks_like_them_is_refused(type: ChannelType, url: str) -> None:
    with pytest.raises(UnsafeTarget) as refused:
        judged(type, url)
    assert refused.value.reason is Refusal.NOT_THE_SERVICE


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.slack.com/services/T0/B0/x", Refusal.NOT_HTTPS),
        ("https://hooks.slack.com@evil.example/services/", Refusal.USERINFO),
        ("https://hooks.slack.com:22/services/T0/B0/x", Refusal.PORT),
        ("https://hooks.slack.com\\@evil.example/services/", Refusal.MALFORMED),
    ],
)
def test_what_is_asked_nowhere_is_not_asked_there(url: str, why: Refusal) -> None:
    with pytest.raises(UnsafeTarget) as refused:
        judged(ChannelType.SLACK, url)
    assert refused.value.reason is why
