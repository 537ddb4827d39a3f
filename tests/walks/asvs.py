"""Our verdicts on the OWASP ASVS (`security/asvs.yaml`): read, held against the code
they point to, and counted. `make asvs` shows what is not met."""

import ast
import json
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from tests.walks.python import ROOT, modules, named

VERDICTS = ROOT / "security/asvs.yaml"
STANDARD = ROOT / "security/asvs-5.0.0.yaml"
LEVELS = (1, 2)

# Files of tests that are not Python's, and how a test begins in them.
_OTHER_TESTS = {
    ".spec.ts": ("test(",),
    ".test.ts": ("it(",),
    ".test.tsx": ("it(",),
    ".tftest.hcl": ("run ",),
}

Verdict = Literal["met", "partly", "not_met", "not_applicable"]


class Item(BaseModel):
    """One requirement, in our words: what is asked, how it stands, where that is done,
    what proves it, and why it is so or what is missing."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: str = Field(pattern=r"^V\d+\.\d+\.\d+$")
    level: int
    asks: str = Field(min_length=4)
    verdict: Verdict
    where: list[str] = []
    test: list[str] = []
    why: str = ""

    def faults(self) -> list[str]:
        """What contradicts itself, or is said to be where it is not."""
        found = [f"no {one}" for one in self._missing() if not getattr(self, one)]
        if self.verdict == "not_applicable" and (self.where or self.test):
            found.append("what does not apply has neither place nor test")
        found += [f"{place} is not there" for place in self.where if not _is(place)]
        found += [f"{test} is no test" for test in self.test if not _is_test(test)]
        return [f"{self.id}: {fault}" for fault in found]

    def _missing(self) -> tuple[str, ...]:
        return {
            "met": ("where", "test"),
            "partly": ("where", "why"),
            "not_met": ("why",),
            "not_applicable": ("why",),
        }[self.verdict]


def verdicts() -> list[Item]:
    return [Item.model_validate(one) for one in _read(VERDICTS)]


def required() -> dict[str, int]:
    """The level of each requirement of the levels we go by."""
    return {id: level for id, level in standard().items() if level in LEVELS}


def standard() -> dict[str, int]:
    """The level of each requirement there is."""
    sections: dict[str, str] = _read(STANDARD)["levels"]
    return {
        f"{section}.{number}": int(level)
        for section, digits in sections.items()
        for number, level in enumerate(digits, start=1)
    }


def counts_of_the_standard() -> dict[int, int]:
    """How many it says it has of each level."""
    counted: dict[int, int] = _read(STANDARD)["counts"]
    return counted


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def _is(place: str) -> bool:
    """`file`, `file:Symbol.of.python`, or `file:text that stands in it`."""
    file, _, symbol = place.partition(":")
    path = ROOT / file
    if not symbol or not path.is_file():
        return path.exists()
    if path.suffix == ".py":
        return symbol in _symbols(Path(file))
    return symbol in path.read_text("utf-8")


@cache
def _symbols(file: Path) -> frozenset[str]:
    """Functions, classes, and names that are given a value, with what they stand in."""
    module = modules()[file]
    found = {name for name, _ in named(module)}
    for outer, node in named(module):
        for target in _targets(node):
            found.add(f"{outer}.{target}".lstrip("."))
    return frozenset(found)


def _targets(node: ast.AST) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [one.id for one in targets if isinstance(one, ast.Name)]


def _is_test(test: str) -> bool:
    """A test of pytest, Playwright, Vitest or Terraform, as `file::name`, or `make` and
    a target."""
    if test.startswith("make "):
        return f"\n{test.removeprefix('make ')}:" in (ROOT / "Makefile").read_text()
    file, _, name = test.partition("::")
    for ending, begins in _OTHER_TESTS.items():
        if file.endswith(ending):
            return any(f'{begin}"{name}"' in _text(file) for begin in begins)
    is_module = Path(file).name.startswith("test_") and Path(file) in modules()
    return is_module and name.startswith("test_") and name in _functions(Path(file))


def _text(file: str) -> str:
    path = ROOT / file
    return path.read_text("utf-8") if path.is_file() else ""


@cache
def _functions(file: Path) -> frozenset[str]:
    here = modules()[file].body
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in here if isinstance(node, kinds))


def main() -> None:
    """What is not wholly met, then one line of JSON."""
    items = verdicts()
    for item in items:
        if item.verdict in {"partly", "not_met"}:
            text = f"{item.id:8} L{item.level} {item.verdict:8} {item.asks}: {item.why}"
            sys.stdout.write(f"{text}\n")
    summary: dict[str, object] = {"items": len(items), "required": len(required())}
    for level in LEVELS:
        of_level = Counter(one.verdict for one in items if one.level == level)
        summary[f"level_{level}"] = dict(sorted(of_level.items()))
    summary["faults"] = sum(len(item.faults()) for item in items)
    sys.stdout.write(json.dumps(summary) + "\n")


if __name__ == "__main__":
    main()
