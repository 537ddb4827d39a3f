"""Writes docs/cloudrota.md from the commands themselves: `python -m app.cli.document`;
with `--check` it only says whether the file is fresh."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from app.cli.commands import app
from app.core.generated import write_or_check

FILE = Path(__file__).parents[2] / "docs/cloudrota.md"

_HEAD = """\
# cloudrota, the operator's command line

Written by `python -m app.cli.document` from the commands themselves. `./cloudrota`
runs them in a checkout and in the image; each connects as what its settings say (see
[configuration.md](configuration.md)), and what it reads or changes of an organization
is in that organization's audit log. Answers are on stdout, everything else on stderr.
With `--json` the answer is one object. Exit codes: 0 done, 1 refused or something is
wrong, 2 asked for wrongly or not configured for it.
"""


def render() -> str:
    """The document's text."""
    sections = [_section(name, one) for name, one in commands()]
    return "\n".join([_HEAD, *sections])


def commands() -> list[tuple[str, Any]]:
    """Every command by its words, those of groups among them."""
    return list(_of(typer.main.get_command(app)))


def _of(command: Any, *above: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(command, TyperGroup):
        yield " ".join(above), command
        return
    for name, one in command.commands.items():
        yield from _of(one, *above, name)


def _section(name: str, command: Any) -> str:
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    said = " ".join((command.help or "").split())
    records = (_record(one, context) for one in command.params)
    listed = [f"- `{record[0]}`: {record[1]}\n" for record in records if record]
    return f"## {name}\n\n`cloudrota {usage}`\n\n{said}\n\n{''.join(listed)}"


def _record(one: Any, context: Any) -> tuple[str, str] | None:
    """What an option is given as, or an argument is named, and what it means."""
    record: tuple[str, str] | None = one.get_help_record(context)
    return record


def main(arguments: list[str]) -> int:
    return write_or_check(FILE, render(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
