"""What may be entered as a channel: which members and which secret its type has."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from app.core import channels
from app.core.channels import SECRET_OF, ChannelType, Configuration
from app.core.errors import FieldError, Invalid

_ALONE: Mapping[ChannelType, type[Configuration]] = MappingProxyType(
    {
        ChannelType.SLACK: channels.Slack,
        ChannelType.TEAMS: channels.Teams,
        ChannelType.DISCORD: channels.Discord,
        ChannelType.PAGERDUTY: channels.PagerDuty,
        ChannelType.OPSGENIE: channels.Opsgenie,
    }
)
_TOPIC = re.compile(
    r"arn:aws:sns:(?P<region>[a-z0-9-]{1,32}):(?P<account>[0-9]{12})"
    r":[A-Za-z0-9_-]{1,256}(?:\.fifo)?"
)


def configuration_of(entry: Mapping[str, Any]) -> Configuration:
    """The configuration that the members make; raises Invalid. `entry` has its `type`,
    and no members that are null."""
    try:
        return _model_of(entry).model_validate(entry)
    except ValidationError as error:
        raise _invalid(
            *(
                FieldError(
                    "/".join(("/configuration", *map(str, item["loc"]))),
                    item["type"],
                    item["msg"],
                )
                for item in error.errors(include_url=False)
            )
        ) from error


def _model_of(entry: Mapping[str, Any]) -> type[Configuration]:
    kind = ChannelType(entry["type"])
    if kind is ChannelType.EMAIL:
        is_one = entry.get("to") == "address"
        return channels.EmailToAddress if is_one else channels.EmailToManagers
    if kind is ChannelType.SNS:
        is_text = "phone_number" in entry
        return channels.SnsText if is_text else channels.SnsTopic
    return _ALONE[kind]


def topic_of(topic_arn: str) -> tuple[str, str]:
    """Region and account of a topic; raises Invalid for what is no ARN of one."""
    found = _TOPIC.fullmatch(topic_arn)
    if found is None:
        raise Invalid.field(
            "/configuration/topic_arn",
            "not_a_topic",
            "A topic's ARN is arn:aws:sns:<region>:<12 digits>:<name>.",
        )
    return found["region"], found["account"]


def refuse_secrets_of_others(
    kind: ChannelType, given: Mapping[str, object], *, needed: bool
) -> None:
    """Raises Invalid for a secret that the type has none of, and for one that is
    missing. `given` are `url` and `key`, either of which may be None."""
    own = SECRET_OF.get(kind)
    wrong = [
        FieldError(f"/{name}", "unexpected", f"A channel of type {kind} has none.")
        for name, value in given.items()
        if value is not None and name != own
    ]
    if needed and own is not None and given[own] is None:
        message = f"A channel of type {kind} needs it."
        wrong.append(FieldError(f"/{own}", "required", message))
    if wrong:
        raise _invalid(*wrong)


def _invalid(*fields: FieldError) -> Invalid:
    names = ", ".join(field.pointer for field in fields)
    return Invalid(f"Look at {names}.", fields=fields)
