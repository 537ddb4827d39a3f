"""Each service over real HTTP: what it is asked, and what its answers mean."""

import json
from typing import Any

import pytest

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.channels import (
    ChannelType,
    Configuration,
    Discord,
    Opsgenie,
    PagerDuty,
    Slack,
    Teams,
)
from app.core.notice import NoticeEvent
from app.core.secret import Secret
from app.core.settings import Settings
from app.integrations.channels.contract import Outgoing, Sent, Webhook
from app.integrations.channels.registry import Senders
from app.integrations.outbound import Outbound
from app.integrations.outbound_target import UnsafeTarget
from tests.attack.names import Names, like_the_c_library, name_server
from tests.attack.outbound_forms import ALIASES, NAMES, forms
from tests.attack.receivers import PUBLIC, Asked, Receiver, connections, says
from tests.integrations.channels.hostile_notices import EACH, hostile
from tests.integrations.channels.notices import SITE, a_notice, id_of

KEY = "0123456789abcdef0123456789abcdef"
POSTED: list[tuple[Configuration, str]] = [
    (Slack(type=ChannelType.SLACK), "https://hooks.slack.com/services/T0/B0/x"),
    (Teams(type=ChannelType.TEAMS), "https://acme.webhook.office.com/webhookb2/x"),
    (Discord(type=ChannelType.DISCORD), "https://discord.com/api/webhooks/1/x"),
]
KEYED: list[tuple[Configuration, str]] = [
    (PagerDuty(type=ChannelType.PAGERDUTY), KEY),
    (PagerDuty(type=ChannelType.PAGERDUTY, region="eu"), KEY),
    (Opsgenie(type=ChannelType.OPSGENIE), KEY),
    (Opsgenie(type=ChannelType.OPSGENIE, region="eu"), KEY),
]
ALL = pytest.mark.parametrize(("to", "secret"), POSTED + KEYED, ids=str)


async def _send(
    senders: Senders,
    to: Configuration,
    secret: str,
    event: NoticeEvent = NoticeEvent.PROBLEM_OPENED,
) -> Sent:
    outgoing = Outgoing(to, secrets=[Secret(secret)])
    return await senders.send(outgoing, [a_notice(event)], delivery_id=id_of(9))


def _body(asked: Asked) -> Any:
    assert asked.header("content-type") == "application/json; charset=utf-8"
    return json.loads(asked.body)


@pytest.mark.parametrize(("to", "url"), POSTED, ids=str)
async def test_a_url_is_asked_as_it_stands(
    senders: Senders, hooks: Receiver, to: Configuration, url: str
) -> None:
    hooks.reply = says("200 OK", b"ok")
    assert await _send(senders, to, url) == Sent(200, "200: ok")
    [asked] = hooks.asked
    path = url.split("/", 3)[3]
    assert asked.head.startswith(f"POST /{path} HTTP/1.1")
    assert asked.name == url.split("/")[2]
    assert "Nightly listing" in json.dumps(_body(asked))


@pytest.mark.parametrize(
    ("region", "host"),
    [("us", "events.pagerduty.com"), ("eu", "events.eu.pagerduty.com")],
)
async def test_pagerduty_is_triggered_and_resolved(
    senders: Senders, hooks: Receiver, region: Any, host: str
) -> None:
    hooks.reply = says("202 Accepted", b'{"status":"success"}')
    to = PagerDuty(type=ChannelType.PAGERDUTY, region=region)
    await _send(senders, to, KEY)
    await _send(senders, to, KEY, NoticeEvent.PROBLEM_CLOSED)
    first, second = (_body(asked) for asked in hooks.asked)
    assert {asked.name for asked in hooks.asked} == {host}
    assert hooks.asked[0].head.startswith("POST /v2/enqueue ")
    key = {"routing_key": KEY, "dedup_key": f"problem:{id_of(5)}"}
    assert second == {**key, "event_action": "resolve"}
    assert first["event_action"] == "trigger"
    assert first["payload"]["severity"] == "error"
    assert first["payload"]["source"] == "Production (123456789012)"
    assert first["payload"]["class"] == "problem.opened"
    assert key.items() <= first.items()


@pytest.mark.parametrize(
    ("region", "host"), [("us", "api.opsgenie.com"), ("eu", "api.eu.opsgenie.com")]
)
async def test_opsgenie_s_alert_is_made_and_closed(
    senders: Senders, hooks: Receiver, region: Any, host: str
) -> None:
    hooks.reply = says("202 Accepted", b"{}")
    to = Opsgenie(type=ChannelType.OPSGENIE, region=region)
    await _send(senders, to, KEY)
    await _send(senders, to, KEY, NoticeEvent.PROBLEM_CLOSED)
    first, second = hooks.asked
    assert first.name == second.name == host
    assert first.header("authorization") == f"GenieKey {KEY}"
    alias = f"problem:{id_of(5)}"
    assert _body(first)["alias"] == alias
    assert _body(first)["priority"] == "P2"
    path = f"/v2/alerts/{alias.replace(':', '%3A')}/close?identifierType=alias"
    assert second.head.startswith(f"POST {path} ")
    assert _body(second)["source"] == "Cloudrota"


