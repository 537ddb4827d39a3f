"""Reads the Dockerfile, .dockerignore, docker-compose.yml, the workflows and the
Makefile, as far as the tests look at them."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


class Instruction(NamedTuple):
    """One of the Dockerfile: its word, and the rest in one line."""

    word: str
    rest: str

    @property
    def command(self) -> list[str]:
        """Of the exec form, which needs no shell."""
        parsed: list[str] = json.loads(self.rest[self.rest.index("[") :])
        return parsed


def stages() -> list[list[Instruction]]:
    """The Dockerfile's; before the first FROM there are only arguments."""
    found: list[list[Instruction]] = [[]]
    for instruction in _instructions(text("Dockerfile")):
        if instruction.word == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def _instructions(source: str) -> Iterator[Instruction]:
    lines = [line for line in source.splitlines() if not line.startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield Instruction(word, one_line(rest))


def base_images() -> dict[str, str]:
    """The defaults of the arguments that FROM names."""
    return dict(each.rest.split("=", 1) for each in stages()[0] if each.word == "ARG")


def copied() -> Iterator[str]:
    """What COPY takes from the checkout."""
    for stage in stages():
        for instruction in stage:
            if instruction.word == "COPY" and "--from" not in instruction.rest:
                yield from shlex.split(instruction.rest)[:-1]


class Ignored(NamedTuple):
    """A line of .dockerignore: the last that matches a path, or a folder it is in,
    decides."""

    pattern: re.Pattern[str]
    is_kept: bool


def reaches_the_build(path: str) -> bool:
    """Whether this file of the checkout is sent to the builder."""
    kept = True
    for line in _ignored():
        if line.pattern.fullmatch(path):
            kept = line.is_kept
    return kept


def _ignored() -> Iterator[Ignored]:
    for line in text(".dockerignore").splitlines():
        if line and not line.startswith("#"):
            glob = line.removeprefix("!").strip("/")
            parts = re.split(r"(\*\*/|\*|\?)", glob)
            said = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
            pattern = "".join(said.get(part, re.escape(part)) for part in parts)
            yield Ignored(re.compile(rf"{pattern}(?:/.*)?"), line.startswith("!"))


def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))
    return parsed


def workflow(path: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return parsed


def recipe(target: str) -> str:
    """What make runs for it, in one line."""
    found = re.search(
        rf"^{re.escape(target)}:.*\n((?:\t.*\n)+)", text("Makefile"), re.MULTILINE
    )
    assert found, target
    return one_line(found[1].replace("\\\n", " "))


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def one_line(source: str) -> str:
    return " ".join(source.split())
