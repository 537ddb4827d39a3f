"""Writes `.env.example` from the settings: `python -m app.core.env_example`; with
`--check` it only says whether the file is fresh."""

import json
import sys
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.core.generated import write_or_check
from app.core.settings import Settings

FILE = Path(__file__).parents[2] / ".env.example"

_HEAD = """\
# Every setting of Cloudrota, by the name of its environment variable.
# Written by `python -m app.core.env_example`: change app/core/settings.py instead.
# In development `make dev-up` writes .local/dev.env, and this file is not needed.
# Elsewhere give the variables to the processes, or copy this file to .env.
"""


def render() -> str:
    """The file's text. ValueError names a setting without a description."""
    entries = [_entry(name, field) for name, field in Settings.model_fields.items()]
    return "\n".join([_HEAD, *entries])


def is_secret(field: FieldInfo) -> bool:
    return "SecretStr" in str(field.annotation)


def _entry(name: str, field: FieldInfo) -> str:
    facts = facts_of(name, field)
    if is_secret(field):
        facts.append("Secret.")
    if field.is_required():
        return f"# {' '.join([*facts, 'Required.'])}\n{name.upper()}=\n"
    return f"# {' '.join(facts)}\n# {name.upper()}={default_of(field)}\n"


def facts_of(name: str, field: FieldInfo) -> list[str]:
    """What a setting means and the numbers it may be, in sentences."""
    if not field.description:
        raise ValueError(f"the setting {name} needs a description")
    return [field.description, *_bounds(field)]


def _bounds(field: FieldInfo) -> list[str]:
    """The numbers that a value may be, as sentences."""
    words = {"ge": "At least", "le": "At most"}
    return [
        f"{word} {getattr(limit, side)}."
        for limit in field.metadata
        for side, word in words.items()
        if hasattr(limit, side)
    ]


def default_of(field: FieldInfo) -> str:
    """The default as the variable would be written; nothing where there is none."""
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is None or isinstance(default, SecretStr):
        return ""
    if isinstance(default, str):
        return default
    return json.dumps(default)


def main(arguments: list[str]) -> int:
    return write_or_check(FILE, render(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