@pytest.mark.parametrize("key", ["a\r\nX-Injected: 1", "a b", "ключ", "", "\x00"])
async def test_a_key_that_no_header_takes_is_not_sent(
    senders: Senders, hooks: Receiver, key: str
) -> None:
    with pytest.raises(ChannelRefused):
        await _send(senders, Opsgenie(type=ChannelType.OPSGENIE), key)
    assert hooks.asked == []


@ALL
@pytest.mark.parametrize("status", [302, 400, 403, 404, 410])
async def test_what_is_refused_is_refused_for_good(
    senders: Senders, hooks: Receiver, to: Configuration, secret: str, status: int
) -> None:
    hooks.reply = says(
        f"{status} No", f"no {secret}".encode(), f"Location: https://{PUBLIC}/"
    )
    with connections() as begun, pytest.raises(ChannelRefused) as refused:
        await _send(senders, to, secret)
    assert (refused.value.status, len(begun), len(hooks.asked)) == (status, 1, 1)
    assert refused.value.detail == f"It answered {status}: no ***"


@ALL
@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_what_may_pass_is_for_later(
    senders: Senders, hooks: Receiver, to: Configuration, secret: str, status: int
) -> None:
    hooks.reply = says(f"{status} No", b"", "Retry-After: 5")
    with pytest.raises(ChannelBusy) as busy:
        await _send(senders, to, secret)
    assert (busy.value.status, busy.value.retry_after) == (status, 5)


@pytest.mark.parametrize(
    ("status", "fact"), [(429, ChannelBusy), (413, ChannelRefused), (502, ChannelBusy)]
)
async def test_a_success_of_teams_that_is_none_is_not_believed(
    senders: Senders, hooks: Receiver, status: int, fact: type[ChannelBusy]
) -> None:
    said = (
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned"
        f" HTTP error {status} with ContextId tcid=0"
    )
    hooks.reply = says("200 OK", said.encode())
    to, url = POSTED[1]
    with pytest.raises(fact) as failed:
        await _send(senders, to, url)
    assert failed.value.status == status


async def test_of_a_storm_each_channel_hears_once(
    senders: Senders, hooks: Receiver
) -> None:
    storm = [
        a_notice(id=id_of(n), problem_id=id_of(n), title=f"Problem {n}")
        for n in range(10_000)
    ]
    for to, secret in POSTED + KEYED:
        hooks.asked.clear()
        outgoing = Outgoing(to, secrets=[Secret(secret)])
        await senders.send(outgoing, storm, delivery_id=id_of(9))
        [asked] = hooks.asked
        assert "10,000" in asked.body.decode()
        assert len(asked.body) < 28_000


@EACH
async def test_a_webhook_s_json_survives_every_text(
    senders: Senders, hooks: Receiver, name: str
) -> None:
    notice = hostile(name)
    outgoing = Outgoing(
        Webhook("https://hooks.example/"), secrets=[Secret("whsec_c2VjcmV0")]
    )
    await senders.send(outgoing, [notice], delivery_id=id_of(9))
    [asked] = hooks.asked
    assert json.loads(asked.body)["account"]["name"] == notice.account.name  # type: ignore[union-attr]


# ── What leads inside ────────────────────────────────────────────────────────────────

PORT = 8443


@pytest.mark.parametrize("way", ["webhook", *(to.type for to, _ in POSTED)], ids=str)
async def test_no_url_leads_inside_by_any_channel(settings: Settings, way: str) -> None:
    to_type = {str(to.type): to for to, _ in POSTED}
    async with name_server(NAMES, ALIASES) as names:
        senders = Senders(settings, _strict(names))
        with connections() as begun:
            for url in forms(PORT):
                outgoing = (
                    Outgoing(Webhook(url), secrets=[Secret("whsec_c2VjcmV0")])
                    if way == "webhook"
                    else Outgoing(to_type[way], secrets=[Secret(url)])
                )
                with pytest.raises(UnsafeTarget):
                    await senders.send(outgoing, [a_notice()], delivery_id=id_of(9))
    assert begun == []


def _strict(names: Names) -> Outbound:
    """As in production, but for whom it asks for names."""
    return Outbound(resolve=like_the_c_library(names))


async def test_a_service_whose_name_leads_inside_is_not_asked(
    settings: Settings,
) -> None:
    hosts = ("events.pagerduty.com", "api.opsgenie.com", "hooks.slack.com")
    async with name_server({host: ["127.0.0.1"] for host in hosts}, {}) as names:
        senders = Senders(settings, _strict(names))
        with connections() as begun:
            for to, secret in (POSTED[0], KEYED[0], KEYED[2]):
                with pytest.raises(UnsafeTarget):
                    await _send(senders, to, secret)
    assert begun == []


def test_the_site_of_the_tests_is_the_console(settings: Settings) -> None:
    assert settings.public_url == SITE
