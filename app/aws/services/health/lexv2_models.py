"""Lex: bots and the aliases that clients call."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

BOT_STATES: Mapping[str, Verdict] = {
    "Available": "healthy",
    "Creating": "in_transition",
    "Versioning": "in_transition",
    "Importing": "in_transition",
    "Updating": "in_transition",
    "Deleting": "in_transition",
    "Inactive": "inactive",
    "Failed": "unhealthy",
}
ALIAS_STATES: Mapping[str, Verdict] = {
    "Available": "healthy",
    "Creating": "in_transition",
    "Deleting": "in_transition",
    "Failed": "unhealthy",
}


def bot(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("bot's state", item.get("botStatus"), BOT_STATES)


def alias(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("alias's state", item.get("botAliasStatus"), ALIAS_STATES)


CHECKS = (
    HealthCheck(
        key="lexv2-models:bot",
        title="Bots",
        listing="lexv2-models:ListBots",
        actions=("lex:ListBots",),
        judge=bot,
        facts={"state": "botStatus"},
    ),
    HealthCheck(
        key="lexv2-models:bot_alias",
        title="Bot aliases",
        listing="lexv2-models:ListBotAliases",
        actions=(
            "lex:ListBots",
            "lex:ListBotAliases",
        ),
        judge=alias,
        facts={"state": "botAliasStatus", "version": "botVersion"},
    ),
)
