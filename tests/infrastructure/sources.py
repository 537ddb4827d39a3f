"""The Terraform as it is written, read without Terraform."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import hcl2

from tests.walks.python import ROOT

INFRASTRUCTURE = ROOT / "infrastructure"


class Block(NamedTuple):
    """`labels` are those behind the kind: of a resource its type and its name."""

    path: Path
    kind: str
    labels: tuple[str, ...]
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.path} {'.'.join((self.kind, *self.labels))}"


def files() -> list[Path]:
    """Relative to the folder."""
    return sorted(
        path.relative_to(INFRASTRUCTURE) for path in INFRASTRUCTURE.rglob("*.tf")
    )


def blocks(kind: str) -> list[Block]:
    """All of them, of all files."""
    return [one for path in files() for one in _blocks_of(path) if one.kind == kind]


def plain(value: Any) -> Any:
    """A text without the quotes that it has in the source."""
    return value.strip('"') if isinstance(value, str) else value


@cache
def _blocks_of(path: Path) -> list[Block]:
    return list(read((INFRASTRUCTURE / path).read_text("utf-8"), path))


def read(text: str, path: Path) -> Iterator[Block]:
    for kind, found in hcl2.loads(text).items():
        for body in found if isinstance(found, list) else []:
            yield _unpacked(path, kind, body)


def _unpacked(path: Path, kind: str, body: dict[str, Any]) -> Block:
    """Labels are keys, each inside the one before it."""
    labels: list[str] = []
    while len(body) == 1 and (label := next(iter(body))).startswith('"'):
        labels.append(plain(label))
        body = body[label]
    return Block(path, kind, tuple(labels), body)
