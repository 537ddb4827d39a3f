"""Which hosts belong to Slack, Teams and Discord: a URL that leads elsewhere is none of
theirs, whatever else it may be."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from app.core.channels import ChannelType
from app.integrations.outbound_target import Refusal, Target, UnsafeTarget, target_of

_NAME = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
# Of each, the host and the beginning of the path.
_RULES: Mapping[ChannelType, re.Pattern[str]] = MappingProxyType(
    {
        ChannelType.SLACK: re.compile(r"hooks\.slack\.com/(?:services|workflows)/"),
        ChannelType.TEAMS: re.compile(
            rf"{_NAME}\.(?:webhook\.office\.com|logic\.azure\.com|powerplatform\.com)/"
        ),
        ChannelType.DISCORD: re.compile(r"(?:discord|discordapp)\.com/api/webhooks/"),
    }
)


def judged(type: ChannelType, url: str) -> Target:
    """What a channel's URL asks for. Raises UnsafeTarget if it is no URL that is asked,
    or not one of the service's."""
    target = target_of(url)
    if _RULES[type].match(f"{target.host}{target.path}") is None:
        raise UnsafeTarget(Refusal.NOT_THE_SERVICE)
    return target
