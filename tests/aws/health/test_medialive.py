"""MediaLive: channels with too few pipelines, and inputs."""

from typing import Any

from app.aws.services.health import medialive
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

CHANNEL, INPUT = "medialive:channel", "medialive:input"


def channel(
    running: int, kind: str = "STANDARD", state: str = "RUNNING"
) -> dict[str, Any]:
    return {"State": state, "ChannelClass": kind, "PipelinesRunningCount": running}


VERDICTS: list[VerdictRow] = [
    (CHANNEL, channel(2), "healthy", "2 of 2 pipelines are running."),
    (CHANNEL, channel(1), "degraded", "1 of 2 pipelines are running."),
    (
        CHANNEL,
        channel(1, "SINGLE_PIPELINE"),
        "healthy",
        "1 of 1 pipelines are running.",
    ),
    (CHANNEL, channel(0), "unhealthy", "0 of 2 pipelines are running."),
    (
        CHANNEL,
        channel(2, "ODD"),
        "unknown",
        "AWS does not state how many pipelines run.",
    ),
    (CHANNEL, channel(0, state="IDLE"), "inactive", "The channel's state is IDLE."),
    (
        CHANNEL,
        channel(0, state="UPDATE_FAILED"),
        "unhealthy",
        "The channel's state is UPDATE_FAILED.",
    ),
    (CHANNEL, {}, "unknown", "AWS states no channel's state."),
    (INPUT, {"State": "ATTACHED"}, "healthy", "The input's state is ATTACHED."),
    (INPUT, {"State": "DETACHED"}, "inactive", "The input's state is DETACHED."),
    (INPUT, {}, "unknown", "AWS states no input's state."),
]
WORDS: list[WordRow] = [
    ("medialive", "ListChannels", "Channels[]", "State", medialive.CHANNEL_STATES),
    ("medialive", "ListChannels", "Channels[]", "ChannelClass", medialive.PIPELINES),
    ("medialive", "ListInputs", "Inputs[]", "State", medialive.INPUT_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
