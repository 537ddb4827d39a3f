"""The files of settings that an embedded installation writes for itself."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from app.core.embedded.process import write_private


class EnvironmentFile:
    """NAME=value lines that a shell and pydantic-settings both read; mode 0600."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, str]:
        """The settings by name; none if the file is not written yet."""
        if not self.path.exists():
            return {}
        words = shlex.split(self.path.read_text(), comments=True)
        return {name: value for name, _, value in (w.partition("=") for w in words)}

    def update(self, settings: Mapping[str, str]) -> None:
        """Set these, keep the others."""
        merged = {**self.read(), **settings}
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in merged.items()]
        write_private(self.path, "".join(lines))
