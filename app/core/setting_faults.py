"""What is wrong with the settings, by the names of their variables."""

from pydantic import ValidationError
from pydantic_settings import SettingsError


class NotSet(ValueError):
    """What is asked for needs a setting that is not given, which is named."""


def faults(error: ValidationError | SettingsError) -> list[str]:
    """A line for each; none holds a value, for many are secrets."""
    if isinstance(error, SettingsError):  # one is to be JSON and is none
        return [str(error)]
    return [
        ": ".join([*(str(part).upper() for part in one["loc"][:1]), one["msg"]])
        for one in error.errors(include_url=False, include_input=False)
    ]
