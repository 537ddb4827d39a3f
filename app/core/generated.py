"""Files that are written from the code: `python -m` of the module that renders one
writes it; with `--check` it only says whether the file is fresh."""

import sys
from collections.abc import Sequence
from pathlib import Path


def write_or_check(file: Path, text: str, arguments: Sequence[str]) -> int:
    """The exit code: 1 for a file that is stale, which is said."""
    if "--check" not in arguments:
        file.write_text(text, "utf-8")
        return 0
    if file.is_file() and file.read_text("utf-8") == text:
        return 0
    sys.stderr.write(f"{file.name} is stale: make generated\n")
    return 1
