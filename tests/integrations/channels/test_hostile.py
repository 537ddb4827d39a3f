"""Hostile names on every channel: each renders as text and does nothing, and what is
sent is well formed and no longer than the service takes."""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest

from app.core.notice import Notice, NoticeEvent
from app.core.settings import Settings
from app.integrations.channels import (
    discord,
    mail,
    opsgenie,
    pagerduty,
    plain_text,
    slack,
    sns,
    teams,
)
from app.integrations.channels.incidents import incidents_of
from app.integrations.channels.json_body import fitted
from app.integrations.channels.message import Message, message_of
from app.integrations.email import message_of as written
from tests.integrations.channels.hostile_notices import EACH, digest, hostile
from tests.integrations.channels.notices import SITE, id_of

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
BOTH = pytest.mark.parametrize("is_digest", [False, True])


def _notices(name: str, is_digest: bool) -> Sequence[Notice]:
    return digest(name) if is_digest else [hostile(name)]


def _message(name: str, is_digest: bool) -> Message:
    return message_of(_notices(name, is_digest), SITE)


def _texts(value: Any) -> Iterator[str]:
    """Every text of a document, names of members included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(key)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def assert_inert(text: str, *ours: str) -> None:
    """No links but ours, and no character that is not seen."""
    without = text
    for own in ours:
        without = without.replace(own, "")
    assert not re.search(r"\w://|mailto:|\bwww\.", without, re.IGNORECASE), text
    hidden = {one for one in text if unicodedata.category(one) in HIDDEN} - {"\n"}
    assert not hidden, text


# ── Slack ────────────────────────────────────────────────────────────────────────────


@EACH
@BOTH
def test_slack_reads_nothing_in_it(name: str, is_digest: bool) -> None:
    message = _message(name, is_digest)
    body = fitted(message, slack.document, slack.MOST_BYTES)
    said = json.loads(body)
    assert len(body) <= slack.MOST_BYTES
    assert len(said["blocks"]) <= 50
    own = f"<{message.link}|Open in Cloudrota>"
    for text in _texts(said):
        assert_inert(text, own)
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", text.replace(own, "")), text
    marked = [one for one in _objects(said) if one.get("type") == "mrkdwn"]
    assert [one["text"] for one in marked] == [own]
    assert said["mrkdwn"] is said["link_names"] is said["unfurl_links"] is False
    assert said["parse"] == "none"


@EACH
@BOTH
def test_slack_s_blocks_are_within_their_bounds(name: str, is_digest: bool) -> None:
    for block in slack.document(_message(name, is_digest))["blocks"]:
        bound = 150 if block["type"] == "header" else 3_000
        if "text" in block:
            assert 1 <= len(block["text"]["text"]) <= bound
        if "fields" in block:
            assert 1 <= len(block["fields"]) <= 10
            assert all(1 <= len(one["text"]) <= 2_000 for one in block["fields"])
        for element in block.get("elements", []):
            assert element["text"], block


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = [*value.values()]
    if isinstance(value, list):
        for one in value:
            yield from _objects(one)


# ── Teams ────────────────────────────────────────────────────────────────────────────


@EACH
@BOTH
def test_teams_gets_runs_which_know_no_markdown(name: str, is_digest: bool) -> None:
    message = _message(name, is_digest)
    body = fitted(message, teams.document, teams.MOST_BYTES)
    assert len(body) <= teams.MOST_BYTES
    [attachment] = json.loads(body)["attachments"]
    card = attachment["content"]
    kinds = {one["type"] for one in _objects(card) if "type" in one}
    assert kinds == {"AdaptiveCard", "RichTextBlock", "TextRun", "Action.OpenUrl"}
    assert "entities" not in card["msteams"]
    for block in card["body"]:
        for run in block["inlines"]:
            assert_inert(run["text"])
            assert set(run) <= {"type", "text", "weight", "size", "color", "isSubtle"}
    [action] = card["actions"]
    assert action["url"] == message.link


# ── Discord ──────────────────────────────────────────────────────────────────────────

_UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[*_~`|<>\[\]()#@:]")


@EACH
@BOTH
def test_discord_reads_nothing_in_it(name: str, is_digest: bool) -> None:
    message = _message(name, is_digest)
    body = fitted(message, discord.document, discord.MOST_BYTES)
    said = json.loads(body)
    assert said["allowed_mentions"] == {"parse": []}
    [embed] = said["embeds"]
    values = [field["value"] for field in embed["fields"]]
    for text in (embed["title"], embed["description"], *values):
        assert_inert(text)
        for line in text.split("\n"):
            assert not _UNESCAPED.search(line), line
            assert not re.search(r"(?<!\\)(?:\\\\)*\\$", line), line
            assert not re.match(r"[-+>#]|\d+[.)] ", line), line
    assert_inert(embed["footer"]["text"])


@EACH
@BOTH
def test_discord_s_embed_is_within_its_bounds(name: str, is_digest: bool) -> None:
    [embed] = discord.document(_message(name, is_digest))["embeds"]
    assert 1 <= len(embed["title"]) <= 256
    assert len(embed["description"]) <= 4_096
    assert len(embed["fields"]) <= 25
    assert all(1 <= len(one["value"]) <= 1_024 for one in embed["fields"])
    counted = [embed["title"], embed["description"], embed["footer"]["text"]]
    counted += [text for one in embed["fields"] for text in one.values()]
    assert sum(map(len, counted)) <= 6_000


# ── PagerDuty and Opsgenie ───────────────────────────────────────────────────────────


@EACH
@BOTH
def test_pagerduty_gets_plain_texts(name: str, is_digest: bool) -> None:
    notices = _notices(name, is_digest)
    [incident] = incidents_of(notices, SITE, delivery_id=id_of(9))
    said = pagerduty.document(incident, "key", incident.message)
    assert len(json.dumps(said).encode()) <= pagerduty.MOST_BYTES
    assert 1 <= len(said["payload"]["summary"]) <= 1_024
    assert 1 <= len(said["dedup_key"]) <= 255
    assert said["payload"]["source"]
    for text in _texts(said):
        assert_inert(text, incident.message.link)


@EACH
@BOTH
def test_opsgenie_gets_plain_texts(name: str, is_digest: bool) -> None:
    notices = _notices(name, is_digest)
    [incident] = incidents_of(notices, SITE, delivery_id=id_of(9))
    said = opsgenie.document(incident, incident.message)
    assert 1 <= len(said["message"]) <= 130
    assert len(said["alias"]) <= 512
    assert len(said["description"]) <= 15_000
    assert 1 <= len(said["entity"]) <= 512
    assert all(len(tag) <= 50 for tag in said["tags"])
    for text in _texts(said):
        assert_inert(text, incident.message.link)


@EACH
def test_a_key_of_an_incident_holds_nothing_that_moves(name: str) -> None:
    failing = hostile(name, NoticeEvent.CHANNEL_FAILING)
    one = failing.model_copy(update={"problem_id": None})
    [incident] = incidents_of([one], SITE, delivery_id=id_of(9))
    assert len(incident.key) <= 255
    assert re.fullmatch(r"[!-~]+", incident.key)


# ── SNS ──────────────────────────────────────────────────────────────────────────────


@EACH
@BOTH
def test_sns_takes_subject_and_text(name: str, is_digest: bool) -> None:
    message = _message(name, is_digest)
    assert re.fullmatch(r"Cloudrota: [ -~]{1,89}", sns.subject(message))
    text = plain_text.text_of(message)
    assert len(text.encode()) <= 262_144
    links = (message.link, *(item.link for item in message.items))
    for line in text.split("\n"):
        assert_inert(line, *links)
    short = sns.short_text(message)
    assert len(short) <= 300
    assert "\n" not in short
    assert_inert(short, message.link)


# ── Mail ─────────────────────────────────────────────────────────────────────────────


class _Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str | None]] = {}
        self.shown: list[str] = []
        self._in_style = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._in_style = tag == "style"
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value)

    def handle_endtag(self, tag: str) -> None:
        self._in_style &= tag != "style"

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.shown.append(data)


TAGS = {
    *("html", "head", "meta", "title", "style", "body", "table", "tr", "td"),
    *("h1", "p", "br", "span", "a"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "role", "class", "width", "href"),
    *("cellpadding", "cellspacing", "align", "style"),
}


@EACH
@BOTH
def test_a_mail_holds_text_and_only_our_links(name: str, is_digest: bool) -> None:
    message = _message(name, is_digest)
    page = _Page(mail.html_of(message))
    assert page.tags <= TAGS
    assert set(page.attributes) <= ATTRIBUTES
    assert page.attributes["href"] == {message.link} | {i.link for i in message.items}
    assert all(str(link).startswith(SITE) for link in page.attributes["href"])
    for text in page.shown:
        assert_inert(text)
    assert message.title in page.shown
    assert len(mail.html_of(message)) < 102_400  # beyond that, some readers cut it


@EACH
@BOTH
def test_a_mail_s_headers_are_ours(
    name: str, is_digest: bool, settings: Settings
) -> None:
    message = _message(name, is_digest)
    to = mail.mail_of(message, "anna@example.com", delivery_id=id_of(9))
    raw = written(settings, to)
    assert set(raw.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type"),
    }
    assert str(raw["Subject"]) == to.subject
    assert 1 <= len(to.subject) <= 150
    assert_inert(to.subject)
    head = raw.as_bytes().split(b"\r\n\r\n")[0]
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))
    assert b"\nBcc" not in head


@EACH
@BOTH
def test_a_link_leads_into_the_console(name: str, is_digest: bool) -> None:
    message = _message(name, is_digest)
    for link in (message.link, *(item.link for item in message.items)):
        assert re.fullmatch(re.escape(SITE) + r"(?:/[A-Za-z0-9._/-]*)?", link)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "https://evil.example/",
        f"{SITE}.evil.example/x",
        f"{SITE}@evil.example/",
        f"{SITE}/problems/1?next=https://evil.example",
        f"{SITE}/x|<!channel>",
    ],
)
def test_a_link_that_leads_elsewhere_is_not_told(link: str) -> None:
    notice = hostile("empty").model_copy(update={"link": link})
    assert message_of([notice], SITE).link == SITE
