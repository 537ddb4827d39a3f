"""Lex: its verdicts, its reasons, its words."""

from app.aws.services.health import lexv2_models
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "lexv2-models:bot",
        {"botStatus": "Available"},
        "healthy",
        "The bot's state is Available.",
    ),
    (
        "lexv2-models:bot",
        {"botStatus": "Creating"},
        "in_transition",
        "The bot's state is Creating.",
    ),
    (
        "lexv2-models:bot",
        {"botStatus": "Inactive"},
        "inactive",
        "The bot's state is Inactive.",
    ),
    (
        "lexv2-models:bot",
        {"botStatus": "Failed"},
        "unhealthy",
        "The bot's state is Failed.",
    ),
    (
        "lexv2-models:bot",
        {"botStatus": "ODD"},
        "unknown",
        "The bot's state 'ODD' is not known.",
    ),
    ("lexv2-models:bot", {}, "unknown", "AWS states no bot's state."),
    (
        "lexv2-models:bot_alias",
        {"botAliasStatus": "Available"},
        "healthy",
        "The alias's state is Available.",
    ),
    (
        "lexv2-models:bot_alias",
        {"botAliasStatus": "Creating"},
        "in_transition",
        "The alias's state is Creating.",
    ),
    (
        "lexv2-models:bot_alias",
        {"botAliasStatus": "Failed"},
        "unhealthy",
        "The alias's state is Failed.",
    ),
    (
        "lexv2-models:bot_alias",
        {"botAliasStatus": "ODD"},
        "unknown",
        "The alias's state 'ODD' is not known.",
    ),
    ("lexv2-models:bot_alias", {}, "unknown", "AWS states no alias's state."),
]
WORDS: list[WordRow] = [
    (
        "lexv2-models",
        "ListBots",
        "botSummaries[]",
        "botStatus",
        lexv2_models.BOT_STATES,
    ),
    (
        "lexv2-models",
        "ListBotAliases",
        "botAliasSummaries[]",
        "botAliasStatus",
        lexv2_models.ALIAS_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
