"""Writes docs/logs.md from the code that logs: `python -m app.core.log_lines`; with
`--check` it only says whether the file is fresh."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.core.generated import write_or_check

APP = Path(__file__).parents[1]
FILE = APP.parent / "docs/logs.md"

_LEVELS = {
    "debug": "DEBUG",
    "info": "INFO",
    "log": "INFO or DEBUG",
    "warning": "WARNING",
    "error": "ERROR",
    "exception": "ERROR",
}
_HEAD = """\
# What processes log

Written by `python -m app.core.log_lines` from the code. For numbers see
[metrics.md](metrics.md), for who did what [audit-log.md](audit-log.md), which is no log
of a process but a part of the product.

Each process writes one JSON object a line to stderr and nothing anywhere else
(`app/core/log.py`); libraries' lines take the same way. Every line has `timestamp`
(UTC), `level`, `logger` and `event`, and where there is one `process`, `request_id`,
`organization_id`, `actor`, `execution_id`, `trace_id` and `span_id`; an error has
`exception`.
Passwords, tokens, keys and URLs with passwords are masked before a line is written,
whoever wrote it. `LOG_LEVEL` says from which level on lines are written.

In the deployment of `infrastructure/` the lines of each program go to a log group of
CloudWatch of its own, encrypted by the deployment's key and kept for `log_days`, which
nobody but operators reads; there also go PostgreSQL's log, the firewall's and the
network's flows. The load balancer's requests go to a bucket. Elsewhere stderr
is the operator's to collect and to keep from others: a line holds ids, addresses of
clients and names of settings, which is [internal or personal](data.md).

| `event` | Level | Says besides | Written in |
|---|---|---|---|
"""


class Line(NamedTuple):
    """What one call of a logger writes. `says` are the names of its members."""

    event: str
    level: str
    says: frozenset[str]
    file: str


def render() -> str:
    """The document's text."""
    merged: dict[tuple[str, str], list[Line]] = {}
    for line in sorted(lines()):
        merged.setdefault((line.event, line.level), []).append(line)
    return _HEAD + "".join(
        f"| `{event}` | {level} | {_codes(set[str]().union(*(one.says for one in of)))}"
        f" | {_codes({one.file for one in of})} |\n"
        for (event, level), of in merged.items()
    )


def lines() -> Iterator[Line]:
    """Each call of a module's `log`. ValueError names one whose event is no literal."""
    for path in sorted(APP.rglob("*.py")):
        file = path.relative_to(APP.parent).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name("log"), attr=method)
                ) if method in _LEVELS:
                    yield _line(node, method, file)


def _line(call: ast.Call, method: str, file: str) -> Line:
    named = {one.arg or "…" for one in call.keywords} - {"exc_info"}
    match call.args[1 if method == "log" else 0]:
        case ast.Constant(value=str(event)):
            return Line(event, _LEVELS[method], frozenset(named), file)
    raise ValueError(f"{file}:{call.lineno} logs an event that is no literal")


def _codes(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def main(arguments: list[str]) -> int:
    return write_or_check(FILE, render(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
